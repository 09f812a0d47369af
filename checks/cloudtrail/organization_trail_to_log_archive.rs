//! Does an organization trail deliver into an account other than its own? Whose the bucket is can be told from the
//! trail's account and from the bucket's; from any other member it cannot, and is not guessed.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudtrail::delivery::{one_suffices, to_bucket};

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().multi_region_trails().await?;
    let candidates = trails.iter().filter(|trail| trail.organization != Some(false));
    let verdicts = join_all(candidates.map(async |trail| {
        let (status, ours) = join!(at.cloudtrail().trail_status(trail), at.s3().owns_bucket(&trail.bucket));
        if !matches!(ours, Ok(true)) && at.s3().is_nobodys(&trail.bucket).await {
            let (name, bucket) = (&trail.name, &trail.bucket);
            let message = format!(
                "bucket {bucket} of organization trail {name} does not exist; anybody may make one of this name"
            );
            return Verdict::fail("bucket_gone", message);
        }
        judge(trail, status, ours, at.account_id(), at.now())
    }));
    let none =
        Verdict::fail("no_organization_trail", "no organization trail over all Regions is visible in the account");
    Ok(vec![one_suffices(verdicts.await, none).on(at.resource())])
}

fn judge(
    trail: &Trail,
    status: Answer<GetTrailStatusOutput>,
    ours: Result<bool, Gap>,
    account: &str,
    now: &DateTime,
) -> Verdict {
    let (name, bucket) = (&trail.name, &trail.bucket);
    let mut reasons = Reasons::new();
    if trail.organization.is_none() || trail.multi_region.is_none() {
        reasons.doubt(format!("CloudTrail does not say whether trail {name} covers the organization and all Regions"));
    }
    if let Some(status) = reasons.add(status) {
        to_bucket(name, &status, now, &mut reasons);
    }
    match (reasons.add(ours), trail.owner() == account) {
        (Some(true), true) => {
            reasons.broken("bucket_in_own_account", format!("bucket {bucket} of organization trail {name} belongs to account {account}, as the trail does"));
        }
        (Some(false), false) => reasons.doubt(format!(
            "bucket {bucket} of organization trail {name} is not in this account; whether it is in the trail's account {} shows only there",
            trail.owner()
        )),
        (Some(true), false) | (Some(false), true) | (None, _) => {}
    }
    reasons.or_pass(|| format!("organization trail {name} delivers to bucket {bucket} in another account than its own"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::cloudtrail::example;

    const NOW: i64 = 1_750_000_000;
    const MANAGEMENT: &str = "111122223333";
    const OTHER: &str = "444455556666";

    fn judged(ours: Result<bool, Gap>, account: &str, logging: bool) -> Status {
        let delivered = DateTime::from_secs(NOW - 600);
        let status = GetTrailStatusOutput::builder().is_logging(logging).latest_delivery_time(delivered).build();
        let mut trail = example("organization");
        trail.organization = Some(true);
        judge(&trail, Ok(Arc::new(status)), ours, account, &DateTime::from_secs(NOW)).status
    }

    #[test]
    fn the_bucket_is_in_another_account_than_the_trail() {
        assert_eq!(judged(Ok(false), MANAGEMENT, true), Status::Pass);
        assert_eq!(judged(Ok(true), OTHER, true), Status::Pass, "scanned from the log archive");
        assert_eq!(judged(Ok(true), MANAGEMENT, true), Status::Fail);
    }

    #[test]
    fn a_third_account_cannot_tell_and_a_stopped_trail_fails() {
        assert_eq!(judged(Ok(false), OTHER, true), Status::Unknown);
        assert_eq!(judged(Ok(false), MANAGEMENT, false), Status::Fail);
        let gap = Gap::new(MANAGEMENT, "us-east-1", "s3:ListBuckets", GapKind::Denied, "no");
        assert_eq!(judged(Err(gap), MANAGEMENT, true), Status::Unknown);
    }
}
