//! Can the logs be deleted by those whom they record? Buckets need versions with a lock or MFA delete; event data stores
//! termination protection and a customer managed key. Object Lock without a default rule locks nothing that CloudTrail writes.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::types::EventDataStoreStatus;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, MfaDeleteStatus, ObjectLockConfiguration, ObjectLockEnabled};
use posture_estate::services::cloudtrail::delivery_buckets;
use posture_estate::services::s3::Bucket;

pub async fn probe(at: &Account) -> Outcome {
    let buckets = delivery_buckets(at, |bucket| async move {
        let versioning = match at.s3().bucket_versioning(&bucket).await {
            Ok(versioning) => versioning,
            Err(gap) => return Verdict::unseen(&gap),
        };
        match versioned(&bucket, &versioning) {
            Versions::Settled(verdict) => verdict,
            Versions::NeedLock => match at.s3().bucket_object_lock(&bucket).await {
                Ok(lock) => locked(&bucket, lock.as_ref().as_ref()),
                Err(gap) => Verdict::unseen(&gap),
            },
        }
    });
    let stores = each(at.regions(), |region| stores(at, region));
    let (buckets, stores) = tokio::join!(buckets, stores);
    let buckets = match buckets {
        Ok(findings) => findings,
        Err(gap) => vec![Verdict::unseen(&gap).sub("trails").on(at.resource())],
    };
    Ok(buckets.into_iter().chain(stores).collect())
}

async fn stores(at: &Account, region: &String) -> Vec<Finding> {
    match at.cloudtrail().event_data_stores(region).await {
        Ok(arns) => {
            each(arns.iter(), async |arn: &String| {
                let id = arn.rsplit('/').next().unwrap_or(arn);
                let resource = Resource::new(arn, "AWS::CloudTrail::EventDataStore", id).region(region);
                match at.cloudtrail().event_data_store(region, arn).await {
                    Ok(store) => store_kept(&store).on(resource.name(store.name().unwrap_or(id))),
                    Err(gap) => Verdict::unseen(&gap).on(resource),
                }
            })
            .await
        }
        Err(gap) => vec![Verdict::unseen(&gap).sub("event data stores").on(at.resource().region(region))],
    }
}

enum Versions {
    Settled(Verdict),
    NeedLock,
}

fn versioned(bucket: &Bucket, versioning: &GetBucketVersioningOutput) -> Versions {
    let name = bucket.name();
    if versioning.status() != Some(&BucketVersioningStatus::Enabled) {
        return Versions::Settled(Verdict::fail(
            "bucket_not_versioned",
            format!("trail bucket {name} is not versioned"),
        ));
    }
    if versioning.mfa_delete() == Some(&MfaDeleteStatus::Enabled) {
        return Versions::Settled(Verdict::pass(format!("trail bucket {name} is versioned with MFA delete")));
    }
    Versions::NeedLock
}

fn locked(bucket: &Bucket, lock: Option<&ObjectLockConfiguration>) -> Verdict {
    let name = bucket.name();
    let Some(lock) = lock.filter(|lock| lock.object_lock_enabled() == Some(&ObjectLockEnabled::Enabled)) else {
        return Verdict::fail(
            "bucket_not_locked",
            format!("trail bucket {name} is versioned but has neither Object Lock nor MFA delete"),
        );
    };
    let retention = lock.rule().and_then(|rule| rule.default_retention());
    let span =
        retention.and_then(|r| r.days().map(|d| format!("{d} days")).or(r.years().map(|y| format!("{y} years"))));
    match (retention.and_then(|r| r.mode()), span) {
        (Some(mode), Some(span)) => Verdict::pass(format!(
            "trail bucket {name} is versioned and locks each object for {span} in {} mode",
            mode.as_str()
        )),
        _ => Verdict::fail(
            "no_default_retention",
            format!("trail bucket {name} has Object Lock without a default retention rule"),
        ),
    }
}

fn store_kept(store: &GetEventDataStoreOutput) -> Verdict {
    let name = store.name().unwrap_or("without a name");
    let mut reasons = Reasons::new();
    if store.status() == Some(&EventDataStoreStatus::PendingDeletion) {
        reasons.broken("store_pending_deletion", format!("event data store {name} is pending deletion"));
    }
    match store.termination_protection_enabled() {
        Some(true) => {}
        Some(false) => {
            reasons.broken("store_unprotected", format!("event data store {name} has no termination protection"))
        }
        None => {
            reasons.doubt(format!("CloudTrail does not say whether event data store {name} has termination protection"))
        }
    }
    if store.kms_key_id().is_none_or(str::is_empty) {
        reasons.broken("store_without_own_key", format!("event data store {name} has no customer managed key"));
    }
    reasons.or_pass(|| format!("event data store {name} has termination protection and a customer managed key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{DefaultRetention, ObjectLockRetentionMode, ObjectLockRule};

    fn settled(
        versioning: aws_sdk_s3::operation::get_bucket_versioning::builders::GetBucketVersioningOutputBuilder,
    ) -> Option<Status> {
        match versioned(&Bucket::named("logs"), &versioning.build()) {
            Versions::Settled(verdict) => Some(verdict.status),
            Versions::NeedLock => None,
        }
    }

    #[test]
    fn versions_come_first() {
        let new = GetBucketVersioningOutput::builder;
        assert_eq!(settled(new()), Some(Status::Fail));
        assert_eq!(settled(new().status(BucketVersioningStatus::Suspended)), Some(Status::Fail));
        let on = new().status(BucketVersioningStatus::Enabled);
        assert_eq!(settled(on.clone().mfa_delete(MfaDeleteStatus::Enabled)), Some(Status::Pass));
        assert_eq!(settled(on.mfa_delete(MfaDeleteStatus::Disabled)), None);
    }

    #[test]
    fn a_lock_needs_a_default_rule() {
        let judge = |lock: Option<ObjectLockConfiguration>| locked(&Bucket::named("logs"), lock.as_ref()).status;
        assert_eq!(judge(None), Status::Fail);
        let on = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled);
        assert_eq!(judge(Some(on.clone().build())), Status::Fail);
        let retention = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(365).build();
        let rule = ObjectLockRule::builder().default_retention(retention).build();
        assert_eq!(judge(Some(on.rule(rule).build())), Status::Pass);
    }

    #[test]
    fn a_store_needs_protection_and_a_key() {
        let store = GetEventDataStoreOutput::builder().name("lake").status(EventDataStoreStatus::Enabled);
        let kept = store.clone().termination_protection_enabled(true).kms_key_id("arn:aws:kms:us-east-1:1:key/1");
        assert_eq!(store_kept(&kept.clone().build()).status, Status::Pass);
        assert_eq!(store_kept(&kept.status(EventDataStoreStatus::PendingDeletion).build()).status, Status::Fail);
        assert_eq!(store_kept(&store.clone().termination_protection_enabled(true).build()).status, Status::Fail);
        assert_eq!(store_kept(&store.kms_key_id("k").build()).status, Status::Unknown);
    }
}
