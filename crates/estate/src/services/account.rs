//! Account Management: who can be reached about the account, and which regions it has.

use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use crate::aws::answer::{absent, required};
use crate::aws::fault::Fault;
use crate::place::{Account, Answer};
use aws_sdk_account::types::{AlternateContact, AlternateContactType, ContactInformation};

service! {
    /// Account Management at an account.
    account_management => AccountManagement by aws_sdk_account: Service {
        // <https://docs.aws.amazon.com/accounts/latest/reference/quotas.html>
        quota: Quota::of_operation(3.0, 3.0),
        quotas: &[
            (&["GetAlternateContact", "GetContactInformation"], Quota::of_operation(10.0, 15.0)),
            (&["GetRegionOptStatus", "ListRegions"], Quota::of_operation(5.0, 5.0)),
        ],
        asff: &[("AWS::::Account", "AwsAccount")],
        ..Service::new("account", "the account itself", Wire::RestJson)
    }
}

/// What AWS answers for a contact that was never recorded.
const NO_CONTACT: &[&str] = &["ResourceNotFoundException"];

/// As many as AWS gives; there are fewer regions, so that one answer has them all.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>
const REGIONS_AT_ONCE: i32 = 50;

impl AccountManagement<'_, Account> {
    /// `account:GetContactInformation`: the primary contact; `None` when there is none.
    pub async fn contact_information(self) -> Answer<Option<ContactInformation>> {
        self.ask("GetContactInformation", "", async move {
            match absent(self.client().get_contact_information().send().await, NO_CONTACT)? {
                Some(answer) => required("ContactInformation", answer.contact_information).map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// `account:GetAlternateContact` of one kind; `None` when there is none.
    pub async fn alternate_contact(self, kind: AlternateContactType) -> Answer<Option<AlternateContact>> {
        let params = kind.as_str().to_owned();
        self.ask("GetAlternateContact", params, async move {
            let answer = self.client().get_alternate_contact().alternate_contact_type(kind).send().await;
            match absent(answer, NO_CONTACT)? {
                Some(answer) => required("AlternateContact", answer.alternate_contact).map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// `account:ListRegions`, every page: each region that the account can have, with its opt-in status.
    pub async fn list_regions(self) -> Answer<Vec<aws_sdk_account::types::Region>> {
        self.ask("ListRegions", "", async move {
            let mut pages = self.client().list_regions().max_results(REGIONS_AT_ONCE).into_paginator().send();
            let mut regions = Vec::new();
            while let Some(page) = pages.next().await {
                regions.extend(required("Regions", page?.regions)?);
            }
            // Every account has regions; an empty list is not the account's answer.
            if regions.is_empty() {
                return Err(Fault::malformed("the answer lists no region"));
            }
            Ok(regions)
        })
        .await
    }
}
