//! IAM actions whose name is not that of the operation they allow.
//!
//! Cards and reports name calls as `service:Operation`; a role needs the IAM action. Most are the same word.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

/// Operation → IAM action, where they differ.
const DIFFERENT: &[(&str, &str)] = &[
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
    ("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("s3control:GetAccessPoint", "s3:GetAccessPoint"),
    ("s3control:GetAccessPointPolicy", "s3:GetAccessPointPolicy"),
    ("s3control:GetAccessPointPolicyStatus", "s3:GetAccessPointPolicyStatus"),
    ("s3control:GetMultiRegionAccessPoint", "s3:GetMultiRegionAccessPoint"),
    ("s3control:GetMultiRegionAccessPointPolicy", "s3:GetMultiRegionAccessPointPolicy"),
    ("s3control:GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ("s3control:ListAccessPoints", "s3:ListAccessPoints"),
    ("s3control:ListMultiRegionAccessPoints", "s3:ListMultiRegionAccessPoints"),
];

/// The IAM action that allows `call` (`service:Operation`).
pub fn iam_action(call: &str) -> &str {
    DIFFERENT.iter().find(|(operation, _)| *operation == call).map_or(call, |(_, action)| action)
}

#[cfg(test)]
mod tests {
    use super::iam_action;

    #[test]
    fn operations_are_translated_where_they_differ() {
        assert_eq!(iam_action("s3:ListBuckets"), "s3:ListAllMyBuckets");
        assert_eq!(iam_action("s3control:GetPublicAccessBlock"), "s3:GetAccountPublicAccessBlock");
        assert_eq!(iam_action("iam:GetAccountSummary"), "iam:GetAccountSummary");
    }
}
