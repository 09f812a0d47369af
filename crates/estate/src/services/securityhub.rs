//! Security Hub CSPM: whether it is on, and of an organization who administers it, how members are configured, and which Regions are drawn
//! together. What is done with findings is asked in [`automation`] and [`critical`].

pub mod automation;
pub mod critical;
pub mod findings;

use crate::aws::answer::absent;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Gap;
use crate::place::{Account, Answer, Region, service};
use findings::{ActionTarget, AutomationRule, Connector, CriticalPage, HubV2};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::json;

service! {
    /// Security Hub CSPM at an account or in a region.
    securityhub => SecurityHub model "securityhub": Service {
        reads: &[
            ("DescribeActionTargets", |v| items::<ActionTarget>(v, "ActionTargets")),
            ("DescribeHub", |v| member::<String>(v, "HubArn")),
            ("DescribeOrganizationConfiguration", whole::<SecurityHubOrganization>),
            ("DescribeSecurityHubV2", whole::<HubV2>),
            ("GetEnabledStandards", |v| items::<EnabledStandard>(v, "StandardsSubscriptions")),
            ("GetFindingAggregator", whole::<Aggregation>),
            ("GetFindings", whole::<CriticalPage>),
            ("ListAutomationRules", |v| items::<AutomationRule>(v, "AutomationRulesMetadata")),
            ("ListAutomationRulesV2", |v| items::<AutomationRule>(v, "Rules")),
            ("ListConnectorsV2", |v| items::<Connector>(v, "Connectors")),
            ("ListEnabledProductsForImport", |v| items::<String>(v, "ProductSubscriptions")),
            ("ListFindingAggregators", |v| items::<FindingAggregator>(v, "FindingAggregators")),
            ("ListOrganizationAdminAccounts", |v| items::<SecurityHubAdmin>(v, "AdminAccounts")),
        ],
        ..Service::new("securityhub", "Security Hub", Wire::RestJson)
    }
}

/// What AWS answers where Security Hub is off.
const OFF: &[&str] = &["InvalidAccessException"];

/// AWS's own standard.
const FOUNDATIONAL: &str = "aws-foundational-security-best-practices";
const CIS: &str = "cis-aws-foundations-benchmark";

/// The first major version of the CIS benchmark that is current: Security Hub has 5.0.0, 3.0.0, 1.4.0 and 1.2.0.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html>
const CURRENT_CIS: u32 = 5;

/// Whether a standard asks what should be asked today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// AWS's own, which is kept up, or the latest CIS benchmark that Security Hub has.
    Current,
    /// An earlier version of the CIS benchmark.
    Outdated,
    /// Another standard.
    Other,
    /// Its ARN is not of a known form.
    Unreadable,
}

/// A standard whose controls are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnabledStandard {
    pub standards_arn: String,
    /// `READY`, `PENDING`, `INCOMPLETE`, `FAILED`, `DELETING`
    pub standards_status: String,
}

impl EnabledStandard {
    /// What it is called and its version: `aws-foundational-security-best-practices` and `1.0.0` of an ARN that ends in
    /// `standards/aws-foundational-security-best-practices/v/1.0.0`.
    pub fn name_and_version(&self) -> Option<(&str, &str)> {
        let (path, version) = self.standards_arn.rsplit_once("/v/")?;
        Some((path.rsplit_once('/')?.1, version))
    }

    pub fn upkeep(&self) -> Upkeep {
        let major = |version: &str| version.split('.').next().and_then(|number| number.parse::<u32>().ok());
        match self.name_and_version() {
            Some((FOUNDATIONAL, _)) => Upkeep::Current,
            Some((CIS, version)) => match major(version) {
                Some(number) if number >= CURRENT_CIS => Upkeep::Current,
                Some(_) => Upkeep::Outdated,
                None => Upkeep::Unreadable,
            },
            Some(_) => Upkeep::Other,
            None => Upkeep::Unreadable,
        }
    }
}

/// An account that administers Security Hub for the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityHubAdmin {
    pub account_id: String,
    /// `ENABLED`, `DISABLE_IN_PROGRESS`
    pub status: String,
}

/// What draws Regions together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingAggregator {
    pub finding_aggregator_arn: String,
}

/// Which Regions a finding aggregator draws together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Aggregation {
    /// `ALL_REGIONS`, `ALL_REGIONS_EXCEPT_SPECIFIED`, `SPECIFIED_REGIONS`, `NO_REGIONS`
    pub region_linking_mode: String,
    /// Those specified.
    #[serde(default)]
    pub regions: Vec<String>,
}

impl Aggregation {
    /// Whether it takes in those too that are not known here.
    pub fn links_every_region(&self) -> bool {
        self.region_linking_mode == "ALL_REGIONS"
    }

    /// Whether findings of a Region other than its own come in; `None` when the mode is not a known one.
    pub fn links(&self, region: &str) -> Option<bool> {
        let listed = self.regions.iter().any(|one| one == region);
        match self.region_linking_mode.as_str() {
            "ALL_REGIONS" => Some(true),
            "ALL_REGIONS_EXCEPT_SPECIFIED" => Some(!listed),
            "SPECIFIED_REGIONS" => Some(listed),
            "NO_REGIONS" => Some(false),
            _ => None,
        }
    }
}

/// How accounts of the organization are configured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityHubOrganization {
    /// Of new accounts, where each is configured by itself.
    pub auto_enable: Option<bool>,
    /// Whether the administrator has as many members as it may have, so that it gets no more.
    pub member_account_limit_reached: Option<bool>,
    /// How the administrator configures them; endpoints older than central configuration do not say.
    pub organization_configuration: Option<Central>,
}

/// Whether the administrator configures them all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Central {
    /// `CENTRAL`, `LOCAL`
    pub configuration_type: Option<String>,
    /// Of central configuration: `ENABLED`, `PENDING`, `FAILED`.
    pub status: Option<String>,
}

/// What a Region shows of the account's finding aggregator, of which there is one at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aggregator {
    /// By its ARN.
    Shown(String),
    /// There is none; each Region says so where Security Hub is on.
    /// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListFindingAggregators.html>
    Absent,
    /// Security Hub is off, so that it does not show.
    Off,
}

impl SecurityHub<'_, Account> {
    /// The finding aggregator, from the first Region in scope that shows it.
    ///
    /// # Errors
    /// The Regions that did not answer, where no other shows one.
    pub async fn aggregator_of_any_region(self) -> Result<Aggregator, Vec<Gap>> {
        let at = self.0;
        let ask = at.regions().iter().map(async |name| at.region(name).securityhub().finding_aggregator().await);
        first(join_all(ask).await)
    }
}

fn first(answers: Vec<Answer<Aggregator>>) -> Result<Aggregator, Vec<Gap>> {
    let seen = || answers.iter().flatten().map(|answer| &**answer);
    if let Some(shown) = seen().find(|one| matches!(one, Aggregator::Shown(_))) {
        return Ok(shown.clone());
    }
    let absent = seen().any(|one| *one == Aggregator::Absent);
    let gaps: Vec<Gap> = answers.into_iter().filter_map(Result::err).collect();
    match gaps.is_empty() {
        true if absent => Ok(Aggregator::Absent),
        true => Ok(Aggregator::Off),
        false => Err(gaps),
    }
}

impl SecurityHub<'_, Region> {
    /// `securityhub:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn securityhub_admins(self) -> Answer<Vec<SecurityHubAdmin>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            Ok(self.client()?.items("ListOrganizationAdminAccounts", json!({}), "AdminAccounts").await?)
        })
        .await
    }

    /// `securityhub:DescribeHub`: the ARN of the hub; `None` where Security Hub CSPM is off.
    pub async fn hub(self) -> Answer<Option<String>> {
        self.ask("DescribeHub", "", async move {
            absent(self.client()?.member("DescribeHub", json!({}), "HubArn").await, OFF)
        })
        .await
    }

    /// `securityhub:GetEnabledStandards`, every page.
    pub async fn enabled_standards(self) -> Answer<Vec<EnabledStandard>> {
        self.ask("GetEnabledStandards", "", async move {
            Ok(self.client()?.items("GetEnabledStandards", json!({}), "StandardsSubscriptions").await?)
        })
        .await
    }

    /// `securityhub:ListFindingAggregators`, every page: the aggregator, which is the same in each Region.
    pub async fn finding_aggregator(self) -> Answer<Aggregator> {
        self.ask("ListFindingAggregators", "", async move {
            let found = self.client()?.items("ListFindingAggregators", json!({}), "FindingAggregators").await;
            let found: Option<Vec<FindingAggregator>> = absent(found, OFF)?;
            let Some(all) = found else { return Ok(Aggregator::Off) };
            let first = all.into_iter().next();
            Ok(first.map_or(Aggregator::Absent, |first| Aggregator::Shown(first.finding_aggregator_arn)))
        })
        .await
    }

    /// `securityhub:GetFindingAggregator`.
    pub async fn aggregation(self, arn: &str) -> Answer<Aggregation> {
        self.ask("GetFindingAggregator", arn, async move {
            Ok(self.client()?.call("GetFindingAggregator", json!({ "FindingAggregatorArn": arn })).await?)
        })
        .await
    }

    /// `securityhub:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn securityhub_organization(self) -> Answer<SecurityHubOrganization> {
        self.ask("DescribeOrganizationConfiguration", "", async move {
            Ok(self.client()?.call("DescribeOrganizationConfiguration", json!({})).await?)
        })
        .await
    }

    /// `securityhub:ListEnabledProductsForImport`, every page: ARNs of the products whose findings come in; none where Security Hub is off.
    pub async fn imported_products(self) -> Answer<Vec<String>> {
        self.ask("ListEnabledProductsForImport", "", async move {
            let found = self.client()?.items("ListEnabledProductsForImport", json!({}), "ProductSubscriptions").await;
            // Where Security Hub is off, nothing comes in.
            let Some(products) = absent(found, OFF)? else { return Ok(Vec::new()) };
            Ok(products)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;
    use std::sync::Arc;

    #[test]
    fn a_region_is_linked_as_the_mode_says() {
        let links = |mode: &str, listed: &[&str]| {
            let regions = listed.iter().map(|&one| one.to_owned()).collect();
            Aggregation { region_linking_mode: mode.into(), regions }.links("us-east-1")
        };
        assert_eq!(links("ALL_REGIONS", &[]), Some(true));
        assert_eq!(links("SPECIFIED_REGIONS", &["us-east-1"]), Some(true));
        assert_eq!(links("SPECIFIED_REGIONS", &["us-west-2"]), Some(false));
        assert_eq!(links("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-east-1"]), Some(false));
        assert_eq!(links("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-west-2"]), Some(true));
        assert_eq!(links("NO_REGIONS", &[]), Some(false));
        assert_eq!(links("SOME", &[]), None);
    }

    #[test]
    fn there_is_no_aggregator_only_if_every_region_says_so() {
        let gap = || Gap::new("111122223333", "us-east-1", "securityhub:ListFindingAggregators", GapKind::Denied, "no");
        let shown = || Ok(Arc::new(Aggregator::Shown("arn".to_owned())));
        let (none, off) = (|| Ok(Arc::new(Aggregator::Absent)), || Ok(Arc::new(Aggregator::Off)));
        assert_eq!(first(vec![Err(gap()), none(), shown()]), Ok(Aggregator::Shown("arn".to_owned())));
        assert_eq!(first(vec![none(), none()]), Ok(Aggregator::Absent));
        assert_eq!(first(vec![off(), none()]), Ok(Aggregator::Absent));
        assert_eq!(first(vec![off(), off()]), Ok(Aggregator::Off));
        assert_eq!(first(vec![none(), Err(gap())]), Err(vec![gap()]));
    }
}
