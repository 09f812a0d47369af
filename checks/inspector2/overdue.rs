//! Which findings of Inspector have been active for too long.

use crate::prelude::*;
use posture_estate::services::inspector2::{ActiveFindings, InspectorFinding};
use posture_estate::text::counted;

/// Findings that the evidence names.
const NAMED: usize = 20;

/// Days that a finding may stay active.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub critical: i64,
    pub high: i64,
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

fn is_late(finding: &InspectorFinding, target: Target, now: &DateTime) -> bool {
    target.of(&finding.severity).is_some_and(|limit| days(&finding.first_observed_at, now) > limit)
}

/// What is late, for the evidence, and whether what was not read may be: findings come oldest first.
pub(super) fn overdue(
    region: &str,
    found: &ActiveFindings,
    target: Target,
    now: &DateTime,
    reasons: &mut Reasons,
) -> Vec<serde_json::Value> {
    let late: Vec<&InspectorFinding> = found.findings.iter().filter(|one| is_late(one, target, now)).collect();
    let read = counted(found.findings.len(), "finding");
    if let Some(oldest) = late.first() {
        let least = if found.more { "at least " } else { "" };
        reasons.broken(
            "findings_overdue",
            format!(
                "Amazon Inspector in {region} has {least}{} active for over {} days (critical) or {} days (high); the oldest for {} days",
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
        reasons.doubt(format!("Amazon Inspector in {region} has more active findings than the {read} that were read"));
    }
    late.iter().take(NAMED).map(|one| shown(one, now)).collect()
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
