//! Whether the reports of a report plan arrive.

use crate::prelude::*;
use posture_estate::services::backup::ReportPlan;

/// Reports are made daily; when the last was delivered so many days before the last attempt, they fail.
const LATE_DAYS: i64 = 7;

/// What it is called if its reports arrive.
pub(super) fn judge_report(report: &ReportPlan, reasons: &mut Reasons) -> Option<String> {
    let name = &report.report_plan_name;
    match (
        report.deployment_status.as_str(),
        report.last_attempted_execution_time,
        report.last_successful_execution_time,
    ) {
        ("COMPLETED", Some(_), None) => {
            reasons.broken("report_fails", format!("no report of report plan {name} was ever delivered"));
            None
        }
        ("COMPLETED", Some(tried), Some(came)) if days(&came, &tried) > LATE_DAYS => {
            let late = days(&came, &tried);
            reasons.broken(
                "report_fails",
                format!("the last report of report plan {name} was delivered {late} days before the last attempt"),
            );
            None
        }
        ("COMPLETED", ..) => Some(format!("report plan {name}")),
        ("DELETE_IN_PROGRESS", ..) => None,
        (other, ..) => {
            reasons.doubt(format!("report plan {name} is {other}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(more: serde_json::Value) -> Verdict {
        let mut plan = json!({ "ReportPlanName": "r", "DeploymentStatus": "COMPLETED" });
        plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut reasons = Reasons::new();
        let active: Vec<String> =
            judge_report(&serde_json::from_value(plan).unwrap(), &mut reasons).into_iter().collect();
        match active.first() {
            Some(active) => Verdict::pass(active),
            None if reasons.is_empty() => Verdict::not_applicable("none"),
            None => reasons.open(),
        }
    }

    #[test]
    fn a_report_arrives() {
        let (tried, came) = ("2025-11-01T00:00:00Z", "2025-11-01T00:05:00Z");
        assert_eq!(report(json!({})).status, Status::Pass, "it is new");
        let both = json!({ "LastAttemptedExecutionTime": tried, "LastSuccessfulExecutionTime": came });
        assert_eq!(report(both).status, Status::Pass);
        let since =
            |came: &str| report(json!({ "LastAttemptedExecutionTime": tried, "LastSuccessfulExecutionTime": came }));
        assert_eq!(since("2025-10-25T00:00:00Z").status, Status::Pass);
        assert_eq!(since("2025-10-20T00:00:00Z").reasons, ["report_fails"], "they failed ever since");
        assert_eq!(report(json!({ "LastAttemptedExecutionTime": tried })).reasons, ["report_fails"]);
        assert_eq!(report(json!({ "DeploymentStatus": "CREATE_IN_PROGRESS" })).status, Status::Unknown);
        assert_eq!(report(json!({ "DeploymentStatus": "RESTING" })).status, Status::Unknown);
        assert_eq!(
            report(json!({ "DeploymentStatus": "DELETE_IN_PROGRESS" })).status,
            Status::NotApplicable,
            "as good as none"
        );
    }
}
