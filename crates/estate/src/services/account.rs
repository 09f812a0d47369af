//! Account Management: who can be reached about the account, and which regions it has.

use crate::aws::answer::absent;
use crate::aws::fault::Fault;
use crate::aws::reading::{items, member};
use crate::aws::service::{Quota, Service, Wire};
use crate::finding::Gap;
use crate::place::{Account, Answer, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// Account Management at an account.
    account_management => AccountManagement model "account": Service {
        // <https://docs.aws.amazon.com/accounts/latest/reference/quotas.html>
        quota: Quota::of_operation(3.0, 3.0),
        quotas: &[
            (&["GetAlternateContact", "GetContactInformation"], Quota::of_operation(10.0, 15.0)),
            (&["GetRegionOptStatus", "ListRegions"], Quota::of_operation(5.0, 5.0)),
        ],
        asff: &[("AWS::::Account", "AwsAccount")],
        reads: &[
            ("GetAlternateContact", |v| member::<AlternateContact>(v, "AlternateContact")),
            ("GetContactInformation", |v| member::<ContactInformation>(v, "ContactInformation")),
            ("ListRegions", |v| items::<ListedRegion>(v, "Regions")),
        ],
        ..Service::new("account", "the account itself", Wire::RestJson)
    }
}

/// What AWS answers for a contact that was never recorded.
const NO_CONTACT: &[&str] = &["ResourceNotFoundException"];

/// As many as AWS gives; there are fewer regions, so that one answer has them all.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>
const REGIONS_AT_ONCE: u32 = 50;

/// The primary contact, as far as it must be complete.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContactInformation {
    pub full_name: String,
    pub address_line1: String,
    pub city: String,
    pub postal_code: String,
    pub country_code: String,
    pub phone_number: String,
}

/// Whom AWS writes to besides the primary contact.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlternateContact {
    pub name: Option<String>,
    pub email_address: Option<String>,
    pub phone_number: Option<String>,
}

/// What an alternate contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactType {
    Billing,
    Operations,
    Security,
}

impl ContactType {
    /// As the API has it.
    pub fn as_str(self) -> &'static str {
        match self {
            ContactType::Billing => "BILLING",
            ContactType::Operations => "OPERATIONS",
            ContactType::Security => "SECURITY",
        }
    }
}

/// A region that the account can have.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListedRegion {
    pub region_name: String,
    /// `ENABLED_BY_DEFAULT`, `ENABLED`, `ENABLING`, `DISABLING`, `DISABLED`
    pub region_opt_status: String,
}

impl ListedRegion {
    /// On in every account, and never off.
    pub fn is_default(&self) -> bool {
        self.region_opt_status == "ENABLED_BY_DEFAULT"
    }

    /// On, for the account's own use.
    pub fn is_enabled(&self) -> bool {
        ["ENABLED", "ENABLED_BY_DEFAULT"].contains(&self.region_opt_status.as_str())
    }

    /// Off, or on its way there.
    pub fn is_off(&self) -> bool {
        ["DISABLED", "DISABLING"].contains(&self.region_opt_status.as_str())
    }
}

impl AccountManagement<'_, Account> {
    /// Every Region that the account has enabled, in the scope of the scan or not: what a verdict on the whole account or its
    /// organization is about.
    ///
    /// # Errors
    /// Why there may be more than those in scope.
    pub async fn enabled_regions(self) -> Result<Vec<String>, Gap> {
        let regions = self.list_regions().await?;
        Ok(regions.iter().filter(|region| region.is_enabled()).map(|region| region.region_name.clone()).collect())
    }

    /// Whether the scan surely looks at every Region that the account has enabled; the engine has asked for them already.
    pub async fn in_scope_whole(self) -> bool {
        let account = self.0;
        self.enabled_regions().await.is_ok_and(|regions| regions.iter().all(|region| account.in_scope(region)))
    }

    /// `account:GetContactInformation`: the primary contact; `None` when there is none.
    pub async fn contact_information(self) -> Answer<Option<ContactInformation>> {
        self.ask("GetContactInformation", "", async move {
            absent(self.client()?.member("GetContactInformation", json!({}), "ContactInformation").await, NO_CONTACT)
        })
        .await
    }

    /// `account:GetAlternateContact` of one kind; `None` when there is none.
    pub async fn alternate_contact(self, kind: ContactType) -> Answer<Option<AlternateContact>> {
        self.ask("GetAlternateContact", kind.as_str(), async move {
            let of = json!({ "AlternateContactType": kind.as_str() });
            absent(self.client()?.member("GetAlternateContact", of, "AlternateContact").await, NO_CONTACT)
        })
        .await
    }

    /// `account:ListRegions`, every page: each region that the account can have, with its opt-in status.
    pub async fn list_regions(self) -> Answer<Vec<ListedRegion>> {
        self.ask("ListRegions", "", async move {
            let all = json!({ "MaxResults": REGIONS_AT_ONCE });
            let regions: Vec<ListedRegion> = self.client()?.items("ListRegions", all, "Regions").await?;
            // Every account has regions; an empty list is not the account's answer.
            if regions.is_empty() {
                return Err(Fault::malformed("the answer lists no region"));
            }
            Ok(regions)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted_by_their_status() {
        let region = |status: &str| ListedRegion { region_name: "x".into(), region_opt_status: status.into() };
        assert!(region("ENABLED_BY_DEFAULT").is_default());
        assert!(region("DISABLED").is_off() && region("DISABLING").is_off());
        assert!(region("ENABLED").is_enabled() && region("ENABLED_BY_DEFAULT").is_enabled());
        assert!(!region("ENABLING").is_enabled() && !region("DISABLED").is_enabled());
        for on in ["ENABLED", "ENABLING", "NEW"] {
            assert!(!region(on).is_off() && !region(on).is_default());
        }
    }
}
