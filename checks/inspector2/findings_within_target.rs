//! Is what Inspector finds put right in time, and does it see every instance? Findings that somebody suppressed are decided on; those
//! that are active are not.

use super::overdue::{Target, overdue};
use crate::prelude::*;
use posture_estate::services::inspector2::ActiveFindings;
use posture_estate::text::counted;

/// An active critical finding older than this many days fails.
const CRITICAL_DAYS: Setting<i64> = setting!(findings_within_target.critical_days);
/// An active high finding older than this many days fails.
const HIGH_DAYS: Setting<i64> = setting!(findings_within_target.high_days);

pub async fn probe(at: &Region) -> Outcome {
    let state = at.inspector2().account_state().await?;
    let verdict = match state.is_on() {
        Some(true) => {
            let target = Target { critical: *at.setting(CRITICAL_DAYS), high: *at.setting(HIGH_DAYS) };
            let (found, unmanaged) =
                join!(at.inspector2().active_findings(&["CRITICAL", "HIGH"]), at.inspector2().unmanaged());
            judge(at.name(), found, unmanaged, target, at.now())
        }
        Some(false) => {
            Verdict::not_applicable(format!("Amazon Inspector is off in {}, so that it finds nothing", at.name()))
        }
        None => Verdict::undecided(format!("Amazon Inspector in {} is {}", at.name(), state.state.status)),
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(
    region: &str,
    found: Answer<ActiveFindings>,
    unmanaged: Answer<i64>,
    target: Target,
    now: &DateTime,
) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut evidence, mut active) = (Vec::new(), 0);
    if let Some(found) = reasons.add(found) {
        active = found.findings.len();
        evidence = overdue(region, &found, target, now, &mut reasons);
    }
    if let Some(unmanaged) = reasons.add(unmanaged) {
        match usize::try_from(*unmanaged) {
            Ok(0) => {}
            Ok(count) => reasons.broken(
                "unmanaged_instances",
                format!(
                    "{region} has {} that Systems Manager does not manage and Inspector cannot scan",
                    counted(count, "instance")
                ),
            ),
            Err(_) => reasons.doubt(format!("Amazon Inspector counts {unmanaged} unmanaged instances in {region}")),
        }
    }
    reasons
        .or_pass(|| {
            format!(
                "{} of Inspector in {region}, none critical for over {} days or high for over {}, and no unmanaged instance",
                counted(active, "active critical or high finding"),
                target.critical,
                target.high
            )
        })
        .evidence(json!({ "active": active, "overdue": evidence }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::inspector2::InspectorFinding;

    const TARGET: Target = Target { critical: 15, high: 30 };

    fn now() -> DateTime {
        DateTime::from_secs(1_764_201_600)
    }

    fn finding(severity: &str, age: i64) -> InspectorFinding {
        let observed = posture_estate::day::rfc3339(DateTime::from_secs(now().secs() - age * 86_400));
        let finding = json!({ "findingArn": "arn:aws:inspector2:eu-west-1:111122223333:finding/1", "severity": severity,
            "firstObservedAt": observed, "resources": [{ "type": "AWS_EC2_INSTANCE", "id": "i-1" }] });
        serde_json::from_value(finding).unwrap()
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "inspector2:ListFindings", GapKind::Denied, "no")
    }

    fn of(findings: &[(&str, i64)], more: bool) -> Verdict {
        let findings = findings.iter().map(|&(severity, age)| finding(severity, age)).collect();
        judge("eu-west-1", Ok(Arc::new(ActiveFindings { findings, more })), Ok(Arc::new(0)), TARGET, &now())
    }

    #[test]
    fn each_severity_has_its_target() {
        assert_eq!(of(&[], false).status, Status::Pass);
        assert_eq!(of(&[("HIGH", 30), ("CRITICAL", 15)], false).status, Status::Pass);
        assert_eq!(of(&[("CRITICAL", 16)], false).reasons, ["findings_overdue"]);
        assert_eq!(of(&[("HIGH", 31)], false).reasons, ["findings_overdue"]);
        assert_eq!(of(&[("EXTREME", 2)], false).status, Status::Unknown, "a severity that is not known");
    }

    #[test]
    fn what_was_not_read_is_no_pass_unless_it_is_too_young_to_matter() {
        let verdict = of(&[("CRITICAL", 16)], true);
        assert_eq!((verdict.status, verdict.message.contains("has at least 1 finding active")), (Status::Fail, true));
        assert_eq!(of(&[("HIGH", 20)], true).status, Status::Unknown, "a critical one of 16 days may follow");
        assert_eq!(of(&[("HIGH", 20), ("HIGH", 15)], true).status, Status::Pass, "what follows is younger");
        assert_eq!(of(&[], true).status, Status::Unknown);
    }

    #[test]
    fn every_instance_is_managed() {
        let with = |unmanaged| judge("eu-west-1", Ok(Arc::default()), unmanaged, TARGET, &now());
        assert_eq!(with(Ok(Arc::new(0))).status, Status::Pass);
        assert_eq!(with(Ok(Arc::new(2))).reasons, ["unmanaged_instances"]);
        assert_eq!(with(Ok(Arc::new(-1))).status, Status::Unknown);
        assert_eq!(with(Err(gap())).status, Status::Unknown);
        let unread = judge("eu-west-1", Err(gap()), Ok(Arc::new(0)), TARGET, &now());
        assert_eq!(unread.status, Status::Unknown);
        assert_eq!(judge("eu-west-1", Err(gap()), Ok(Arc::new(1)), TARGET, &now()).status, Status::Fail);
    }
}
