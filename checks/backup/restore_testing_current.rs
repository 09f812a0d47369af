//! Is it known that backups can be restored: does a plan test it, and was something restored within the last year?

use super::{own, unused};
use crate::prelude::*;
use posture_estate::services::backup::{RestoreJobs, RestoreTestingPlan};

/// A restore that was completed longer ago than this many days does not count.
const MAX_DAYS: Setting<i64> = setting!(restore_testing_current.max_days);

pub async fn probe(at: &Region) -> Outcome {
    let vaults = at.backup().vaults().await?;
    let vaults = own(&vaults);
    let verdict = if vaults.is_empty() {
        unused(at.name())
    } else if vaults.iter().all(|vault| vault.points() == Some(0)) {
        Verdict::not_applicable(format!("there is no recovery point in {} that could be restored", at.name()))
    } else {
        let (plans, jobs) = join!(at.backup().restore_testing_plans(), at.backup().completed_restores());
        judge(at.name(), plans, jobs, *at.setting(MAX_DAYS), at.now())
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(
    region: &str,
    plans: Answer<Vec<RestoreTestingPlan>>,
    jobs: Answer<RestoreJobs>,
    limit: i64,
    now: &DateTime,
) -> Verdict {
    let mut reasons = Reasons::new();
    let mut names = Vec::new();
    if let Some(plans) = reasons.add(plans) {
        names = plans.iter().map(|plan| plan.restore_testing_plan_name.clone()).collect();
        if names.is_empty() {
            reasons.broken("no_restore_testing", format!("there is no restore testing plan in {region}"));
        }
    }
    let mut youngest = None;
    if let Some(jobs) = reasons.add(jobs) {
        let ages = jobs.completed.iter().filter_map(|job| Some(days(&*job.completion_date?, now)));
        youngest = ages.min();
        let untold = jobs.completed.iter().any(|job| job.completion_date.is_none());
        match youngest {
            Some(age) if age <= limit => {}
            _ if jobs.more => reasons.doubt(format!("more restore jobs were completed in {region} than were read")),
            _ if untold => reasons.doubt(format!("a restore job in {region} does not say when it was completed")),
            Some(age) => reasons.broken(
                "no_recent_restore",
                format!("the last restore in {region} was completed {age} days ago; the limit is {limit}"),
            ),
            None => reasons.broken("no_recent_restore", format!("nothing was ever restored in {region}")),
        }
    }
    let age = youngest.unwrap_or_default();
    reasons
        .or_pass(|| {
            format!("restore testing plan {} is there, and a restore was completed {age} days ago", names.join(", "))
        })
        .evidence(json!({ "plans": names, "days_since_last_restore": youngest }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn now() -> DateTime {
        DateTime::from_secs(1_764_201_600)
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "backup:ListRestoreJobs", GapKind::Denied, "no")
    }

    fn plan() -> Answer<Vec<RestoreTestingPlan>> {
        Ok(Arc::new(vec![RestoreTestingPlan { restore_testing_plan_name: "monthly".into() }]))
    }

    fn jobs(ages: &[Option<i64>], more: bool) -> Answer<RestoreJobs> {
        let job = |age: &Option<i64>| {
            let then = age.map(|age| posture_estate::day::rfc3339(DateTime::from_secs(now().secs() - age * 86_400)));
            serde_json::from_value(json!({ "RestoreJobId": "j", "CompletionDate": then })).unwrap()
        };
        Ok(Arc::new(RestoreJobs { completed: ages.iter().map(job).collect(), more }))
    }

    fn of(plans: Answer<Vec<RestoreTestingPlan>>, jobs: Answer<RestoreJobs>) -> Verdict {
        judge("eu-west-1", plans, jobs, 365, &now())
    }

    #[test]
    fn a_plan_tests_restores() {
        let done = || jobs(&[Some(3)], false);
        assert_eq!(of(plan(), done()).status, Status::Pass);
        assert_eq!(of(Ok(Arc::default()), done()).reasons, ["no_restore_testing"]);
        assert_eq!(of(Err(gap()), done()).status, Status::Unknown);
    }

    #[test]
    fn something_was_restored_within_a_year() {
        assert_eq!(of(plan(), jobs(&[Some(700), Some(365)], false)).status, Status::Pass);
        assert_eq!(of(plan(), jobs(&[Some(366)], false)).reasons, ["no_recent_restore"]);
        assert_eq!(of(plan(), jobs(&[], false)).reasons, ["no_recent_restore"]);
        assert_eq!(of(plan(), jobs(&[Some(3)], true)).status, Status::Pass);
        assert_eq!(of(plan(), jobs(&[Some(400)], true)).status, Status::Unknown);
        assert_eq!(of(plan(), jobs(&[None], false)).status, Status::Unknown);
        assert_eq!(of(plan(), Err(gap())).status, Status::Unknown);
    }
}
