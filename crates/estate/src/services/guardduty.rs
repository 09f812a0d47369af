//! GuardDuty of an organization: the detector, who administers it, what new accounts get, and where findings go.

use crate::aws::answer::{collect, required};
use crate::place::{Answer, Region};
use aws_sdk_guardduty::operation::describe_organization_configuration::DescribeOrganizationConfigurationOutput;
use aws_sdk_guardduty::types::{AdminAccount, Destination};

impl Region {
    /// `guardduty:ListDetectors`: the id of the Region's detector; an account has one at most.
    pub async fn detector(&self) -> Answer<Option<String>> {
        self.ask("guardduty:ListDetectors", "", async {
            let pages = collect(self.guardduty().list_detectors().into_paginator().send()).await?;
            let ids = pages.into_iter().map(|page| required("DetectorIds", page.detector_ids));
            Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().next())
        })
        .await
    }

    /// `guardduty:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn guardduty_admins(&self) -> Answer<Vec<AdminAccount>> {
        self.ask("guardduty:ListOrganizationAdminAccounts", "", async {
            let pages = collect(self.guardduty().list_organization_admin_accounts().into_paginator().send()).await?;
            let admins = pages.into_iter().map(|page| required("AdminAccounts", page.admin_accounts));
            Ok(admins.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
        .await
    }

    /// `guardduty:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn guardduty_organization(&self, detector: &str) -> Answer<DescribeOrganizationConfigurationOutput> {
        self.ask("guardduty:DescribeOrganizationConfiguration", detector, async {
            // What new accounts get is on every page.
            Ok(self.guardduty().describe_organization_configuration().detector_id(detector).send().await?)
        })
        .await
    }

    /// `guardduty:ListPublishingDestinations`, every page.
    pub async fn publishing_destinations(&self, detector: &str) -> Answer<Vec<Destination>> {
        self.ask("guardduty:ListPublishingDestinations", detector, async {
            let (mut all, mut token) = (Vec::new(), None::<String>);
            loop {
                let ask = self.guardduty().list_publishing_destinations().detector_id(detector);
                let page = ask.set_next_token(token).send().await?;
                all.extend(required("Destinations", page.destinations)?);
                token = page.next_token.filter(|token| !token.is_empty());
                if token.is_none() {
                    return Ok(all);
                }
            }
        })
        .await
    }
}
