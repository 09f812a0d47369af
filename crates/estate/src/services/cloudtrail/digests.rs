//! Whether the digests that sign log files arrive.

use super::delivery::DELIVERY_LIMIT_HOURS;
use crate::finding::Reasons;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_smithy_types::DateTime;

/// The conditions of delivery of digests, which sign what was delivered; nothing where CloudTrail tells neither a time nor an
/// error. A digest comes every hour, also when there was nothing to log.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>
pub fn of_digests(name: &str, status: &GetTrailStatusOutput, now: &DateTime, reasons: &mut Reasons) {
    if status.is_logging() != Some(true) {
        return;
    }
    if let Some(error) = status.latest_digest_delivery_error().filter(|error| !error.is_empty()) {
        return reasons.broken("digest_delivery_fails", format!("the last digest of trail {name} failed with {error}"));
    }
    if let Some(hours) = status.latest_digest_delivery_time().map(|time| (now.secs() - time.secs()) / 3600)
        && hours > DELIVERY_LIMIT_HOURS
    {
        reasons.broken("digest_overdue", format!("trail {name} has delivered no digest for {hours} hours"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    const NOW: i64 = 1_750_000_000;

    fn hours_ago(hours: i64) -> DateTime {
        DateTime::from_secs(NOW - hours * 3600)
    }

    #[test]
    fn digests_have_their_own_error_and_time() {
        let judge = |status: GetTrailStatusOutput| {
            let mut reasons = Reasons::new();
            of_digests("main", &status, &DateTime::from_secs(NOW), &mut reasons);
            reasons.or_pass(|| "fine".into())
        };
        let status = GetTrailStatusOutput::builder().is_logging(true);
        assert_eq!(judge(status.clone().build()).status, Status::Pass, "it tells nothing");
        let recent = status.clone().latest_digest_delivery_time(hours_ago(2));
        assert_eq!(judge(recent.clone().build()).status, Status::Pass);
        assert_eq!(judge(recent.clone().latest_digest_delivery_error("").build()).status, Status::Pass);
        assert_eq!(judge(recent.latest_digest_delivery_error("AccessDenied").build()).reasons, ["digest_delivery_fails"]);
        let late = status.latest_digest_delivery_time(hours_ago(90));
        assert_eq!(judge(late.clone().build()).reasons, ["digest_overdue"]);
        assert_eq!(judge(late.is_logging(false).build()).status, Status::Pass, "that it is stopped is judged elsewhere");
    }
}
