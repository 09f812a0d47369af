//! Does Backup Audit Manager look at backups: by a framework that is active, or by reports that arrive?

use super::reports::judge_report;
use super::{own, unused};
use crate::prelude::*;
use posture_estate::services::backup::AuditFramework;

pub async fn probe(at: &Region) -> Outcome {
    let vaults = at.backup().vaults().await?;
    if own(&vaults).is_empty() {
        return Ok(vec![unused(at.name()).on(at.resource())]);
    }
    let (frameworks, reports) = join!(at.backup().frameworks(), at.backup().report_plans());
    let mut reasons = Reasons::new();
    let mut active = Vec::new();
    for framework in reasons.add(frameworks).iter().flat_map(|all| all.iter()) {
        let status = match framework.deployment_status.as_str() {
            "COMPLETED" => at.backup().framework_status(&framework.framework_name).await,
            _ => Ok(Arc::default()),
        };
        active.extend(judge_framework(framework, status, &mut reasons));
    }
    for report in reasons.add(reports).iter().flat_map(|all| all.iter()) {
        active.extend(judge_report(report, &mut reasons));
    }
    Ok(vec![judge(at.name(), &active, reasons).on(at.resource())])
}

/// One that is active is enough, whatever else there is.
fn judge(region: &str, active: &[String], mut reasons: Reasons) -> Verdict {
    if !active.is_empty() {
        return Verdict::pass(format!("in {region} Backup Audit Manager works by {}", active.join(", ")));
    }
    if reasons.is_empty() {
        let none = format!("there is no framework and no report plan of Backup Audit Manager in {region}");
        reasons.broken("no_framework_or_report", none);
    }
    reasons.open()
}

/// What it is called if it is active. `status` is asked for where it is deployed.
fn judge_framework(
    framework: &AuditFramework,
    status: Answer<Option<String>>,
    reasons: &mut Reasons,
) -> Option<String> {
    let name = &framework.framework_name;
    match framework.deployment_status.as_str() {
        "COMPLETED" => {}
        "FAILED" | "DELETE_IN_PROGRESS" => {
            let state = &framework.deployment_status;
            reasons.broken("framework_not_active", format!("framework {name} is {state}"));
            return None;
        }
        other => {
            reasons.doubt(format!("framework {name} is {other}"));
            return None;
        }
    }
    let status = reasons.add(status)?;
    match status.there()?.as_str() {
        "ACTIVE" => return Some(format!("framework {name}")),
        status @ ("PARTIALLY_ACTIVE" | "INACTIVE") => reasons.broken(
            "framework_not_active",
            format!("framework {name} is {status}: AWS Config does not record what it judges"),
        ),
        other => reasons.doubt(format!("framework {name} is {other}")),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn framework(deployment: &str, status: Answer<Option<String>>) -> Verdict {
        let framework = AuditFramework { framework_name: "f".into(), deployment_status: deployment.into() };
        let mut reasons = Reasons::new();
        let active: Vec<String> = judge_framework(&framework, status, &mut reasons).into_iter().collect();
        judge("eu-west-1", &active, reasons)
    }

    #[test]
    fn a_framework_is_deployed_and_active() {
        let is = |status: &str| Ok(Arc::new(Some(status.to_owned())));
        assert_eq!(framework("COMPLETED", is("ACTIVE")).status, Status::Pass);
        for idle in ["PARTIALLY_ACTIVE", "INACTIVE"] {
            assert_eq!(framework("COMPLETED", is(idle)).reasons, ["framework_not_active"], "{idle}");
        }
        for not in ["UNAVAILABLE", "RESTING"] {
            assert_eq!(framework("COMPLETED", is(not)).status, Status::Unknown, "{not}");
        }
        for not in ["FAILED", "DELETE_IN_PROGRESS"] {
            assert_eq!(framework(not, Ok(Arc::default())).reasons, ["framework_not_active"], "{not}");
        }
        for not in ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "RESTING"] {
            assert_eq!(framework(not, Ok(Arc::default())).status, Status::Unknown, "{not}");
        }
        let gap = Gap::new("111122223333", "eu-west-1", "backup:DescribeFramework", GapKind::Denied, "no");
        assert_eq!(framework("COMPLETED", Err(gap)).status, Status::Unknown);
    }

    #[test]
    fn one_that_is_active_is_enough() {
        let mut reasons = Reasons::new();
        reasons.broken("report_fails", "x");
        assert_eq!(judge("eu-west-1", &["framework f".into()], reasons).status, Status::Pass);
        assert_eq!(judge("eu-west-1", &[], Reasons::new()).reasons, ["no_framework_or_report"]);
    }
}
