//! GuardDuty of an organization: the detector, who administers it, what new accounts get, and where findings go.

use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// GuardDuty at an account or in a region.
    guardduty => GuardDuty model "guardduty": Service {
        asff: &[("AWS::GuardDuty::Detector", "AwsGuardDutyDetector")],
        reads: &[
            ("DescribeOrganizationConfiguration", whole::<OrganizationConfiguration>),
            ("ListDetectors", |v| items::<String>(v, "DetectorIds")),
            ("ListOrganizationAdminAccounts", |v| items::<AdminAccount>(v, "AdminAccounts")),
            ("ListPublishingDestinations", |v| items::<Destination>(v, "Destinations")),
        ],
        ..Service::new("guardduty", "GuardDuty", Wire::RestJson)
    }
}

/// An account that administers GuardDuty for the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminAccount {
    pub admin_account_id: String,
    /// `ENABLED`, `DISABLE_IN_PROGRESS`
    pub admin_status: String,
}

/// What accounts of the organization get by themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationConfiguration {
    /// `ALL`, `NEW`, `NONE`; organizations that were set up before it existed may have none.
    pub auto_enable_organization_members: Option<String>,
}

/// Where findings are kept beyond the 90 days of GuardDuty.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// `PUBLISHING`, `PENDING_VERIFICATION`, …
    pub status: String,
}

impl GuardDuty<'_, Region> {
    /// `guardduty:ListDetectors`: the id of the Region's detector; an account has one at most.
    pub async fn detector(self) -> Answer<Option<String>> {
        self.ask("ListDetectors", "", async move {
            let ids: Vec<String> = self.client()?.items("ListDetectors", json!({}), "DetectorIds").await?;
            Ok(ids.into_iter().next())
        })
        .await
    }

    /// `guardduty:ListOrganizationAdminAccounts`, every page; AWS lets only the management account ask.
    pub async fn guardduty_admins(self) -> Answer<Vec<AdminAccount>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            Ok(self.client()?.items("ListOrganizationAdminAccounts", json!({}), "AdminAccounts").await?)
        })
        .await
    }

    /// `guardduty:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn guardduty_organization(self, detector: &str) -> Answer<OrganizationConfiguration> {
        self.ask("DescribeOrganizationConfiguration", detector, async move {
            // What new accounts get is on every page.
            Ok(self.client()?.call("DescribeOrganizationConfiguration", json!({ "DetectorId": detector })).await?)
        })
        .await
    }

    /// `guardduty:ListPublishingDestinations`, every page.
    pub async fn publishing_destinations(self, detector: &str) -> Answer<Vec<Destination>> {
        self.ask("ListPublishingDestinations", detector, async move {
            let of = json!({ "DetectorId": detector });
            Ok(self.client()?.items("ListPublishingDestinations", of, "Destinations").await?)
        })
        .await
    }
}
