//! GuardDuty: the detector of a Region and what it watches, its findings, and in an organization who administers it, what new accounts
//! get, and where findings go.

mod detector;
mod findings;
mod questions;
mod tuning;

pub use detector::{Detector, DetectorFeature, MalwarePlan, ManagedAgent, OldDataSources};
pub use findings::{GuardDutyFinding, OpenThreats};
pub use tuning::{GuardDutyFilter, Investigation, OwnDetections, RuleAssociation, ThreatList};

use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Gap;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// GuardDuty at an account or in a region.
    guardduty => GuardDuty model "guardduty": Service {
        asff: &[("AWS::GuardDuty::Detector", "AwsGuardDutyDetector")],
        reads: &[
            ("DescribeOrganizationConfiguration", whole::<GuardDutyOrganization>),
            ("GetAdministratorAccount", whole::<tuning::Administered>),
            ("GetDetector", whole::<Detector>),
            ("GetFilter", whole::<GuardDutyFilter>),
            ("GetFindings", |v| items::<GuardDutyFinding>(v, "Findings")),
            ("GetMalwareProtectionPlan", whole::<MalwarePlan>),
            ("GetThreatEntitySet", whole::<ThreatList>),
            ("GetThreatIntelSet", whole::<ThreatList>),
            ("ListCustomDetectionRuleAssociations", |v| items::<RuleAssociation>(v, "RuleAssociations")),
            ("ListDetectors", |v| items::<String>(v, "DetectorIds")),
            ("ListFilters", |v| items::<String>(v, "FilterNames")),
            ("ListFindings", whole::<findings::FindingIds>),
            ("ListInvestigations", |v| items::<Investigation>(v, "Investigations")),
            ("ListMalwareProtectionPlans", |v| items::<detector::PlanId>(v, "MalwareProtectionPlans")),
            ("ListOrganizationAdminAccounts", |v| items::<GuardDutyAdmin>(v, "AdminAccounts")),
            ("ListPublishingDestinations", |v| items::<Destination>(v, "Destinations")),
            ("ListThreatEntitySets", |v| items::<String>(v, "ThreatEntitySetIds")),
            ("ListThreatIntelSets", |v| items::<String>(v, "ThreatIntelSetIds")),
        ],
        ..Service::new("guardduty", "GuardDuty", Wire::RestJson)
    }
}

/// What a subscription of Security Hub to GuardDuty's findings ends in.
const PRODUCT: &str = "/aws/guardduty";

/// An account that administers GuardDuty for the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GuardDutyAdmin {
    pub admin_account_id: String,
    /// `ENABLED`, `DISABLE_IN_PROGRESS`
    pub admin_status: String,
}

impl GuardDutyAdmin {
    pub fn is_enabled(&self) -> bool {
        self.admin_status == "ENABLED"
    }
}

/// What accounts of the organization get by themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GuardDutyOrganization {
    /// `ALL`, `NEW`, `NONE`; organizations that were set up before it existed may have none.
    pub auto_enable_organization_members: Option<String>,
    /// Whether the administrator has as many members as it may have, so that it gets no more.
    pub member_account_limit_reached: Option<bool>,
}

/// Where findings are exported to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// `PUBLISHING`, `PENDING_VERIFICATION`, …
    pub status: String,
}

/// Where findings are kept besides GuardDuty, which drops them after 90 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A destination is publishing: in a bucket, for as long as its owner wants.
    Published,
    /// Security Hub imports them: for 90 days after their last update.
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html>
    Imported,
    Nowhere,
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
    pub async fn guardduty_admins(self) -> Answer<Vec<GuardDutyAdmin>> {
        self.ask("ListOrganizationAdminAccounts", "", async move {
            Ok(self.client()?.items("ListOrganizationAdminAccounts", json!({}), "AdminAccounts").await?)
        })
        .await
    }

    /// `guardduty:DescribeOrganizationConfiguration`; AWS lets only the delegated administrator ask.
    pub async fn guardduty_organization(self, detector: &str) -> Answer<GuardDutyOrganization> {
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

    /// Where findings are kept besides GuardDuty. Security Lake takes them from Security Hub, so that it is not asked for itself
    /// (<https://docs.aws.amazon.com/security-lake/latest/userguide/internal-sources.html>).
    ///
    /// # Errors
    /// What was not seen, where nothing else keeps them.
    pub async fn findings_kept(self, detector: &str) -> Result<Kept, Vec<Gap>> {
        let (destinations, products) =
            tokio::join!(self.publishing_destinations(detector), self.0.securityhub().imported_products());
        kept(destinations, products)
    }
}

fn kept(destinations: Answer<Vec<Destination>>, products: Answer<Vec<String>>) -> Result<Kept, Vec<Gap>> {
    let published = destinations.map(|all| all.iter().any(|one| one.status == "PUBLISHING"));
    let imported = products.map(|all| all.iter().any(|product| product.ends_with(PRODUCT)));
    match (published, imported) {
        (Ok(true), _) => Ok(Kept::Published),
        (_, Ok(true)) => Ok(Kept::Imported),
        (Ok(false), Ok(false)) => Ok(Kept::Nowhere),
        (published, imported) => Err([published.err(), imported.err()].into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;
    use std::sync::Arc;

    #[test]
    fn findings_are_kept_by_a_destination_or_security_hub() {
        let published = |status: &str| Ok(Arc::new(vec![Destination { status: status.into() }]));
        let imported = |product: &str| {
            Ok(Arc::new(vec![format!("arn:aws:securityhub:eu-west-1:111122223333:product-subscription/aws/{product}")]))
        };
        let gap = || Gap::new("111122223333", "eu-west-1", "guardduty:ListPublishingDestinations", GapKind::Denied, "no");
        assert_eq!(kept(published("PUBLISHING"), Ok(Arc::default())), Ok(Kept::Published));
        assert_eq!(kept(published("PUBLISHING"), imported("guardduty")), Ok(Kept::Published));
        for not_yet in ["PENDING_VERIFICATION", "UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY"] {
            assert_eq!(kept(published(not_yet), imported("macie")), Ok(Kept::Nowhere));
        }
        assert_eq!(kept(published("STOPPED"), imported("guardduty")), Ok(Kept::Imported));
        assert_eq!(kept(published("STOPPED"), imported("macie")), Ok(Kept::Nowhere));
        assert_eq!(kept(Err(gap()), imported("guardduty")), Ok(Kept::Imported));
        assert_eq!(kept(Err(gap()), imported("macie")), Err(vec![gap()]));
        assert_eq!(kept(published("STOPPED"), Err(gap())), Err(vec![gap()]));
    }
}
