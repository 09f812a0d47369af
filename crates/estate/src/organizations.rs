//! The accounts of an organization, as its management account or a delegated administrator sees them.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use crate::finding::Gap;
use crate::organization::OrganizationView;
use crate::place::Account;
use crate::services::organizations::Member;
use std::collections::{BTreeSet, VecDeque};

/// The calls that discovery may make, besides [`TAGS`].
pub const CALLS: &[&str] = &[
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
];

/// Asked for each account, and only when accounts are chosen by tag.
pub const TAGS: &str = "organizations:ListTagsForResource";

/// Which accounts; empty lists mean "all".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Ids of organizational units (`ou-…`) or roots (`r-…`); accounts below them count, however deep.
    pub units: Vec<String>,
    /// Key and value; an account needs all of them.
    pub tags: Vec<(String, String)>,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

/// The organization of the account; `None` when it belongs to none.
///
/// # Errors
/// A question without an answer.
pub async fn view(at: &Account) -> Result<Option<OrganizationView>, Gap> {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else { return Ok(None) };
    let mut accounts: Vec<String> =
        at.organizations().organization_accounts().await?.iter().map(|one| one.id.clone()).collect();
    accounts.sort();
    let (id, management_account) = (organization.id.clone(), organization.management_account.clone());
    Ok(Some(OrganizationView { id, management_account, accounts }))
}

/// The chosen accounts, sorted by id.
///
/// # Errors
/// The first question without an answer: a part of the accounts would look like all of them.
pub async fn members(at: &Account, filter: &Filter) -> Result<Vec<Member>, Gap> {
    let all = at.organizations().organization_accounts().await?;
    let below = if filter.units.is_empty() { None } else { Some(below(at, &filter.units).await?) };
    let mut chosen = Vec::new();
    for member in all.iter() {
        let listed = filter.include.is_empty() || filter.include.contains(&member.id);
        let placed = below.as_ref().is_none_or(|below| below.contains(&member.id));
        if listed && placed && !filter.exclude.contains(&member.id) && tagged(at, member, &filter.tags).await? {
            chosen.push(member.clone());
        }
    }
    chosen.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(chosen)
}

/// The accounts of these units and of all units below them.
async fn below(at: &Account, units: &[String]) -> Result<BTreeSet<String>, Gap> {
    let mut waiting: VecDeque<String> = units.iter().cloned().collect();
    let (mut seen, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    while let Some(unit) = waiting.pop_front() {
        if !seen.insert(unit.clone()) {
            continue;
        }
        accounts.extend(at.organizations().accounts_of(&unit).await?.iter().map(|account| account.id.clone()));
        waiting.extend(at.organizations().units_of(&unit).await?.iter().map(|unit| unit.id.clone()));
    }
    Ok(accounts)
}

async fn tagged(at: &Account, member: &Member, wanted: &[(String, String)]) -> Result<bool, Gap> {
    if wanted.is_empty() {
        return Ok(true);
    }
    let tags = at.organizations().account_tags(&member.id).await?;
    Ok(wanted.iter().all(|(key, value)| tags.get(key) == Some(value)))
}
