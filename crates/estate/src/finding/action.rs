//! IAM actions whose name is not that of the operation they allow.
//!
//! Cards and reports name calls as `service:Operation`; a role needs the IAM action. Most are the same word.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use std::borrow::Cow;

/// Operation → IAM action, where they differ by more than the service's prefix.
const DIFFERENT: &[(&str, &str)] = &[
    ("s3:GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    ("s3:GetBucketCors", "s3:GetBucketCORS"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
    ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
    ("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("s3control:GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
];

/// The SDK's name of a service → its prefix in IAM, where they differ.
const PREFIXES: &[(&str, &str)] = &[("s3control:", "s3:")];

/// Calls that IAM lets every principal make, whatever its policies say.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
const FREE: &[&str] = &["sts:GetCallerIdentity"];

/// The IAM action that allows `call` (`service:Operation`).
pub fn iam_action(call: &str) -> Cow<'_, str> {
    if let Some((_, action)) = DIFFERENT.iter().find(|(operation, _)| *operation == call) {
        return Cow::Borrowed(action);
    }
    let moved = PREFIXES.iter().find_map(|(sdk, iam)| Some(format!("{iam}{}", call.strip_prefix(sdk)?)));
    moved.map_or(Cow::Borrowed(call), Cow::Owned)
}

/// Whether a policy has to allow the call at all.
pub fn needs_permission(call: &str) -> bool {
    !FREE.contains(&call)
}

#[cfg(test)]
mod tests {
    use super::{DIFFERENT, iam_action};
    use posture_policy::knows_action;

    #[test]
    fn operations_are_translated_where_they_differ() {
        assert_eq!(iam_action("s3:ListBuckets"), "s3:ListAllMyBuckets");
        assert_eq!(iam_action("s3control:GetPublicAccessBlock"), "s3:GetAccountPublicAccessBlock");
        assert_eq!(iam_action("s3control:GetAccessPoint"), "s3:GetAccessPoint");
        assert_eq!(iam_action("iam:GetAccountSummary"), "iam:GetAccountSummary");
    }

    #[test]
    fn what_is_translated_needs_it_and_exists() {
        for (call, action) in DIFFERENT {
            assert!(knows_action(action) && !knows_action(call), "{call}");
        }
    }
}
