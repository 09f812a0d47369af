//! GuardDuty of an organization: the detector, who administers it, what new accounts get, and where findings go.

use crate::aws::service::{Service, Wire};
use crate::place::service;
use crate::aws::answer::{collect, required};
use crate::place::{Answer, Region};
use aws_sdk_guardduty::operation::describe_organization_configuration::DescribeOrganizationConfigurationOutput;
use aws_sdk_guardduty::types::{AdminAccount, Destination};

service! {
    /// GuardDuty at an account or in a region.
    guardduty => GuardDuty by aws_sdk_guardduty: Service {
        always: &[("ListDetectors", "detectorIds"), ("ListPublishingDestinations", "destinations")],
        asff: &[
            ("AWS::GuardDuty::Detector", "AwsGuardDutyDetector"),
        ],
        ..Service::new("guardduty", "GuardDuty", Wire::RestJson)
    }
}

impl GuardDuty<'_, Region> {
    /// `guardduty:ListDetectors`: the id of the Region's detector; an account has one at most.
    pub async fn detector(self) -> Answer<Option<String>> {
        self.ask("ListDetectors", "", async move {
            let pages = collect(self.client().list_detectors().into_paginator().send()).await?;
            let ids = pages.into_iter().map(|page| required("DetectorIds", page.detector_ids));
            Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().next())
        })
        .await
    }

    /// `guardduty:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn guardduty_admins(self) -> Answer<Vec<AdminAccount>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            let pages = collect(self.client().list_organization_admin_accounts().into_paginator().send()).await?;
            let admins = pages.into_iter().map(|page| required("AdminAccounts", page.admin_accounts));
            Ok(admins.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
        .await
    }

    /// `guardduty:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn guardduty_organization(self, detector: &str) -> Answer<DescribeOrganizationConfigurationOutput> {
        self.ask("DescribeOrganizationConfiguration", detector, async move {
            // What new accounts get is on every page.
            Ok(self.client().describe_organization_configuration().detector_id(detector).send().await?)
        })
        .await
    }

    /// `guardduty:ListPublishingDestinations`, every page.
    pub async fn publishing_destinations(self, detector: &str) -> Answer<Vec<Destination>> {
        self.ask("ListPublishingDestinations", detector, async move {
            let (mut all, mut token) = (Vec::new(), None::<String>);
            loop {
                let ask = self.client().list_publishing_destinations().detector_id(detector);
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
