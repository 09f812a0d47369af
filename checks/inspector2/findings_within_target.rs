//! Is what Inspector finds put right in time, and does it see every instance? Findings that somebody suppressed are decided on; those
//! that are active are not.

use crate::prelude::*;
use posture_estate::services::inspector2::{ActiveFindings, InspectorFinding};
use posture_estate::text::counted;

/// An active critical finding older than this many days fails.
const CRITICAL_DAYS: Setting<i64> = setting!(findings_within_target.critical_days);
/// An active high finding older than this many days fails.
const HIGH_DAYS: Setting<i64> = setting!(findings_within_target.high_days);

/// Findings that the evidence names.
const NAMED: usize = 20;

#[derive(Clone, Copy)]
struct Target {
    critical: i64,
    high: i64,
}

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

impl Target {
    /// Days that a finding may stay; `None` for a severity that was not asked for.
    fn of(self, severity: &str) -> Option<i64> {
        match severity {
            "CRITICAL" => Some(self.critical),
            "HIGH" => Some(self.high),
            _ => None,
        }
    }
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
        let late: Vec<&InspectorFinding> = found.findings.iter().filter(|one| is_late(one, target, now)).collect();
        overdue(region, &late, &found, target, now, &mut reasons);
        evidence = late.iter().take(NAMED).map(|one| shown(one, now)).collect();
    }
    if let Some(unmanaged) = reasons.add(unmanaged) {
        match usize::try_from(*unmanaged) {
            Ok(0) => {}
            Ok(count) => reasons.broken(
                "unmanaged_instances",
                format!(
                    "Systems Manager does not manage {} in {region}, which Inspector cannot scan",
                    counted(count, "instance")
                ),
            ),
            Err(_) => reasons.doubt(format!("Inspector counts {unmanaged} unmanaged instances in {region}")),
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

fn is_late(finding: &InspectorFinding, target: Target, now: &DateTime) -> bool {
    target.of(&finding.severity).is_some_and(|limit| days(&finding.first_observed_at, now) > limit)
}

/// What is late, and whether what was not read may be: findings come oldest first.
fn overdue(
    region: &str,
    late: &[&InspectorFinding],
    found: &ActiveFindings,
    target: Target,
    now: &DateTime,
    reasons: &mut Reasons,
) {
    let read = counted(found.findings.len(), "finding");
    if let Some(oldest) = late.first() {
        let least = if found.more { "at least " } else { "" };
        reasons.broken(
            "findings_overdue",
            format!(
                "Inspector in {region} has {least}{} active for over {} days (critical) or {} days (high); the oldest for {} days",
                counted(late.len(), "finding"),
                target.critical,
                target.high,
                days(&oldest.first_observed_at, now)
            ),
        );
    }
    if let Some(odd) = found.findings.iter().find(|one| target.of(&one.severity).is_none()) {
        reasons.doubt(format!("a finding of Inspector in {region} has the severity {:?}", odd.severity));
    }
    let youngest = found.findings.last().map(|last| days(&last.first_observed_at, now));
    if found.more && youngest.is_none_or(|age| age > target.critical.min(target.high)) {
        reasons.doubt(format!("Inspector in {region} has more active findings than the {read} that were read"));
    }
}

fn shown(finding: &InspectorFinding, now: &DateTime) -> serde_json::Value {
    let resources: Vec<&str> = finding.resources.iter().map(|one| one.id.as_str()).collect();
    json!({
        "finding": finding.finding_arn,
        "title": finding.title,
        "severity": finding.severity,
        "days": days(&finding.first_observed_at, now),
        "resources": resources,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

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
