//! Do Config rules put right what they find, by themselves where that is safe?

use crate::prelude::*;
use aws_sdk_config::types::{ConfigRule, RemediationConfiguration};
use std::collections::BTreeSet;

/// Types whose usual remediation changes a setting and interrupts nothing.
const LOW_RISK_TYPES: Setting<[String]> = setting!(remediation_configured.low_risk_types);

pub async fn probe(at: &Region) -> Outcome {
    let rules = at.config().config_rules().await?;
    let names: Vec<String> = rules.iter().filter_map(|rule| rule.config_rule_name()).map(str::to_owned).collect();
    if names.is_empty() {
        let none = format!("{} has no Config rules", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let remediations = at.config().remediations(&names).await?;
    Ok(vec![judge(&rules, &remediations, at.setting(LOW_RISK_TYPES), at.name()).on(at.resource())])
}

fn judge(
    rules: &[ConfigRule],
    remediations: &[RemediationConfiguration],
    low_risk: &[String],
    region: &str,
) -> Verdict {
    let manual: BTreeSet<&str> = remediations
        .iter()
        .filter(|remediation| !remediation.automatic() && is_low_risk(rules, remediation, low_risk))
        .map(|remediation| remediation.config_rule_name())
        .collect();
    let automatic = remediations.iter().filter(|remediation| remediation.automatic()).count();
    let evidence = json!({ "rules": rules.len(), "remediations": remediations.len(), "automatic": automatic, "low_risk_manual": manual });
    let verdict = if remediations.is_empty() {
        Verdict::fail(
            "no_remediation",
            format!("none of the {} Config rules in {region} has a remediation", rules.len()),
        )
    } else if manual.is_empty() {
        let (all, rules) = (remediations.len(), rules.len());
        Verdict::pass(format!(
            "Config rules in {region}: {rules}, remediations: {all}, of which automatic: {automatic}"
        ))
    } else {
        let manual = manual.into_iter().collect::<Vec<_>>().join(", ");
        Verdict::fail(
            "low_risk_manual",
            format!("remediations of low-risk resource types in {region} are manual: {manual}"),
        )
    };
    verdict.evidence(evidence)
}

/// Whether all types that the remediation is for are low-risk; one that states no type is not.
fn is_low_risk(rules: &[ConfigRule], remediation: &RemediationConfiguration, low_risk: &[String]) -> bool {
    let low = |kind: &str| low_risk.iter().any(|known| known == kind);
    if let Some(kind) = remediation.resource_type().filter(|kind| !kind.is_empty()) {
        return low(kind);
    }
    let rule = rules.iter().find(|rule| rule.config_rule_name() == Some(remediation.config_rule_name()));
    let types = rule.and_then(|rule| rule.scope()).map(|scope| scope.compliance_resource_types()).unwrap_or_default();
    !types.is_empty() && types.iter().all(|kind| low(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{RemediationTargetType, Scope};

    fn rule(name: &str, kind: &str) -> ConfigRule {
        let scope = Scope::builder().compliance_resource_types(kind).build();
        ConfigRule::builder().config_rule_name(name).scope(scope).build()
    }

    fn remediation(rule: &str, automatic: bool, kind: Option<&str>) -> RemediationConfiguration {
        RemediationConfiguration::builder()
            .config_rule_name(rule)
            .target_type(RemediationTargetType::SsmDocument)
            .target_id("AWS-Fix")
            .automatic(automatic)
            .set_resource_type(kind.map(str::to_owned))
            .build()
            .unwrap()
    }

    fn status(remediations: &[RemediationConfiguration]) -> Status {
        let rules = [rule("buckets", "AWS::S3::Bucket"), rule("machines", "AWS::EC2::Instance")];
        judge(&rules, remediations, LOW_RISK_TYPES.default_value(), "eu-west-1").status
    }

    #[test]
    fn some_rule_needs_a_remediation() {
        assert_eq!(status(&[]), Status::Fail);
        assert_eq!(status(&[remediation("buckets", true, None)]), Status::Pass);
        assert_eq!(status(&[remediation("machines", false, None)]), Status::Pass);
    }

    #[test]
    fn a_manual_one_for_a_low_risk_type_is_a_fault() {
        assert_eq!(status(&[remediation("buckets", false, None)]), Status::Fail);
        let named = remediation("machines", false, Some("AWS::S3::Bucket"));
        assert_eq!(status(&[remediation("buckets", true, None), named]), Status::Fail);
        assert_eq!(status(&[remediation("buckets", false, Some("AWS::EC2::Instance"))]), Status::Pass);
    }
}
