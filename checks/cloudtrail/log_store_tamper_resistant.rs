//! Can the logs be deleted by those whom they record? Buckets need versions with a lock or MFA delete; event data stores
//! termination protection and a customer managed key. Object Lock without a default rule locks nothing that CloudTrail writes.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::types::EventDataStoreStatus;
use posture_estate::services::cloudtrail::buckets::delivery_buckets;
use posture_estate::services::s3::protection::Protection;

pub async fn probe(at: &Account) -> Outcome {
    let buckets = delivery_buckets(at, |bucket| async move {
        match at.s3().bucket_protection(&bucket).await {
            Ok(protection) => kept(bucket.name(), protection),
            Err(gap) => Verdict::unseen(&gap),
        }
    });
    let stores = each(at.regions(), |region| stores(at, region));
    let (buckets, stores) = join!(buckets, stores);
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

fn kept(name: &str, protection: Protection) -> Verdict {
    match protection {
        Protection::Unversioned => {
            Verdict::fail("bucket_not_versioned", format!("trail bucket {name} is not versioned"))
        }
        Protection::MfaDelete => Verdict::pass(format!("trail bucket {name} is versioned with MFA delete")),
        Protection::Unlocked => Verdict::fail(
            "bucket_not_locked",
            format!("trail bucket {name} is versioned but has neither Object Lock nor MFA delete"),
        ),
        Protection::Locked { span, mode: Some(mode) } => {
            Verdict::pass(format!("trail bucket {name} is versioned and locks each object for {span} in {mode} mode"))
        }
        Protection::NoDefaultRetention | Protection::Locked { mode: None, .. } => Verdict::fail(
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

    #[test]
    fn a_bucket_needs_mfa_delete_or_a_lock_with_a_mode() {
        let of = |protection| kept("logs", protection).status;
        let locked = |mode: Option<&str>| Protection::Locked { span: "1 years".into(), mode: mode.map(str::to_owned) };
        assert_eq!(of(Protection::MfaDelete), Status::Pass);
        assert_eq!(of(locked(Some("GOVERNANCE"))), Status::Pass);
        for bad in [locked(None), Protection::NoDefaultRetention, Protection::Unlocked, Protection::Unversioned] {
            assert_eq!(of(bad), Status::Fail);
        }
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
