//! Can what a bucket holds be destroyed by whoever may write to it? Versions that need MFA to be deleted, and Object Lock with a
//! default retention, prevent it. Object Lock without a default rule locks nothing that does not ask for it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use super::{Bucket, S3};
use crate::finding::Gap;
use crate::place::{Account, Perhaps};
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, MfaDeleteStatus, ObjectLockConfiguration, ObjectLockEnabled};

/// What keeps the objects of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Not versioned: neither protection can exist.
    Unversioned,
    MfaDelete,
    /// Versioned, and that is all.
    Unlocked,
    NoDefaultRetention,
    /// Each new object, for a `span` such as "30 days"; in a mode, which AWS always tells.
    Locked {
        span: String,
        mode: Option<String>,
    },
}

impl S3<'_, Account> {
    /// Object Lock is asked for only where it can exist and matter.
    ///
    /// # Errors
    /// The gap of either question.
    pub async fn bucket_protection(self, bucket: &Bucket) -> Result<Protection, Gap> {
        match by_versions(&*self.bucket_versioning(bucket).await?) {
            Some(protection) => Ok(protection),
            None => Ok(by_lock(self.bucket_object_lock(bucket).await?.there())),
        }
    }
}

/// `None` where Object Lock decides.
fn by_versions(versioning: &GetBucketVersioningOutput) -> Option<Protection> {
    if versioning.status() != Some(&BucketVersioningStatus::Enabled) {
        return Some(Protection::Unversioned);
    }
    (versioning.mfa_delete() == Some(&MfaDeleteStatus::Enabled)).then_some(Protection::MfaDelete)
}

fn by_lock(lock: Option<&ObjectLockConfiguration>) -> Protection {
    let Some(lock) = lock.filter(|lock| lock.object_lock_enabled() == Some(&ObjectLockEnabled::Enabled)) else {
        return Protection::Unlocked;
    };
    let Some(retention) = lock.rule().and_then(|rule| rule.default_retention()) else {
        return Protection::NoDefaultRetention;
    };
    let mode = retention.mode().map(|mode| mode.as_str().to_owned());
    match (retention.days(), retention.years()) {
        (Some(days), _) if days > 0 => Protection::Locked { span: format!("{days} days"), mode },
        (_, Some(years)) if years > 0 => Protection::Locked { span: format!("{years} years"), mode },
        _ => Protection::NoDefaultRetention,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{DefaultRetention, ObjectLockRetentionMode, ObjectLockRule};

    #[test]
    fn versions_come_first() {
        let new = GetBucketVersioningOutput::builder;
        assert_eq!(by_versions(&new().build()), Some(Protection::Unversioned));
        let suspended = new().status(BucketVersioningStatus::Suspended).mfa_delete(MfaDeleteStatus::Enabled);
        assert_eq!(by_versions(&suspended.build()), Some(Protection::Unversioned));
        let on = new().status(BucketVersioningStatus::Enabled);
        assert_eq!(by_versions(&on.clone().mfa_delete(MfaDeleteStatus::Enabled).build()), Some(Protection::MfaDelete));
        assert_eq!(by_versions(&on.mfa_delete(MfaDeleteStatus::Disabled).build()), None);
    }

    #[test]
    fn a_lock_needs_a_default_rule() {
        assert_eq!(by_lock(None), Protection::Unlocked);
        assert_eq!(by_lock(Some(&ObjectLockConfiguration::builder().build())), Protection::Unlocked);
        let on = || ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled);
        assert_eq!(by_lock(Some(&on().build())), Protection::NoDefaultRetention);
        let retained = |retention: DefaultRetention| {
            by_lock(Some(&on().rule(ObjectLockRule::builder().default_retention(retention).build()).build()))
        };
        let new = DefaultRetention::builder;
        assert_eq!(retained(new().days(0).build()), Protection::NoDefaultRetention);
        assert_eq!(retained(new().years(2).build()), Protection::Locked { span: "2 years".into(), mode: None });
        let mode = ObjectLockRetentionMode::Governance;
        let locked = Protection::Locked { span: "365 days".into(), mode: Some("GOVERNANCE".into()) };
        assert_eq!(retained(new().days(365).mode(mode).build()), locked);
    }
}
