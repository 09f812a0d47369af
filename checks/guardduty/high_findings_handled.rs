//! Is every finding of high or critical severity dealt with in time?

use super::protections::{Guard, resource};
use crate::prelude::*;
use posture_estate::day::span;
use posture_estate::services::guardduty::OpenThreats;
use posture_estate::text::counted;

/// Days in which a finding is dealt with.
const TARGET_DAYS: Setting<i64> = setting!(high_findings_handled.target_days);

/// How many findings a message names.
const NAMED: usize = 3;

pub async fn probe(at: &Region) -> Outcome {
    let (id, _) = match Guard::look(at).await?.idle() {
        Ok(on) => on,
        Err(verdict) => return Ok(vec![verdict.on(at.resource())]),
    };
    let days = *at.setting(TARGET_DAYS);
    let before = DateTime::from_secs(at.now().secs() - days * 86_400);
    let verdict = match at.guardduty().open_threats(&id, before).await {
        Ok(seen) => judge(at.name(), days, &seen),
        Err(gap) => Verdict::unseen(&gap),
    };
    Ok(vec![verdict.on(resource(at, &id))])
}

fn judge(region: &str, days: i64, seen: &OpenThreats) -> Verdict {
    let OpenThreats { overdue, samples, undated, read, whole } = seen;
    let span = span(days);
    if !overdue.is_empty() {
        let named: Vec<String> =
            overdue.iter().take(NAMED).map(|one| format!("{} (severity {})", one.kind, one.severity)).collect();
        let at_least = if *whole { "" } else { "at least " };
        let count = counted(overdue.len(), "finding");
        let what = format!(
            "{at_least}{count} of severity 7 or more in {region} stayed open for more than {span}: {}",
            named.join(", ")
        );
        let ids: Vec<&String> = overdue.iter().map(|one| &one.id).collect();
        return Verdict::fail("finding_open", what).evidence(json!({ "findings": ids }));
    }
    if !whole {
        return Verdict::undecided(format!(
            "none of the first {read} open findings of severity 7 or more in {region} is older than {span}, and the others were not read"
        ));
    }
    if *undated > 0 {
        let undated = counted(*undated, "open finding");
        return Verdict::undecided(format!("when {undated} of severity 7 or more in {region} was made cannot be read"));
    }
    let open = counted(read - samples, "finding");
    Verdict::pass(format!("{open} of severity 7 or more in {region} not archived, none older than {span}"))
        .evidence(json!({ "samples": samples }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(overdue: usize, samples: usize, read: usize, whole: bool) -> OpenThreats {
        let one = json!({ "Id": "1", "Type": "Trojan:EC2/BlackholeTraffic", "Severity": 8.0, "CreatedAt": "2026-01-01T00:00:00Z" });
        let one = serde_json::from_value(one).unwrap();
        OpenThreats { overdue: vec![one; overdue], samples, undated: 0, read, whole }
    }

    #[test]
    fn findings_are_dealt_with_in_time() {
        // semantics 36
        let of = |seen| judge("eu-west-1", 1, &seen);
        assert_eq!(of(seen(0, 0, 0, true)).status, Status::Pass);
        assert_eq!(of(seen(0, 1, 3, true)).status, Status::Pass);
        assert_eq!(of(seen(1, 0, 3, true)).reasons, ["finding_open"]);
        let some = of(seen(2, 0, 50, false));
        assert!(some.message.starts_with("at least 2 findings"), "{}", some.message);
        assert_eq!(of(OpenThreats { undated: 1, ..seen(0, 0, 3, true) }).status, Status::Unknown);
        assert_eq!(of(OpenThreats { undated: 1, ..seen(1, 0, 3, true) }).status, Status::Fail);
        assert_eq!(of(seen(0, 0, 1000, false)).status, Status::Unknown, "the rest was not read");
    }
}
