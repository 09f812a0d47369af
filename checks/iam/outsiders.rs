//! Whom a trust policy lets in from outside the organization: accounts, and other organizations as a whole. Everyone is left out, and so
//! are services and identity providers: they have checks of their own.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::arn::{Arn, is_account};
use posture_policy::{Document, Grantee, Zone, assumers};

/// Who counts as one of us, as far as this account can tell.
pub(super) struct Organization {
    zone: Zone,
    /// Why other accounts may be of the organization too.
    hidden: Option<Vec<Gap>>,
}

impl Organization {
    /// Nothing but the account itself.
    pub(super) fn unasked(at: &Account) -> Self {
        Self { zone: Zone { now: Some(at.now().secs()), ..Zone::of(at.account_id(), at.partition()) }, hidden: None }
    }

    /// As the scan knows it, or as the account sees it.
    pub(super) async fn ask(at: &Account) -> Self {
        if at.organization_view().is_some() {
            return Self { zone: at.zone(), hidden: None };
        }
        let alone = Self::unasked(at);
        let organization = match at.organizations().organization().await {
            Ok(organization) => organization,
            Err(gap) => return Self { hidden: Some(vec![gap]), ..alone },
        };
        let Some(organization) = organization.there() else { return alone };
        let zone = Zone { organization: Some(organization.id.clone()), ..alone.zone };
        match at.organizations().organization_accounts().await {
            Ok(accounts) => {
                let ids: Vec<String> = accounts.iter().map(|one| one.id.clone()).collect();
                Self { zone: zone.trusting(&ids), hidden: None }
            }
            Err(gap) => Self {
                zone: zone.trusting(std::slice::from_ref(&organization.management_account)),
                hidden: Some(vec![gap]),
            },
        }
    }

    #[cfg(test)]
    pub(super) fn example(account: &str, inside: Result<&[&str], Gap>) -> Self {
        let zone = Zone { organization: Some("o-exampleorgid".into()), ..Zone::of(account, "aws") };
        match inside {
            Ok(ids) => {
                let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
                Self { zone: zone.trusting(&ids), hidden: None }
            }
            Err(gap) => Self { zone, hidden: Some(vec![gap]) },
        }
    }
}

/// Somebody from outside.
#[derive(Debug)]
pub(super) struct Outsider {
    /// For a message: `account 444455556666`.
    pub who: String,
    pub account: Option<String>,
    /// The number of the statement that lets it in.
    pub statement: usize,
    /// Whether it is outside, or why that is not known.
    pub sure: Result<(), Vec<Gap>>,
}

/// Who comes in from outside, and what of the policy cannot be told.
pub(super) fn outsiders(document: &Document, organization: &Organization) -> (Vec<Outsider>, Vec<String>) {
    let (grants, mut doubts) = assumers(document, &organization.zone);
    let mut found = Vec::new();
    for grant in grants {
        let principal = &grant.principal;
        match grant.kind {
            Grantee::Account => {
                let account = Arn::parse(principal).map_or(principal.as_str(), |arn| arn.account);
                let account = is_account(account).then(|| account.to_owned());
                let who = account.as_ref().map_or_else(|| principal.clone(), |id| format!("account {id}"));
                let sure = organization.hidden.clone().map_or(Ok(()), Err);
                found.push(Outsider { who, account, statement: grant.statement, sure });
            }
            Grantee::Organization => {
                let who = format!("organization {principal}");
                let sure = match (&organization.zone.organization, &organization.hidden) {
                    (None, Some(gaps)) => Err(gaps.clone()),
                    _ => Ok(()),
                };
                found.push(Outsider { who, account: None, statement: grant.statement, sure });
            }
            Grantee::Canonical => doubts.push(format!("the id {principal} does not show its account")),
            Grantee::Everyone | Grantee::Service | Grantee::Federated => {}
        }
    }
    (found, doubts)
}

/// Whether the policy lets in anybody but the account itself, everyone, services and providers.
pub(super) fn trusts_others(document: &Document, alone: &Organization) -> bool {
    let (trusted, doubts) = outsiders(document, alone);
    !trusted.is_empty() || !doubts.is_empty()
}

/// Whom the owner knows.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub accounts: &'a [String],
    pub tags: &'a [String],
}

/// The vendor that a tag of the role names.
pub(super) fn vendor<'a>(role: &'a RoleDetail, keys: &[String]) -> Option<&'a str> {
    let of = role.tags().iter().filter(|tag| keys.iter().any(|key| key.eq_ignore_ascii_case(tag.key())));
    of.map(|tag| tag.value().trim()).find(|value| !value.is_empty())
}
