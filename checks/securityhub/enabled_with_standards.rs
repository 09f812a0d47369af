//! Does Security Hub CSPM judge the Region by a standard that is kept up: AWS's own, or the current version of the CIS benchmark?

use crate::prelude::*;
use posture_estate::services::securityhub::{EnabledStandard, Upkeep};

pub async fn probe(at: &Region) -> Outcome {
    let hub = at.securityhub().hub().await?;
    let verdict = match hub.as_ref() {
        Some(_) => judge(&at.securityhub().enabled_standards().await?, at.name()),
        None => Verdict::fail("not_enabled", format!("{} has no Security Hub CSPM", at.name())),
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(standards: &[EnabledStandard], region: &str) -> Verdict {
    let shown = |one: &EnabledStandard| match one.name_and_version() {
        Some((name, version)) => format!("{name} {version}"),
        None => one.standards_arn.clone(),
    };
    let (mut reasons, mut ready, mut outdated) = (Reasons::new(), Vec::new(), Vec::new());
    for standard in standards {
        match (standard.upkeep(), standard.standards_status.as_str()) {
            (Upkeep::Current, "READY") => ready.push(shown(standard)),
            (Upkeep::Current, status @ ("INCOMPLETE" | "FAILED" | "DELETING")) => {
                reasons.broken("standard_not_ready", format!("{} in {region} is {status}", shown(standard)));
            }
            (Upkeep::Current, status) => reasons.doubt(format!("{} in {region} is {status}", shown(standard))),
            (Upkeep::Outdated, _) => outdated.push(shown(standard)),
            (Upkeep::Unreadable, _) => {
                reasons.doubt(format!("what standard {} is was not understood", shown(standard)))
            }
            (Upkeep::Other, _) => {}
        }
    }
    let evidence = json!({
        "standards": standards.iter().map(|one| json!({ "arn": one.standards_arn, "status": one.standards_status })).collect::<Vec<_>>(),
    });
    if !ready.is_empty() {
        let judged = ready.join(" and ");
        return Verdict::pass(format!("{region} is judged by {judged} of Security Hub CSPM")).evidence(evidence);
    }
    if reasons.is_empty() && !outdated.is_empty() {
        let old = outdated.join(" and ");
        reasons.broken(
            "standard_outdated",
            format!("{region} is judged by Security Hub CSPM only by {old}, which is outdated"),
        );
    }
    if reasons.is_empty() {
        let none =
            format!("{region} has Security Hub CSPM without AWS's foundational standard and without the CIS benchmark");
        reasons.broken("no_standard", none);
    }
    reasons.open().evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FSBP: &str = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0";
    const CIS_5: &str = "arn:aws:securityhub:eu-west-1::standards/cis-aws-foundations-benchmark/v/5.0.0";
    const CIS_1: &str = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0";
    const PCI: &str = "arn:aws:securityhub:eu-west-1::standards/pci-dss/v/4.0.1";

    fn of(standards: &[(&str, &str)]) -> Verdict {
        let standards: Vec<EnabledStandard> = standards
            .iter()
            .map(|&(arn, status)| EnabledStandard { standards_arn: arn.into(), standards_status: status.into() })
            .collect();
        judge(&standards, "eu-west-1")
    }

    #[test]
    fn one_current_standard_that_is_ready_is_enough() {
        assert_eq!(of(&[(FSBP, "READY")]).status, Status::Pass);
        assert_eq!(of(&[(CIS_5, "READY")]).status, Status::Pass);
        assert_eq!(of(&[(&CIS_5.replace("5.0.0", "7.0.0"), "READY")]).status, Status::Pass, "a newer one");
        assert_eq!(of(&[(CIS_1, "READY"), (FSBP, "READY")]).status, Status::Pass);
        assert_eq!(of(&[(CIS_5, "FAILED"), (FSBP, "READY")]).status, Status::Pass);
    }

    #[test]
    fn an_outdated_one_is_none() {
        assert_eq!(of(&[(CIS_1, "READY")]).reasons, ["standard_outdated"]);
        assert_eq!(of(&[(&CIS_5.replace("5.0.0", "3.0.0"), "READY")]).reasons, ["standard_outdated"]);
        assert_eq!(of(&[(PCI, "READY")]).reasons, ["no_standard"]);
        assert_eq!(of(&[]).reasons, ["no_standard"]);
    }

    #[test]
    fn what_is_not_ready_is_not_judged() {
        for status in ["INCOMPLETE", "FAILED", "DELETING"] {
            assert_eq!(of(&[(FSBP, status), (CIS_1, "READY")]).reasons, ["standard_not_ready"], "{status}");
        }
        assert_eq!(of(&[(FSBP, "PENDING")]).status, Status::Unknown);
        assert_eq!(of(&[(FSBP, "RESTING")]).status, Status::Unknown, "a status that is not known");
        assert_eq!(of(&[(&CIS_5.replace("5.0.0", "next"), "READY")]).status, Status::Unknown);
        assert_eq!(of(&[("arn:aws:securityhub:::something", "READY")]).status, Status::Unknown);
    }
}
