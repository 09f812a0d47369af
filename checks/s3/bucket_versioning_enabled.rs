//! Is versioning enabled? Suspended is not enabled, and a bucket that never had it sends no status at all.

use super::per_bucket;
use crate::prelude::*;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types::BucketVersioningStatus;
use posture_estate::services::s3::Bucket;

/// Buckets whose loss or staleness costs nothing.
const SCRATCH_BUCKETS: Setting<Patterns> = setting!(bucket_versioning_enabled.scratch_buckets);

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        if at.setting(SCRATCH_BUCKETS).matches(bucket.name()) {
            return Ok(Verdict::not_applicable(format!("bucket {} is listed as scratch", bucket.name())));
        }
        Ok(judge(&bucket, &*at.s3().bucket_versioning(&bucket).await?))
    })
    .await
}

fn judge(bucket: &Bucket, versioning: &GetBucketVersioningOutput) -> Verdict {
    let name = bucket.name();
    match versioning.status() {
        Some(BucketVersioningStatus::Enabled) => Verdict::pass(format!("versioning is enabled on bucket {name}")),
        Some(BucketVersioningStatus::Suspended) => {
            Verdict::fail("suspended", format!("versioning is suspended on bucket {name}"))
        }
        Some(other) => {
            Verdict::undecided(format!("bucket {name} has the unknown versioning status {}", other.as_str()))
        }
        None => Verdict::fail("never_enabled", format!("versioning was never enabled on bucket {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: Option<BucketVersioningStatus>) -> Verdict {
        judge(&Bucket::named("b"), &GetBucketVersioningOutput::builder().set_status(status).build())
    }

    #[test]
    fn only_enabled_passes() {
        assert_eq!(of(Some(BucketVersioningStatus::Enabled)).status, Status::Pass);
        assert_eq!(of(Some(BucketVersioningStatus::Suspended)).status, Status::Fail);
        assert_eq!(of(Some("Paused".into())).status, Status::Unknown);
        assert_eq!(of(None).status, Status::Fail);
    }
}
