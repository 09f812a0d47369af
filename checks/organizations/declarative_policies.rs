//! Do declarative policies keep the defaults of EC2 safe in every account, and does a policy of the organization configure one of its
//! security services?

use super::ec2_defaults::of_ec2;
use crate::prelude::*;
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::tree::is_enabled;
use posture_estate::services::organizations::{Organization, PolicyType};
use std::collections::BTreeMap;

/// Attributes of EC2 that have to be declared.
const ATTRIBUTES: Setting<[String]> = setting!(declarative_policies.attributes);

/// Types of service policies that have to be attached.
const SERVICE_POLICIES: Setting<[String]> = setting!(declarative_policies.service_policies);

/// Types of policies that configure a security service.
const OF_SERVICES: [PolicyType; 6] = [
    PolicyType::Bedrock,
    PolicyType::GuardDuty,
    PolicyType::Inspector,
    PolicyType::S3,
    PolicyType::SecurityHub,
    PolicyType::SecurityHubCspm,
];

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    // Who may see policies of some types only, by the organization's resource policy, is told of these.
    let mut findings = of_ec2(at, at.setting(ATTRIBUTES))
        .await
        .unwrap_or_else(|gap| vec![Verdict::unseen(&gap).sub("ec2").on(at.resource())]);
    if let Some(organization) = organization.there().filter(|one| one.has_all_features()) {
        findings.push(
            of_services(at, organization)
                .await
                .unwrap_or_else(|gap| Verdict::unseen(&gap).sub("service-policies").on(organization.resource())),
        );
    }
    Ok(findings)
}

async fn of_services(at: &Account, organization: &Organization) -> Result<Finding, Gap> {
    let roots = at.organizations().organization_roots().await?;
    let enabled = OF_SERVICES.into_iter().filter(|kind| roots.iter().any(|root| is_enabled(root, *kind)));
    let asked = enabled.map(async |kind| {
        let policies = at.organizations().management_policies(kind).await;
        (kind.as_str(), policies)
    });
    let attached: BTreeMap<&str, Result<ManagementPolicies, Gap>> = join_all(asked).await.into_iter().collect();
    let verdict = judge_services(&attached, at.setting(SERVICE_POLICIES), at.partition());
    Ok(verdict.sub("service-policies").on(organization.resource()))
}

/// `enabled`: the types that work in the organization, each with what is attached of it.
fn judge_services(
    enabled: &BTreeMap<&str, Result<ManagementPolicies, Gap>>,
    wanted: &[String],
    partition: &str,
) -> Verdict {
    let mut attached = Vec::new();
    let mut unseen: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
    for (kind, policies) in enabled {
        match policies {
            Ok(policies) if !policies.is_unattached() => attached.push(*kind),
            Ok(policies) => drop(unseen.insert(kind, policies.unplaced.iter().collect())),
            Err(gap) => drop(unseen.insert(kind, vec![gap])),
        }
    }
    let mut reasons = Reasons::new();
    for kind in wanted.iter().map(String::as_str).filter(|kind| !attached.contains(kind)) {
        match unseen.get(kind) {
            _ if !OF_SERVICES.iter().any(|known| known.as_str() == kind) => {
                reasons.doubt(format!("no type of service policies called {kind} is known"));
            }
            Some(gaps) if !gaps.is_empty() => gaps.iter().for_each(|gap| reasons.unseen(gap)),
            _ => reasons.broken("service_policy_missing", format!("no policy of type {kind} is attached to anything")),
        }
    }
    if wanted.is_empty() && attached.is_empty() {
        unseen.values().flatten().for_each(|gap| reasons.unseen(gap));
        if reasons.is_empty() && partition != "aws" {
            reasons.doubt(format!("no service policy is attached; which types AWS offers in {partition} is not known"));
        } else if reasons.is_empty() {
            let types = OF_SERVICES.map(PolicyType::as_str).join(", ");
            reasons.broken(
                "no_service_policy",
                format!("no policy of the organization configures a security service ({types})"),
            );
        }
    }
    reasons
        .or_pass(|| format!("policies of the organization configure security services: {}", attached.join(", ")))
        .evidence(json!({ "attached": attached }))
}

#[cfg(test)]
mod tests {
    use super::super::ec2_defaults::{SAFE, judge};
    use super::*;
    use crate::organizations::example::unit_and_account;
    use posture_estate::finding::GapKind;

    const ALL: &str = r#"{"ec2_attributes":{
        "instance_metadata_defaults":{"http_tokens":{"@@assign":"required"}},
        "serial_console_access":{"status":{"@@assign":"disabled"}},
        "image_block_public_access":{"state":{"@@assign":"block_new_sharing"}},
        "snapshot_block_public_access":{"state":{"@@assign":"block_all_sharing"}},
        "vpc_block_public_access":{"internet_gateway_block":{"mode":{"@@assign":"block_ingress"}}}}}"#;

    fn of_wanted(policies: &[(&str, &str)], wanted: &[String]) -> Verdict {
        let (place, account) = unit_and_account();
        judge(&place, &[&account], &ManagementPolicies::example(policies.iter().copied()), wanted)
    }

    fn of(policies: &[(&str, &str)]) -> Verdict {
        of_wanted(policies, ATTRIBUTES.default_value())
    }

    #[test]
    fn every_attribute_is_declared() {
        assert_eq!(of(&[("r-1", ALL)]).status, Status::Pass);
        assert_eq!(of(&[("ou-2", ALL)]).reasons, ["attribute_not_declared"]);
        for (name, ..) in SAFE {
            let verdict = of(&[("r-1", &ALL.replace(&format!("\"{name}\""), "\"other\""))]);
            assert_eq!(verdict.reasons, ["attribute_not_declared"], "{name}");
            assert!(verdict.message.ends_with(name), "{}", verdict.message);
        }
    }

    #[test]
    fn every_attribute_is_safe_in_the_end() {
        for (safe, open) in [
            ("required", "optional"),
            ("disabled", "enabled"),
            ("block_new_sharing", "unblocked"),
            ("block_all_sharing", "unblocked"),
            ("block_ingress", "off"),
        ] {
            assert_eq!(of(&[("r-1", &ALL.replace(safe, open))]).reasons, ["attribute_open"], "{safe}");
        }
        assert_eq!(of(&[("r-1", &ALL.replace("block_ingress", "block_bidirectional"))]).status, Status::Pass);
        let back = r#"{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"enabled"}}}}"#;
        assert_eq!(of(&[("r-1", ALL), ("111111111111", back)]).reasons, ["attribute_open"]);
        assert_eq!(of(&[("r-1", back), ("ou-1", ALL)]).status, Status::Pass);
        assert_eq!(of(&[("r-1", ALL), ("r-1", back)]).status, Status::Unknown);
        assert_eq!(of(&[("r-1", ALL), ("ou-1", "{")]).status, Status::Unknown);
    }

    #[test]
    fn only_the_listed_attributes_count() {
        let one = |name: &str| {
            let text = r#"{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}"#;
            of_wanted(&[("r-1", text)], &[name.to_owned()]).status
        };
        assert_eq!(one("serial_console_access"), Status::Pass);
        assert_eq!(one("image_block_public_access"), Status::Fail);
        assert_eq!(one("serial_console"), Status::Unknown);
    }

    #[test]
    fn any_service_policy_will_do_unless_some_are_listed() {
        let gap = || Gap::new("1", "global", "organizations:ListPolicies", GapKind::Denied, "no");
        let attached = |kind| (kind, Ok(ManagementPolicies::example([("r-1", "{}")])));
        let none = |kind| (kind, Ok(ManagementPolicies::default()));
        let of = |enabled: Vec<(&'static str, Result<ManagementPolicies, Gap>)>, wanted: &[&str], partition: &str| {
            let wanted: Vec<String> = wanted.iter().map(|&one| one.to_owned()).collect();
            judge_services(&enabled.into_iter().collect(), &wanted, partition)
        };
        assert_eq!(of(vec![attached("S3_POLICY")], &[], "aws").status, Status::Pass);
        assert_eq!(of(vec![none("S3_POLICY")], &[], "aws").reasons, ["no_service_policy"]);
        assert_eq!(of(vec![], &[], "aws").reasons, ["no_service_policy"]);
        assert_eq!(of(vec![], &[], "aws-cn").status, Status::Unknown);
        assert_eq!(of(vec![("S3_POLICY", Err(gap()))], &[], "aws").status, Status::Unknown);
        assert_eq!(of(vec![attached("S3_POLICY")], &["S3_POLICY"], "aws").status, Status::Pass);
        assert_eq!(of(vec![attached("S3_POLICY")], &["GUARDDUTY_POLICY"], "aws").reasons, ["service_policy_missing"]);
        assert_eq!(of(vec![("S3_POLICY", Err(gap()))], &["S3_POLICY"], "aws").status, Status::Unknown);
        assert_eq!(of(vec![], &["MACIE_POLICY"], "aws").status, Status::Unknown);
    }
}
