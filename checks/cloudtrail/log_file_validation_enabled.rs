//! Does every trail sign digests of its log files, and do the digests arrive? The status is asked only where validation is on.

use crate::prelude::*;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::cloudtrail::digests::of_digests;

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let judged = each(&trails.seen, async |trail: &Trail| {
        let verdict = match trail.validation {
            Some(true) => judge(&trail.name, at.cloudtrail().trail_status(trail).await, at.now()),
            Some(false) => Verdict::fail("validation_off", format!("trail {} has log file validation off", trail.name)),
            None => Verdict::undecided(format!(
                "CloudTrail does not say whether trail {} has log file validation on",
                trail.name
            )),
        };
        verdict.on(at.cloudtrail().trail(trail))
    });
    Ok(judged.await.into_iter().chain(trails.unseen(at)).collect())
}

/// Of a trail that has validation on.
fn judge(name: &str, status: Answer<GetTrailStatusOutput>, now: &DateTime) -> Verdict {
    let mut reasons = Reasons::new();
    if let Some(status) = reasons.add(status) {
        of_digests(name, &status, now, &mut reasons);
    }
    reasons.or_pass(|| format!("trail {name} has log file validation on"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const NOW: i64 = 1_750_000_000;

    #[test]
    fn digests_that_do_not_arrive_validate_nothing() {
        // semantics 134
        let of = |status| judge("main", status, &DateTime::from_secs(NOW)).status;
        let status = GetTrailStatusOutput::builder().is_logging(true);
        assert_eq!(of(Ok(Arc::new(status.clone().build()))), Status::Pass);
        let recent = status.latest_digest_delivery_time(DateTime::from_secs(NOW - 3600));
        assert_eq!(of(Ok(Arc::new(recent.clone().build()))), Status::Pass);
        let error = recent.latest_digest_delivery_error("AccessDenied");
        assert_eq!(of(Ok(Arc::new(error.build()))), Status::Fail);
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no");
        assert_eq!(of(Err(gap)), Status::Unknown);
    }
}
