//! Security Hub CSPM of an organization: who administers it, how members are configured, and which Regions are drawn together.

use crate::aws::answer::absent;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// Security Hub CSPM at an account or in a region.
    securityhub => SecurityHub model "securityhub": Service {
        reads: &[
            ("DescribeOrganizationConfiguration", whole::<OrganizationConfiguration>),
            ("GetFindingAggregator", whole::<Aggregation>),
            ("ListEnabledProductsForImport", |v| items::<String>(v, "ProductSubscriptions")),
            ("ListFindingAggregators", |v| items::<FindingAggregator>(v, "FindingAggregators")),
            ("ListOrganizationAdminAccounts", |v| items::<AdminAccount>(v, "AdminAccounts")),
        ],
        ..Service::new("securityhub", "Security Hub", Wire::RestJson)
    }
}

/// What AWS answers where Security Hub is off.
const OFF: &[&str] = &["InvalidAccessException"];

/// An account that administers Security Hub for the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminAccount {
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

/// How accounts of the organization are configured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationConfiguration {
    /// Of new accounts, where each is configured by itself.
    pub auto_enable: Option<bool>,
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

impl SecurityHub<'_, Region> {
    /// `securityhub:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn securityhub_admins(self) -> Answer<Vec<AdminAccount>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            Ok(self.client()?.items("ListOrganizationAdminAccounts", json!({}), "AdminAccounts").await?)
        })
        .await
    }

    /// `securityhub:ListFindingAggregators`, every page: the ARN of the aggregator, which is the same in each Region that it links;
    /// `None` also where Security Hub is off.
    pub async fn finding_aggregator(self) -> Answer<Option<String>> {
        self.ask("ListFindingAggregators", "", async move {
            let found = self.client()?.items("ListFindingAggregators", json!({}), "FindingAggregators").await;
            let found: Vec<FindingAggregator> = absent(found, OFF)?.unwrap_or_default();
            Ok(found.into_iter().next().map(|first| first.finding_aggregator_arn))
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
    pub async fn securityhub_organization(self) -> Answer<OrganizationConfiguration> {
        self.ask("DescribeOrganizationConfiguration", "", async move {
            Ok(self.client()?.call("DescribeOrganizationConfiguration", json!({})).await?)
        })
        .await
    }

    /// `securityhub:ListEnabledProductsForImport`, every page: ARNs of the products whose findings come in; none where Security Hub is off.
    pub async fn imported_products(self) -> Answer<Vec<String>> {
        self.ask("ListEnabledProductsForImport", "", async move {
            let found = self.client()?.items("ListEnabledProductsForImport", json!({}), "ProductSubscriptions").await;
            Ok(absent(found, OFF)?.unwrap_or_default())
        })
        .await
    }
}
