//! Security Hub CSPM of an organization: who administers it, how members are configured, and which Regions are drawn together.

use crate::aws::service::{Service, Wire};
use crate::place::service;
use crate::aws::answer::{absent, collect, required};
use crate::place::{Answer, Region};
use aws_sdk_securityhub::operation::describe_organization_configuration::DescribeOrganizationConfigurationOutput;
use aws_sdk_securityhub::operation::get_finding_aggregator::GetFindingAggregatorOutput;
use aws_sdk_securityhub::types::AdminAccount;

service! {
    /// Security Hub CSPM at an account or in a region.
    securityhub => SecurityHub by aws_sdk_securityhub: Service::new("securityhub", "Security Hub", Wire::RestJson)
}

/// What AWS answers where Security Hub is off.
const OFF: &[&str] = &["InvalidAccessException"];

impl SecurityHub<'_, Region> {
    /// `securityhub:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn securityhub_admins(self) -> Answer<Vec<AdminAccount>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            let pages = collect(self.client().list_organization_admin_accounts().into_paginator().send()).await?;
            let admins = pages.into_iter().map(|page| required("AdminAccounts", page.admin_accounts));
            Ok(admins.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
        .await
    }

    /// `securityhub:ListFindingAggregators`, every page: the ARN of the aggregator, which is the same in each Region that it links;
    /// `None` also where Security Hub is off.
    pub async fn finding_aggregator(self) -> Answer<Option<String>> {
        self.ask("ListFindingAggregators", "", async move {
            let mut pages = self.client().list_finding_aggregators().into_paginator().send();
            while let Some(page) = pages.next().await {
                let Some(page) = absent(page, OFF)? else { return Ok(None) };
                let found = required("FindingAggregators", page.finding_aggregators)?;
                if let Some(first) = found.into_iter().next() {
                    return required("FindingAggregatorArn", first.finding_aggregator_arn).map(Some);
                }
            }
            Ok(None)
        })
        .await
    }

    /// `securityhub:GetFindingAggregator`.
    pub async fn aggregation(self, arn: &str) -> Answer<GetFindingAggregatorOutput> {
        self.ask("GetFindingAggregator", arn, async move {
            let answer = self.client().get_finding_aggregator().finding_aggregator_arn(arn).send().await?;
            required("RegionLinkingMode", answer.region_linking_mode.clone())?;
            Ok(answer)
        })
        .await
    }

    /// `securityhub:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn securityhub_organization(self) -> Answer<DescribeOrganizationConfigurationOutput> {
        self.ask("DescribeOrganizationConfiguration", "", async move {
            Ok(self.client().describe_organization_configuration().send().await?)
        })
        .await
    }

    /// `securityhub:ListEnabledProductsForImport`, every page: ARNs of the products whose findings come in; none where Security Hub is off.
    pub async fn imported_products(self) -> Answer<Vec<String>> {
        self.ask("ListEnabledProductsForImport", "", async move {
            let mut pages = self.client().list_enabled_products_for_import().into_paginator().send();
            let mut products = Vec::new();
            while let Some(page) = pages.next().await {
                let Some(page) = absent(page, OFF)? else { break };
                products.extend(required("ProductSubscriptions", page.product_subscriptions)?);
            }
            Ok(products)
        })
        .await
    }
}
