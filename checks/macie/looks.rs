//! How Macie looks for sensitive data: by itself, or by a job that runs again and again.

use crate::prelude::*;
use posture_estate::day::span;
use posture_estate::services::macie2::{ClassificationJob, DiscoveredAccount, JobRuns};

/// What Macie was asked about how it looks.
pub(super) struct Looks {
    automated: Result<Option<String>, Gap>,
    /// Each scheduled job with its runs; not asked where discovery is automated.
    jobs: Result<Vec<(ClassificationJob, Answer<JobRuns>)>, Gap>,
}

/// What is told of this account, where it is.
fn own_status(told: &[DiscoveredAccount], account: &str) -> Option<String> {
    told.iter().find(|one| one.account_id.as_deref() == Some(account))?.status.clone()
}

impl Looks {
    pub(super) async fn of(at: &Region) -> Looks {
        let automated = match at.macie2().automated_discovery().await {
            Ok(told) => Ok(told.status.clone()),
            // A member may not ask that, but for its own status.
            Err(gap) => match at.macie2().automated_discovery_here().await {
                Ok(told) if !told.is_empty() => Ok(own_status(&told, at.account_id())),
                _ => Err(gap),
            },
        };
        if matches!(&automated, Ok(Some(status)) if status == "ENABLED") {
            return Looks { automated, jobs: Ok(Vec::new()) };
        }
        let jobs = match at.macie2().scheduled_jobs().await {
            Err(gap) => Err(gap),
            Ok(all) => {
                let at_work = all
                    .iter()
                    .filter(|job| !matches!(job.job_status.as_deref(), Some("CANCELLED" | "USER_PAUSED" | "COMPLETE")));
                let with_runs = at_work.map(async |job| (job.clone(), at.macie2().job_runs(&job.job_id).await));
                Ok(join_all(with_runs).await)
            }
        };
        Looks { automated, jobs }
    }

    /// The condition that Macie looks; gives how.
    pub(super) fn seen(self, region: &str, days: i64, now: &DateTime, reasons: &mut Reasons) -> String {
        let mut doubts = Reasons::new();
        match &self.automated {
            Ok(Some(status)) if status == "ENABLED" => return "automated discovery is on".to_owned(),
            Ok(Some(status)) if status == "DISABLED" => {}
            Ok(status) => doubts.doubt(format!(
                "automated discovery in {region} has the status {}",
                status.as_deref().unwrap_or("missing")
            )),
            Err(gap) => doubts.unseen(gap),
        }
        for (job, runs) in doubts.add(self.jobs).into_iter().flatten() {
            let name = job.name.as_deref().unwrap_or("without a name");
            let Some(runs) = doubts.add(runs) else { continue };
            match runs.last_run() {
                Ok(Some(time)) if age(&time, now) <= days => {
                    return format!("scheduled job {name} ran {} ago", span(age(&time, now)));
                }
                Ok(_) => {}
                Err(why) => doubts.doubt(format!("of scheduled job {name} {why}")),
            }
        }
        if doubts.is_empty() {
            reasons.broken(
                "nothing_looks",
                format!("automated discovery is off in {region} and no scheduled job ran within {}", span(days)),
            );
        }
        reasons.absorb(doubts);
        String::new()
    }
}

fn age(from: &DateTime, to: &DateTime) -> i64 {
    days(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn now() -> DateTime {
        DateTime::from_secs(1_772_323_200) // 2026-03-01
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "macie2:GetAutomatedDiscoveryConfiguration", GapKind::Denied, "no")
    }

    fn job(runs: serde_json::Value) -> (ClassificationJob, Answer<JobRuns>) {
        let job =
            ClassificationJob { job_id: "1".into(), name: Some("weekly".into()), job_status: Some("IDLE".into()) };
        (job, Ok(Arc::new(serde_json::from_value(runs).unwrap())))
    }

    fn ran(day: &str) -> serde_json::Value {
        json!({ "lastRunTime": format!("{day}T00:00:00Z"), "statistics": { "numberOfRuns": 5 } })
    }

    fn looking(
        automated: Result<Option<&str>, Gap>,
        jobs: Result<Vec<(ClassificationJob, Answer<JobRuns>)>, Gap>,
    ) -> Verdict {
        let mut reasons = Reasons::new();
        let looks = Looks { automated: automated.map(|status| status.map(str::to_owned)), jobs };
        let how = looks.seen("eu-west-1", 90, &now(), &mut reasons);
        reasons.or_pass(|| how)
    }

    #[test]
    fn automated_discovery_or_a_job_that_ran() {
        assert_eq!(looking(Ok(Some("ENABLED")), Ok(vec![])).status, Status::Pass);
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![])).reasons, ["nothing_looks"]);
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![job(ran("2026-02-01"))])).status, Status::Pass);
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![job(ran("2025-11-01"))])).reasons, ["nothing_looks"]);
        let never = json!({ "lastRunTime": "2026-02-01T00:00:00Z", "statistics": { "numberOfRuns": 0 } });
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![job(never)])).reasons, ["nothing_looks"]);
    }

    #[test]
    fn what_was_not_told_is_unknown_unless_something_else_looks() {
        for untold in [Ok(Some("SOMETHING_NEW")), Ok(None), Err(gap())] {
            assert_eq!(looking(untold.clone(), Ok(vec![])).status, Status::Unknown);
            assert_eq!(looking(untold, Ok(vec![job(ran("2026-02-01"))])).status, Status::Pass);
        }
        assert_eq!(looking(Ok(Some("DISABLED")), Err(gap())).status, Status::Unknown);
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![job(json!({}))])).status, Status::Unknown);
        let mut denied = job(json!({}));
        denied.1 = Err(gap());
        assert_eq!(looking(Ok(Some("DISABLED")), Ok(vec![denied])).status, Status::Unknown);
    }

    #[test]
    fn a_member_is_told_of_itself() {
        let told = [DiscoveredAccount { account_id: Some("111122223333".into()), status: Some("ENABLED".into()) }];
        assert_eq!(own_status(&told, "111122223333").as_deref(), Some("ENABLED"));
        assert_eq!(own_status(&told, "444455556666"), None);
    }
}
