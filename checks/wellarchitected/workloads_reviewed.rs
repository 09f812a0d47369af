//! Has each production workload somebody who owns its review, and was it reviewed within the year?

use super::{or_none, per_workload};
use crate::prelude::*;
use posture_estate::day::rfc3339;
use posture_estate::services::wellarchitected::{Milestone, ReviewedWorkload, latest};

/// Days that the latest milestone may be old.
const MAX_AGE_DAYS: Setting<i64> = setting!(workloads_reviewed.max_age_days);

pub async fn probe(at: &Region) -> Outcome {
    let most = *at.setting(MAX_AGE_DAYS);
    let findings = per_workload(at, |one| async move {
        let workload = at.wellarchitected().workload(&one.workload_id).await?;
        if let Some(verdict) = other_than_production(&one.workload_name, &workload) {
            return Ok(verdict);
        }
        let milestones = at.wellarchitected().milestones(&one.workload_id).await;
        Ok(judge(&one.workload_name, &workload, milestones, at.now(), most))
    })
    .await?;
    Ok(or_none(at, findings))
}

fn other_than_production(name: &str, workload: &ReviewedWorkload) -> Option<Verdict> {
    match workload.environment.as_str() {
        "PRODUCTION" => None,
        "PREPRODUCTION" => Some(Verdict::not_applicable(format!("workload {name} is not in production"))),
        other => Some(Verdict::undecided(format!("whether workload {name} is in production is not known: {other}"))),
    }
}

fn judge(
    name: &str,
    workload: &ReviewedWorkload,
    milestones: Answer<Vec<Milestone>>,
    now: &DateTime,
    most: i64,
) -> Verdict {
    let mut reasons = Reasons::new();
    let owner = workload.review_owner.as_deref().filter(|owner| !owner.trim().is_empty());
    if owner.is_none() {
        reasons.broken("no_review_owner", format!("workload {name} has no review owner"));
    }
    let mut said = String::new();
    let mut recorded = None;
    if let Some(milestones) = reasons.add(milestones) {
        match latest(&milestones) {
            None => reasons.broken("not_reviewed", format!("workload {name} has no milestone")),
            Some(milestone) => {
                let age = days(&milestone.recorded_at, now);
                recorded = Some(rfc3339(milestone.recorded_at.0));
                let old = format!("the latest milestone of workload {name} is {age} days old");
                match age <= most {
                    true => said = old,
                    false => reasons.broken("not_reviewed", format!("{old}, more than {most}")),
                }
            }
        }
    }
    reasons
        .or_pass(|| format!("workload {name} has a review owner, and {said}"))
        .evidence(json!({ "review_owner": owner, "milestone_recorded": recorded }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;
    use posture_estate::finding::GapKind;

    fn workload(environment: &str, owner: Option<&str>) -> ReviewedWorkload {
        ReviewedWorkload { environment: environment.into(), review_owner: owner.map(str::to_owned) }
    }

    fn recorded(days: &[&str]) -> Answer<Vec<Milestone>> {
        let milestone = |day: &&str| {
            let recorded = format!("{day}T00:00:00Z");
            serde_json::from_value(json!({"MilestoneNumber": 1, "MilestoneName": "m", "RecordedAt": recorded})).unwrap()
        };
        Ok(Arc::new(days.iter().map(milestone).collect()))
    }

    fn of(owner: Option<&str>, milestones: Answer<Vec<Milestone>>) -> Verdict {
        let now = DateTime::from_str("2026-11-27T00:00:00Z", Format::DateTime).unwrap();
        judge("shop", &workload("PRODUCTION", owner), milestones, &now, 365)
    }

    #[test]
    fn a_workload_has_an_owner_and_a_recent_milestone() {
        assert_eq!(of(Some("team"), recorded(&["2025-01-01", "2026-06-01"])).status, Status::Pass);
        assert_eq!(of(Some("team"), recorded(&["2025-11-27"])).status, Status::Pass);
        assert_eq!(of(Some("team"), recorded(&["2025-11-26"])).reasons, ["not_reviewed"]);
        assert_eq!(of(Some("team"), recorded(&[])).reasons, ["not_reviewed"]);
        assert_eq!(of(None, recorded(&["2026-06-01"])).reasons, ["no_review_owner"]);
        assert_eq!(of(Some(" "), recorded(&[])).reasons, ["no_review_owner", "not_reviewed"]);
        let gap = Gap::new("1", "eu-west-1", "wellarchitected:ListMilestones", GapKind::Denied, "no");
        assert_eq!(of(Some("team"), Err(gap)).status, Status::Unknown);
    }

    #[test]
    fn only_production_is_judged() {
        let status =
            |environment: &str| other_than_production("shop", &workload(environment, None)).map(|one| one.status);
        assert_eq!(status("PRODUCTION"), None);
        assert_eq!(status("PREPRODUCTION"), Some(Status::NotApplicable));
        assert_eq!(status("SANDBOX"), Some(Status::Unknown));
    }
}
