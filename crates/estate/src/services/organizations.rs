//! AWS Organizations: the organization, its tree, its policies and whom it delegates to. AWS answers most of this only to the
//! management account and to delegated administrators; to any other account it is a gap.

pub mod attached;
pub mod tree;

use crate::aws::service::{Service, Wire};
use crate::place::service;
use crate::aws::answer::{absent, collect, required};
use crate::aws::fault::Fault;
use crate::finding::{Gap, Resource};
use crate::place::{Account, Answer};
use aws_sdk_organizations::types::{
    DelegatedAdministrator, OrganizationFeatureSet, OrganizationalUnit, PolicySummary, PolicyType, Root,
};
use futures_util::future::join_all;
use std::collections::BTreeMap;

service! {
    /// AWS Organizations at an account.
    organizations => Organizations by aws_sdk_organizations: Service::new("organizations", "the organization (with `--org`)", Wire::AwsJson)
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub name: String,
    pub state: State,
}

/// Whether an account can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// Suspended, closed or being closed: nobody gets in.
    Suspended,
    /// Invited or being made: not a member yet.
    Pending,
}

/// Delegated administrators, each with the service principals that it administers.
pub type Delegates = BTreeMap<String, Answer<Vec<String>>>;

/// The organization that an account is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    pub arn: String,
    pub management_account: String,
    /// Not consolidated billing only: policies and trusted access exist.
    pub all_features: bool,
}

impl Organization {
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Organizations::Organization", &self.id)
    }
}

impl Organizations<'_, Account> {
    /// `organizations:ListTagsForResource` of an account, every page.
    pub async fn account_tags(self, id: &str) -> Answer<BTreeMap<String, String>> {
        self.ask("ListTagsForResource", id, async move {
            let pages = self.client().list_tags_for_resource().resource_id(id).into_paginator();
            let mut tags = BTreeMap::new();
            for page in collect(pages.send()).await? {
                tags.extend(required("Tags", page.tags)?.into_iter().map(|tag| (tag.key, tag.value)));
            }
            Ok(tags)
        })
        .await
    }

    /// `organizations:DescribeOrganization`, which every member may ask; `None` when the account is in none.
    pub async fn organization(self) -> Answer<Option<Organization>> {
        self.ask("DescribeOrganization", "", async move {
            let answer = self.client().describe_organization().send().await;
            let Some(answer) = absent(answer, &["AWSOrganizationsNotInUseException"])? else { return Ok(None) };
            let found = required("Organization", answer.organization)?;
            Ok(Some(Organization {
                id: required("Id", found.id)?,
                arn: required("Arn", found.arn)?,
                management_account: required("MasterAccountId", found.master_account_id)?,
                all_features: required("FeatureSet", found.feature_set)? == OrganizationFeatureSet::All,
            }))
        })
        .await
    }

    /// `organizations:ListAccounts`, every page.
    pub async fn organization_accounts(self) -> Answer<Vec<Member>> {
        self.ask("ListAccounts", "", async move {
            let pages = collect(self.client().list_accounts().into_paginator().send()).await?;
            let accounts =
                pages.into_iter().map(|page| required("Accounts", page.accounts)).collect::<Result<Vec<_>, _>>()?;
            accounts.into_iter().flatten().map(member).collect()
        })
        .await
    }

    /// `organizations:ListRoots`, every page.
    pub async fn organization_roots(self) -> Answer<Vec<Root>> {
        self.ask("ListRoots", "", async move {
            let pages = collect(self.client().list_roots().into_paginator().send()).await?;
            let roots = pages.into_iter().map(|page| required("Roots", page.roots)).collect::<Result<Vec<_>, _>>()?;
            Ok(roots.into_iter().flatten().collect())
        })
        .await
    }

    /// `organizations:ListAccountsForParent`, every page: the accounts directly in a root or unit.
    pub async fn accounts_of(self, parent: &str) -> Answer<Vec<Member>> {
        self.ask("ListAccountsForParent", parent, async move {
            let pages = self.client().list_accounts_for_parent().parent_id(parent).into_paginator();
            let mut members = Vec::new();
            for page in collect(pages.send()).await? {
                for account in required("Accounts", page.accounts)? {
                    members.push(member(account)?);
                }
            }
            Ok(members)
        })
        .await
    }

    /// `organizations:ListOrganizationalUnitsForParent`, every page: the units directly in a root or unit.
    pub async fn units_of(self, parent: &str) -> Answer<Vec<Unit>> {
        self.ask("ListOrganizationalUnitsForParent", parent, async move {
            let pages = self.client().list_organizational_units_for_parent().parent_id(parent).into_paginator();
            let mut units = Vec::new();
            for page in collect(pages.send()).await? {
                for unit in required("OrganizationalUnits", page.organizational_units)? {
                    units.push(Unit::of(unit)?);
                }
            }
            Ok(units)
        })
        .await
    }

    /// `organizations:ListPolicies` of one type, every page.
    pub async fn organization_policies(self, kind: PolicyType) -> Answer<Vec<PolicySummary>> {
        let params = kind.as_str().to_owned();
        self.ask("ListPolicies", params, async move {
            let pages = collect(self.client().list_policies().filter(kind).into_paginator().send()).await?;
            let all =
                pages.into_iter().map(|page| required("Policies", page.policies)).collect::<Result<Vec<_>, _>>()?;
            Ok(all.into_iter().flatten().collect())
        })
        .await
    }

    /// `organizations:DescribePolicy`: the text of a policy.
    pub async fn organization_policy(self, id: &str) -> Answer<String> {
        self.ask("DescribePolicy", id, async move {
            let answer = self.client().describe_policy().policy_id(id).send().await?;
            required("Content", required("Policy", answer.policy)?.content)
        })
        .await
    }

    /// `organizations:ListTargetsForPolicy`, every page: ids of the roots, units and accounts that a policy is attached to.
    pub async fn policy_targets(self, id: &str) -> Answer<Vec<String>> {
        self.ask("ListTargetsForPolicy", id, async move {
            let pages = self.client().list_targets_for_policy().policy_id(id).into_paginator();
            let mut targets = Vec::new();
            for page in collect(pages.send()).await? {
                for target in required("Targets", page.targets)? {
                    targets.push(required("TargetId", target.target_id)?);
                }
            }
            Ok(targets)
        })
        .await
    }

    /// `organizations:ListDelegatedAdministrators`, every page: accounts that administer some service for the organization.
    pub async fn delegated_administrators(self) -> Answer<Vec<DelegatedAdministrator>> {
        self.ask("ListDelegatedAdministrators", "", async move {
            let pages = collect(self.client().list_delegated_administrators().into_paginator().send()).await?;
            let all = pages.into_iter().map(|page| required("DelegatedAdministrators", page.delegated_administrators));
            Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
        .await
    }

    /// `organizations:ListDelegatedServicesForAccount`, every page: the service principals that the account administers.
    pub async fn delegated_services(self, account: &str) -> Answer<Vec<String>> {
        self.ask("ListDelegatedServicesForAccount", account, async move {
            let pages = self.client().list_delegated_services_for_account().account_id(account).into_paginator();
            let mut services = Vec::new();
            for page in collect(pages.send()).await? {
                for service in required("DelegatedServices", page.delegated_services)? {
                    services.push(required("ServicePrincipal", service.service_principal)?);
                }
            }
            Ok(services)
        })
        .await
    }

    /// Every delegated administrator with the service principals that it administers.
    pub async fn delegates(self) -> Result<Delegates, Gap> {
        let admins = self.delegated_administrators().await?;
        let ids = admins.iter().filter_map(|admin| admin.id.clone());
        let with = ids.map(async |id| {
            let services = self.delegated_services(&id).await;
            (id, services)
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
            let pages = self.client().list_aws_service_access_for_organization().into_paginator();
            let mut services = Vec::new();
            for page in collect(pages.send()).await? {
                for service in required("EnabledServicePrincipals", page.enabled_service_principals)? {
                    services.push(required("ServicePrincipal", service.service_principal)?);
                }
            }
            Ok(services)
        })
        .await
    }

    /// `organizations:DescribeResourcePolicy`: the policy that delegates the management of policies; `None` when there is none.
    pub async fn delegation_policy(self) -> Answer<Option<String>> {
        self.ask("DescribeResourcePolicy", "", async move {
            let answer = self.client().describe_resource_policy().send().await;
            match absent(answer, &["ResourcePolicyNotFoundException"])? {
                Some(answer) => {
                    required("Content", required("ResourcePolicy", answer.resource_policy)?.content).map(Some)
                }
                None => Ok(None),
            }
        })
        .await
    }
}

/// A root or an organizational unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// `r-…` or `ou-…`
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl Unit {
    fn of(unit: OrganizationalUnit) -> Result<Unit, Fault> {
        let (id, arn) = (required("Id", unit.id)?, required("Arn", unit.arn)?);
        Ok(Unit { name: unit.name.unwrap_or_else(|| id.clone()), id, arn })
    }

    fn root(root: &Root) -> Result<Unit, Fault> {
        let (id, arn) = (required("Id", root.id.clone())?, required("Arn", root.arn.clone())?);
        Ok(Unit { name: root.name.clone().unwrap_or_else(|| id.clone()), id, arn })
    }

    pub fn is_root(&self) -> bool {
        self.id.starts_with("r-")
    }

    pub fn resource(&self) -> Resource {
        let kind = if self.is_root() { "AWS::Organizations::Root" } else { "AWS::Organizations::OrganizationalUnit" };
        Resource::new(&self.arn, kind, &self.id).name(&self.name)
    }
}

/// An account as the lists show it.
pub(crate) fn member(account: aws_sdk_organizations::types::Account) -> Result<Member, Fault> {
    use aws_sdk_organizations::types::AccountState as S;
    let id = required("Id", account.id)?;
    let state = match account.state {
        Some(S::Active) => State::Active,
        Some(S::Suspended | S::Closed | S::PendingClosure) => State::Suspended,
        Some(S::PendingActivation) => State::Pending,
        Some(other) => {
            return Err(Fault::malformed(format!("account {id} has the unknown state {:?}", other.as_str())));
        }
        None => status(&id, account.status)?,
    };
    Ok(Member { id, name: account.name.unwrap_or_default(), state })
}

/// The older member of the answer, which AWS replaces by `State`; what does not send that yet sends this.
fn status(id: &str, status: Option<aws_sdk_organizations::types::AccountStatus>) -> Result<State, Fault> {
    use aws_sdk_organizations::types::AccountStatus as S;
    match required("State", status)? {
        S::Active => Ok(State::Active),
        S::Suspended | S::PendingClosure => Ok(State::Suspended),
        other => Err(Fault::malformed(format!("account {id} has the unknown status {:?}", other.as_str()))),
    }
}
