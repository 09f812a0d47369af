//! Are the stacks of the security baseline still what their templates say, as far as somebody looked lately? A stack's drift does not
//! show its nested stacks', so each is judged by itself.

use super::per_stack;
use crate::prelude::*;
use posture_estate::services::cloudformation::Stack;

/// Stacks that lay the baseline.
const BASELINE: Setting<Resources> = setting!(stacks_not_drifted.baseline);

/// Days after which a look is too old.
const MAX_AGE_DAYS: Setting<i64> = setting!(stacks_not_drifted.max_age_days);

pub async fn probe(at: &Region) -> Outcome {
    let (baseline, limit) = (at.setting(BASELINE), *at.setting(MAX_AGE_DAYS));
    per_stack(at, "no stack is named as one of the baseline", |stack| {
        baseline.has(&stack.resource()).then(|| judge(stack, at.now(), limit))
    })
    .await
}

fn judge(stack: &Stack, now: &DateTime, limit: i64) -> Verdict {
    let name = &stack.name;
    let Some(drift) = &stack.drift_information else {
        return Verdict::undecided(format!("whether stack {name} was checked for drift is not said"));
    };
    let checked = drift.checked.map(|when| days(&when, now));
    let late = |ago: i64| format!("stack {name} was checked for drift {ago} days ago");
    match (drift.status.as_str(), checked) {
        ("NOT_CHECKED", _) => Verdict::fail("not_checked", format!("stack {name} was never checked for drift")),
        ("DRIFTED", _) => Verdict::fail("drifted", format!("stack {name} has drifted from its template")),
        ("IN_SYNC", Some(ago)) if ago <= limit => Verdict::pass(format!("{} and is in sync", late(ago))),
        ("IN_SYNC" | "UNKNOWN", Some(ago)) if ago > limit => Verdict::fail("not_checked", late(ago)),
        ("UNKNOWN", _) => Verdict::undecided(format!("CloudFormation could not check stack {name} for drift")),
        (other, _) => Verdict::undecided(format!("whether stack {name} has drifted is not known, {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::stack;

    const NOW: i64 = 1_790_000_000;

    fn of(status: &str, ago: Option<i64>) -> (Status, Vec<&'static str>) {
        let when = |days: i64| posture_estate::day::rfc3339(DateTime::from_secs(NOW - days * 86_400));
        let drift = json!({ "DriftInformation": { "StackDriftStatus": status, "LastCheckTimestamp": ago.map(when) } });
        let verdict = judge(&stack("baseline", &drift), &DateTime::from_secs(NOW), 30);
        (verdict.status, verdict.reasons)
    }

    #[test]
    fn in_sync_counts_for_as_long_as_the_look_is_fresh() {
        assert_eq!(of("IN_SYNC", Some(3)).0, Status::Pass);
        assert_eq!(of("IN_SYNC", Some(30)).0, Status::Pass);
        assert_eq!(of("IN_SYNC", Some(31)), (Status::Fail, vec!["not_checked"]));
        assert_eq!(of("IN_SYNC", None).0, Status::Unknown);
    }

    #[test]
    fn what_drifted_or_was_never_checked_fails() {
        assert_eq!(of("DRIFTED", Some(1)), (Status::Fail, vec!["drifted"]));
        assert_eq!(of("DRIFTED", Some(90)), (Status::Fail, vec!["drifted"]));
        assert_eq!(of("NOT_CHECKED", None), (Status::Fail, vec!["not_checked"]));
    }

    #[test]
    fn what_could_not_be_checked_is_unknown() {
        assert_eq!(of("UNKNOWN", Some(1)).0, Status::Unknown);
        assert_eq!(of("UNKNOWN", Some(31)), (Status::Fail, vec!["not_checked"]));
        assert_eq!(of("HALF", Some(1)).0, Status::Unknown);
        let silent = judge(&stack("baseline", &json!({})), &DateTime::from_secs(NOW), 30);
        assert_eq!(silent.status, Status::Unknown);
    }
}
