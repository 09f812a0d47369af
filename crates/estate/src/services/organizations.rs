//! AWS Organizations: the organization, its tree, its policies and whom it delegates to. AWS answers most of this only to the
//! management account and to delegated administrators; to any other account it is a gap.

pub mod attached;
pub mod effective;
pub mod management;
pub mod shapes;
pub mod tree;

use crate::aws::answer::absent;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::{Gap, Reasons};
use crate::place::{Account, Answer, service};
use futures_util::future::join_all;
use serde_json::json;
pub use shapes::{Member, Organization, PolicyType, State, Unit};
use shapes::{DelegatedAdministrator, PolicySummary, Principal, Root, Tag, Target};
use std::collections::BTreeMap;

service! {
    /// AWS Organizations at an account.
    organizations => Organizations model "organizations": Service {
        reads: &[
            ("DescribeOrganization", |v| member::<Organization>(v, "Organization")),
            ("DescribePolicy", |v| member::<String>(v, "Policy.Content")),
            ("DescribeResourcePolicy", |v| member::<String>(v, "ResourcePolicy.Content")),
            ("ListAWSServiceAccessForOrganization", |v| items::<Principal>(v, "EnabledServicePrincipals")),
            ("ListAccounts", |v| items::<Member>(v, "Accounts")),
            ("ListAccountsForParent", |v| items::<Member>(v, "Accounts")),
            ("ListDelegatedAdministrators", |v| items::<DelegatedAdministrator>(v, "DelegatedAdministrators")),
            ("ListDelegatedServicesForAccount", |v| items::<Principal>(v, "DelegatedServices")),
            ("ListOrganizationalUnitsForParent", |v| items::<Unit>(v, "OrganizationalUnits")),
            ("ListPolicies", |v| items::<PolicySummary>(v, "Policies")),
            ("ListRoots", |v| items::<Root>(v, "Roots")),
            ("ListTagsForResource", |v| items::<Tag>(v, "Tags")),
            ("ListTargetsForPolicy", |v| items::<Target>(v, "Targets")),
        ],
        ..Service::new("organizations", "the organization (with `--org`)", Wire::AwsJson)
    }
}

/// Delegated administrators, each with the service principals that it administers.
pub type Delegates = BTreeMap<String, Answer<Vec<String>>>;

/// The accounts among them that administer one service.
///
/// # Errors
/// What was not seen, where nobody else administers it.
pub fn administrators_of<'a>(delegates: &'a Delegates, principal: &str) -> Result<Vec<&'a str>, Vec<&'a Gap>> {
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    for (account, services) in delegates {
        match services {
            Ok(services) if services.iter().any(|one| one == principal) => found.push(account.as_str()),
            Ok(_) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    if found.is_empty() && !gaps.is_empty() { Err(gaps) } else { Ok(found) }
}

/// What the account is to a service that is administered for the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The management account, which each service tells by itself who administers it.
    Management,
    Administrator,
    /// These administer it, not the account; none where the management account may do it itself.
    Other(Vec<String>),
    /// AWS answers this only to administrators of some service.
    Untold(Gap),
}

impl Seat {
    fn of(account: &str, administrators: Result<Vec<String>, Gap>) -> Self {
        match administrators {
            Ok(all) if all.iter().any(|one| one == account) => Seat::Administrator,
            Ok(all) => Seat::Other(all),
            Err(gap) => Seat::Untold(gap),
        }
    }

    /// Why it is not said that `account` administers the service called `name`.
    pub fn doubt(&self, account: &str, name: &str, reasons: &mut Reasons) {
        match self {
            Seat::Other(all) if !all.is_empty() => {
                reasons.doubt(format!("account {} administers {name} of the organization; the rest shows only there", all.join(", ")));
            }
            seat => {
                if let Seat::Untold(gap) = seat {
                    reasons.unseen(gap);
                }
                reasons.doubt(format!("nothing says that account {account} administers {name} of the organization"));
            }
        }
    }
}

impl Organizations<'_, Account> {
    /// What this account of the organization is to the service with this principal.
    pub async fn seat(self, organization: &Organization, service: &str) -> Seat {
        let account = self.0.account_id();
        if organization.management_account == account {
            return Seat::Management;
        }
        Seat::of(account, self.delegates_for(service).await)
    }

    /// `organizations:ListTagsForResource` of an account, every page.
    pub async fn account_tags(self, id: &str) -> Answer<BTreeMap<String, String>> {
        self.ask("ListTagsForResource", id, async move {
            let of = json!({ "ResourceId": id });
            let tags: Vec<Tag> = self.client()?.items("ListTagsForResource", of, "Tags").await?;
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
        })
        .await
    }

    /// `organizations:DescribeOrganization`, which every member may ask; `None` when the account is in none.
    pub async fn organization(self) -> Answer<Option<Organization>> {
        self.ask("DescribeOrganization", "", async move {
            let answer = self.client()?.member("DescribeOrganization", json!({}), "Organization").await;
            absent(answer, &["AWSOrganizationsNotInUseException"])
        })
        .await
    }

    /// `organizations:ListAccounts`, every page.
    pub async fn organization_accounts(self) -> Answer<Vec<Member>> {
        self.ask("ListAccounts", "", async move {
            Ok(self.client()?.items("ListAccounts", json!({}), "Accounts").await?)
        })
        .await
    }

    /// The accounts by their id, each with whether it can be looked into.
    pub async fn account_states(self) -> Result<BTreeMap<String, State>, Gap> {
        Ok(self.organization_accounts().await?.iter().map(|one| (one.id.clone(), one.state)).collect())
    }

    /// `organizations:ListRoots`, every page.
    pub async fn organization_roots(self) -> Answer<Vec<Root>> {
        self.ask("ListRoots", "", async move { Ok(self.client()?.items("ListRoots", json!({}), "Roots").await?) }).await
    }

    /// `organizations:ListAccountsForParent`, every page: the accounts directly in a root or unit.
    pub async fn accounts_of(self, parent: &str) -> Answer<Vec<Member>> {
        self.ask("ListAccountsForParent", parent, async move {
            let of = json!({ "ParentId": parent });
            Ok(self.client()?.items("ListAccountsForParent", of, "Accounts").await?)
        })
        .await
    }

    /// `organizations:ListOrganizationalUnitsForParent`, every page: the units directly in a root or unit.
    pub async fn units_of(self, parent: &str) -> Answer<Vec<Unit>> {
        self.ask("ListOrganizationalUnitsForParent", parent, async move {
            let of = json!({ "ParentId": parent });
            Ok(self.client()?.items("ListOrganizationalUnitsForParent", of, "OrganizationalUnits").await?)
        })
        .await
    }

    /// `organizations:ListPolicies` of one type, every page.
    pub async fn organization_policies(self, kind: PolicyType) -> Answer<Vec<PolicySummary>> {
        self.ask("ListPolicies", kind.as_str(), async move {
            Ok(self.client()?.items("ListPolicies", json!({ "Filter": kind.as_str() }), "Policies").await?)
        })
        .await
    }

    /// `organizations:DescribePolicy`: the text of a policy.
    pub async fn organization_policy(self, id: &str) -> Answer<String> {
        self.ask("DescribePolicy", id, async move {
            Ok(self.client()?.member("DescribePolicy", json!({ "PolicyId": id }), "Policy.Content").await?)
        })
        .await
    }

    /// `organizations:ListTargetsForPolicy`, every page: ids of the roots, units and accounts that a policy is attached to.
    pub async fn policy_targets(self, id: &str) -> Answer<Vec<String>> {
        self.ask("ListTargetsForPolicy", id, async move {
            let of = json!({ "PolicyId": id });
            let targets: Vec<Target> = self.client()?.items("ListTargetsForPolicy", of, "Targets").await?;
            Ok(targets.into_iter().map(|target| target.target_id).collect())
        })
        .await
    }

    /// `organizations:ListDelegatedAdministrators`, every page: accounts that administer some service for the organization.
    pub async fn delegated_administrators(self) -> Answer<Vec<DelegatedAdministrator>> {
        self.ask("ListDelegatedAdministrators", "", async move {
            Ok(self.client()?.items("ListDelegatedAdministrators", json!({}), "DelegatedAdministrators").await?)
        })
        .await
    }

    /// `organizations:ListDelegatedServicesForAccount`, every page: the service principals that the account administers.
    pub async fn delegated_services(self, account: &str) -> Answer<Vec<String>> {
        self.ask("ListDelegatedServicesForAccount", account, async move {
            let (ask, of) = (self.client()?, json!({ "AccountId": account }));
            let services: Vec<Principal> = ask.items("ListDelegatedServicesForAccount", of, "DelegatedServices").await?;
            Ok(services.into_iter().map(|one| one.service_principal).collect())
        })
        .await
    }

    /// Every delegated administrator with the service principals that it administers.
    pub async fn delegates(self) -> Result<Delegates, Gap> {
        let admins = self.delegated_administrators().await?;
        let with = admins.iter().map(async |admin| {
            let services = self.delegated_services(&admin.id).await;
            (admin.id.clone(), services)
        });
        Ok(join_all(with).await.into_iter().collect())
    }

    /// The accounts that administer one service for the organization.
    pub async fn delegates_for(self, principal: &str) -> Result<Vec<String>, Gap> {
        let mut found = Vec::new();
        for (id, services) in self.delegates().await? {
            if services?.iter().any(|one| one == principal) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// `organizations:ListAWSServiceAccessForOrganization`, every page: service principals with trusted access.
    pub async fn trusted_services(self) -> Answer<Vec<String>> {
        self.ask("ListAWSServiceAccessForOrganization", "", async move {
            let (ask, list) = (self.client()?, "EnabledServicePrincipals");
            let services: Vec<Principal> = ask.items("ListAWSServiceAccessForOrganization", json!({}), list).await?;
            Ok(services.into_iter().map(|one| one.service_principal).collect())
        })
        .await
    }

    /// `organizations:DescribeResourcePolicy`: the policy that delegates the management of policies; `None` when there is none.
    pub async fn delegation_policy(self) -> Answer<Option<String>> {
        self.ask("DescribeResourcePolicy", "", async move {
            let answer = self.client()?.member("DescribeResourcePolicy", json!({}), "ResourcePolicy.Content").await;
            absent(answer, &["ResourcePolicyNotFoundException"])
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{GapKind, Status};

    #[test]
    fn a_member_is_no_administrator_unless_it_is_listed() {
        // semantics 94
        let gap = || Gap::new("1", "global", "organizations:ListDelegatedAdministrators", GapKind::Denied, "no");
        let of = |all: Result<&[&str], Gap>| Seat::of("1", all.map(|all| all.iter().map(|&id| id.to_owned()).collect()));
        assert_eq!(of(Ok(&["1", "2"])), Seat::Administrator);
        assert_eq!(of(Ok(&["2"])), Seat::Other(vec!["2".into()]));
        assert_eq!(of(Err(gap())), Seat::Untold(gap()));
        for (seat, says) in [
            (of(Ok(&["2"])), "account 2 administers GuardDuty"),
            (of(Ok(&[])), "nothing says that account 1 administers GuardDuty"),
            (of(Err(gap())), "nothing says that account 1 administers GuardDuty"),
        ] {
            let mut reasons = Reasons::new();
            seat.doubt("1", "GuardDuty", &mut reasons);
            let verdict = reasons.open();
            assert_eq!(verdict.status, Status::Unknown);
            assert!(verdict.message.contains(says), "{}", verdict.message);
        }
    }
}
