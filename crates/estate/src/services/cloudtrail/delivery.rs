//! Whether a trail delivers: logging, without an error, within a day. Every check that counts a trail asks here.

use crate::finding::{Reasons, Status, Verdict};
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_smithy_types::DateTime;

/// A trail in use delivers about every five minutes; after a day without a delivery it is broken, whatever it says.
pub const DELIVERY_LIMIT_HOURS: i64 = 24;

/// The conditions of delivery to S3, for the status of the trail `name`.
pub fn to_bucket(name: &str, status: &GetTrailStatusOutput, now: &DateTime, reasons: &mut Reasons) {
    if is_on(name, "", status, status.latest_delivery_error(), reasons) {
        within_limit(name, "", status.latest_delivery_time(), status, now, reasons);
    }
}

/// The same for a trail without management events: where nothing happens, nothing is delivered, so how long ago it was says nothing.
pub fn of_data_only(name: &str, status: &GetTrailStatusOutput, reasons: &mut Reasons) {
    let on = is_on(name, "", status, status.latest_delivery_error(), reasons);
    if on && status.latest_delivery_time().is_none() {
        reasons.doubt(format!("trail {name}, which records no management events, has not delivered yet"));
    }
}

/// The conditions of delivery to CloudWatch Logs.
pub fn to_log_group(name: &str, status: &GetTrailStatusOutput, now: &DateTime, reasons: &mut Reasons) {
    let to = " to CloudWatch Logs";
    if is_on(name, to, status, status.latest_cloud_watch_logs_delivery_error(), reasons) {
        within_limit(name, to, status.latest_cloud_watch_logs_delivery_time(), status, now, reasons);
    }
}

/// Whether the trail logs and its last delivery did not fail; if not, `reasons` has it.
fn is_on(name: &str, to: &str, status: &GetTrailStatusOutput, error: Option<&str>, reasons: &mut Reasons) -> bool {
    if status.is_logging() != Some(true) {
        reasons.broken("not_logging", format!("trail {name} is not logging"));
        return false;
    }
    if let Some(error) = error.filter(|error| !error.is_empty()) {
        reasons.broken("delivery_fails", format!("the last delivery of trail {name}{to} failed with {error}"));
        return false;
    }
    true
}

fn within_limit(
    name: &str,
    to: &str,
    delivered: Option<&DateTime>,
    status: &GetTrailStatusOutput,
    now: &DateTime,
    reasons: &mut Reasons,
) {
    let hours = |time: &DateTime| (now.secs() - time.secs()) / 3600;
    let recent = |time: &DateTime| now.secs() - time.secs() <= DELIVERY_LIMIT_HOURS * 3600;
    match delivered {
        Some(time) if recent(time) => {}
        Some(time) => {
            reasons.broken("delivery_overdue", format!("trail {name} has not delivered{to} for {} hours", hours(time)));
        }
        None if status.start_logging_time().is_some_and(recent) => {
            reasons.doubt(format!(
                "trail {name} was started within {DELIVERY_LIMIT_HOURS} hours and has not delivered{to} yet"
            ));
        }
        None => reasons.broken("never_delivered", format!("trail {name} has never delivered{to}")),
    }
}

/// One finding out of several trails of which one suffices: the first that passes, else what is unknown about those that
/// may, else what is wrong with each; `none` when there is none to look at.
pub fn one_suffices(verdicts: Vec<Verdict>, none: Verdict) -> Verdict {
    let best = |status: Status| verdicts.iter().filter(move |verdict| verdict.status == status);
    if let Some(good) = best(Status::Pass).next() {
        return good.clone();
    }
    let unknown: Vec<&Verdict> = best(Status::Unknown).collect();
    if unknown.is_empty() {
        let mut reasons = Reasons::new();
        best(Status::Fail).for_each(|verdict| reasons.join(verdict.clone()));
        return if reasons.is_empty() { none } else { reasons.open() };
    }
    let messages: Vec<&str> = unknown.iter().map(|verdict| verdict.message.as_str()).collect();
    let mut verdict = Verdict::undecided(messages.join("; "));
    verdict.gaps = unknown.into_iter().flat_map(|v| v.gaps.iter().cloned()).collect();
    verdict.gaps.sort();
    verdict.gaps.dedup();
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Gap, GapKind};

    const NOW: i64 = 1_750_000_000;

    fn judge(status: GetTrailStatusOutput) -> Verdict {
        let mut reasons = Reasons::new();
        to_bucket("main", &status, &DateTime::from_secs(NOW), &mut reasons);
        reasons.or_pass(|| "fine".into())
    }

    fn hours_ago(hours: i64) -> DateTime {
        DateTime::from_secs(NOW - hours * 3600)
    }

    #[test]
    fn a_trail_that_delivered_within_a_day_delivers() {
        let status = GetTrailStatusOutput::builder().is_logging(true);
        assert_eq!(judge(status.clone().latest_delivery_time(hours_ago(24)).build()).status, Status::Pass);
        let late = judge(status.clone().latest_delivery_time(hours_ago(25)).build());
        assert_eq!((late.status, late.message.as_str()), (Status::Fail, "trail main has not delivered for 25 hours"));
        let error = status.latest_delivery_time(hours_ago(1)).latest_delivery_error("AccessDenied");
        assert_eq!((late.reasons, judge(error.build()).reasons), (vec!["delivery_overdue"], vec!["delivery_fails"]));
    }

    #[test]
    fn a_stopped_or_silent_trail_does_not_and_a_new_one_cannot_be_told() {
        let stopped = GetTrailStatusOutput::builder().is_logging(false).latest_delivery_time(hours_ago(1));
        assert_eq!(judge(stopped.build()).reasons, ["not_logging"]);
        let status = GetTrailStatusOutput::builder().is_logging(true);
        assert_eq!(judge(status.clone().start_logging_time(hours_ago(2)).build()).status, Status::Unknown);
        assert_eq!(judge(status.clone().start_logging_time(hours_ago(48)).build()).status, Status::Fail);
        assert_eq!(judge(status.build()).reasons, ["never_delivered"]);
    }

    #[test]
    fn a_trail_of_data_events_only_may_be_silent() {
        let judge = |status: GetTrailStatusOutput| {
            let mut reasons = Reasons::new();
            of_data_only("data", &status, &mut reasons);
            reasons.or_pass(|| "fine".into()).status
        };
        let status = GetTrailStatusOutput::builder().is_logging(true);
        let quiet = status.clone().latest_delivery_time(hours_ago(500));
        assert_eq!(judge(quiet.clone().build()), Status::Pass);
        assert_eq!(judge(quiet.clone().latest_delivery_error("NoSuchBucket").build()), Status::Fail);
        assert_eq!(judge(quiet.is_logging(false).build()), Status::Fail);
        assert_eq!(judge(status.build()), Status::Unknown);
    }

    #[test]
    fn log_group_delivery_has_its_own_time_and_error() {
        let status = GetTrailStatusOutput::builder().is_logging(true).latest_delivery_time(hours_ago(1));
        let judge = |status: GetTrailStatusOutput| {
            let mut reasons = Reasons::new();
            to_log_group("main", &status, &DateTime::from_secs(NOW), &mut reasons);
            reasons.or_pass(|| "fine".into()).status
        };
        assert_eq!(judge(status.clone().build()), Status::Fail);
        let delivered = status.latest_cloud_watch_logs_delivery_time(hours_ago(3));
        assert_eq!(judge(delivered.clone().build()), Status::Pass);
        assert_eq!(judge(delivered.latest_cloud_watch_logs_delivery_error("AccessDenied").build()), Status::Fail);
    }

    #[test]
    fn one_trail_suffices_and_an_unseen_one_leaves_it_open() {
        let gap = Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no");
        let (pass, unseen) = (Verdict::pass("a"), Verdict::unseen(&gap));
        let (fail, none) = (Verdict::fail("not_logging", "b"), Verdict::fail("no_trail", "no trail"));
        assert_eq!(one_suffices(vec![fail.clone(), unseen.clone(), pass], none.clone()).status, Status::Pass);
        let open = one_suffices(vec![fail.clone(), unseen], none.clone());
        assert_eq!((open.status, open.gaps.len(), open.reasons.len()), (Status::Unknown, 1, 0));
        let both = one_suffices(vec![fail.clone(), fail], none.clone());
        assert_eq!((both.message.as_str(), both.reasons), ("b; b", vec!["not_logging"]));
        assert_eq!(one_suffices(vec![], none.clone()), none);
    }
}
