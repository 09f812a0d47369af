//! Everything that `GetAccountAuthorizationDetails` says, and the walks over it that checks share.

use super::pages::next;
use std::collections::BTreeSet;

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail,
    UserDetail,
};

use crate::aws::answer::required;
use crate::aws::fault::Fault;

/// Users, groups, roles and managed policies of an account, with their documents (percent-encoded, as IAM sends them).
#[derive(Debug, Clone, Default)]
pub struct AuthorizationDetails {
    pub users: Vec<UserDetail>,
    pub groups: Vec<GroupDetail>,
    pub roles: Vec<RoleDetail>,
    /// Customer managed policies, attached or not, and AWS managed policies in use.
    pub policies: Vec<ManagedPolicyDetail>,
    /// Where and when its documents are judged.
    pub context: posture_policy::Context,
    /// What everyone is worth, weighed when it is first asked.
    pub weighed: std::sync::OnceLock<posture_policy::Targets>,
}

/// A policy that applies to a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedPolicy<'a> {
    pub name: &'a str,
    /// `None` for an inline policy.
    pub arn: Option<&'a str>,
    /// The document, percent-encoded; `None` when the answer does not hold it.
    pub document: Option<&'a str>,
}

impl AuthorizationDetails {
    pub fn group(&self, name: &str) -> Option<&GroupDetail> {
        self.groups.iter().find(|group| group.group_name() == Some(name))
    }

    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicyDetail> {
        self.policies.iter().find(|policy| policy.arn() == Some(arn))
    }

    /// The default version of a managed policy's document, percent-encoded.
    pub fn managed_document(&self, arn: &str) -> Option<&str> {
        default_document(self.policy(arn)?)
    }

    /// Everything that grants to the user: inline and managed, of the user and of its groups. A group that the answer
    /// does not hold is an error with its name.
    pub fn policies_of_user<'a>(&'a self, user: &'a UserDetail) -> Result<Vec<AppliedPolicy<'a>>, String> {
        let mut all = self.applied(user.user_policy_list(), user.attached_managed_policies());
        for name in user.group_list() {
            let group = self
                .group(name)
                .ok_or_else(|| format!("group {name} of user {} is not in the answer", user_name(user)))?;
            all.extend(self.policies_of_group(group));
        }
        Ok(all)
    }

    pub fn policies_of_group<'a>(&'a self, group: &'a GroupDetail) -> Vec<AppliedPolicy<'a>> {
        self.applied(group.group_policy_list(), group.attached_managed_policies())
    }

    pub fn policies_of_role<'a>(&'a self, role: &'a RoleDetail) -> Vec<AppliedPolicy<'a>> {
        self.applied(role.role_policy_list(), role.attached_managed_policies())
    }

    fn applied<'a>(&'a self, inline: &'a [PolicyDetail], attached: &'a [AttachedPolicy]) -> Vec<AppliedPolicy<'a>> {
        let inline = inline.iter().map(|policy| AppliedPolicy {
            name: policy.policy_name().unwrap_or("(unnamed)"),
            arn: None,
            document: policy.policy_document(),
        });
        let attached = attached.iter().map(|policy| AppliedPolicy {
            name: policy.policy_name().unwrap_or("(unnamed)"),
            arn: policy.policy_arn(),
            document: policy.policy_arn().and_then(|arn| self.managed_document(arn)),
        });
        inline.chain(attached).collect()
    }

    /// `user alice`, `group admins`, `role deploy`: every principal that the managed policy is attached to, sorted.
    pub fn attached_to(&self, arn: &str) -> Vec<String> {
        let has = |attached: &[AttachedPolicy]| attached.iter().any(|policy| policy.policy_arn() == Some(arn));
        let users =
            self.users.iter().filter(|u| has(u.attached_managed_policies())).map(|u| format!("user {}", user_name(u)));
        let groups = self
            .groups
            .iter()
            .filter(|g| has(g.attached_managed_policies()))
            .map(|g| format!("group {}", group_name(g)));
        let roles =
            self.roles.iter().filter(|r| has(r.attached_managed_policies())).map(|r| format!("role {}", role_name(r)));
        let mut all: Vec<String> = users.chain(groups).chain(roles).collect();
        all.sort();
        all
    }
}

/// The document of the version that is in force, percent-encoded.
pub fn default_document(policy: &ManagedPolicyDetail) -> Option<&str> {
    policy.policy_version_list().iter().find(|version| version.is_default_version)?.document()
}

pub fn user_name(user: &UserDetail) -> &str {
    user.user_name().unwrap_or("(unnamed)")
}

pub fn group_name(group: &GroupDetail) -> &str {
    group.group_name().unwrap_or("(unnamed)")
}

pub fn role_name(role: &RoleDetail) -> &str {
    role.role_name().unwrap_or("(unnamed)")
}

/// Whether the role belongs to an AWS service, which alone can change it.
pub fn is_service_linked(role: &RoleDetail) -> bool {
    role.path().is_some_and(|path| path.starts_with("/aws-service-role/"))
}

/// Whether IAM Identity Center made the role from a permission set.
pub fn is_identity_center(role: &RoleDetail) -> bool {
    role.path().is_some_and(|path| path.starts_with("/aws-reserved/sso.amazonaws.com/"))
}

/// Joins the pages. Each list is there on every page that AWS sends, empty or not; one that never came is not "none".
#[derive(Debug, Default)]
pub(super) struct Collector {
    details: AuthorizationDetails,
    seen: [bool; 4],
    open: bool,
}

impl Collector {
    pub fn add(&mut self, page: GetAccountAuthorizationDetailsOutput) -> Result<(), Fault> {
        self.open = next(page.is_truncated, page.marker)?.is_some();
        let lists = [
            keep(&mut self.details.users, page.user_detail_list),
            keep(&mut self.details.groups, page.group_detail_list),
            keep(&mut self.details.roles, page.role_detail_list),
            keep(&mut self.details.policies, page.policies),
        ];
        for (seen, came) in self.seen.iter_mut().zip(lists) {
            *seen |= came;
        }
        Ok(())
    }

    pub fn finish(self) -> Result<AuthorizationDetails, Fault> {
        const NAMES: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
        if self.open {
            return Err(Fault::malformed("the pages end before the last one"));
        }
        for (name, seen) in NAMES.iter().zip(self.seen) {
            required(name, seen.then_some(()))?;
        }
        let mut details = self.details;
        check_names(&details)?;
        drop_unused(&mut details);
        // The order of pages is AWS's own; findings are compared between scans.
        details.users.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        details.groups.sort_by(|a, b| a.group_name.cmp(&b.group_name));
        details.roles.sort_by(|a, b| a.role_name.cmp(&b.role_name));
        details.policies.sort_by(|a, b| a.arn.cmp(&b.arn));
        Ok(details)
    }
}

fn keep<T>(all: &mut Vec<T>, page: Option<Vec<T>>) -> bool {
    let came = page.is_some();
    all.extend(page.into_iter().flatten());
    came
}

/// Leaves out AWS managed policies that nothing uses; AWS itself does not send them.
fn drop_unused(details: &mut AuthorizationDetails) {
    let AuthorizationDetails { users, groups, roles, policies, .. } = details;
    let attached = users.iter().map(UserDetail::attached_managed_policies);
    let attached = attached.chain(groups.iter().map(GroupDetail::attached_managed_policies));
    let attached = attached.chain(roles.iter().map(RoleDetail::attached_managed_policies));
    let attached = attached.flatten().filter_map(AttachedPolicy::policy_arn);
    let boundaries = users.iter().filter_map(UserDetail::permissions_boundary);
    let boundaries = boundaries.chain(roles.iter().filter_map(RoleDetail::permissions_boundary));
    let boundaries = boundaries.filter_map(AttachedPermissionsBoundary::permissions_boundary_arn);
    let used: BTreeSet<&str> = attached.chain(boundaries).collect();
    policies.retain(|policy| policy.arn().is_some_and(|arn| !is_aws_managed(arn) || used.contains(arn)));
}

/// Whether AWS wrote the policy: the account in its ARN is `aws`.
pub fn is_aws_managed(arn: &str) -> bool {
    arn.contains(":iam::aws:policy/")
}

/// Every principal has a name, everything has an ARN, and no ARN comes twice.
fn check_names(details: &AuthorizationDetails) -> Result<(), Fault> {
    let users = details.users.iter().map(|user| ("UserName", user.user_name(), user.arn()));
    let groups = details.groups.iter().map(|group| ("GroupName", group.group_name(), group.arn()));
    let roles = details.roles.iter().map(|role| ("RoleName", role.role_name(), role.arn()));
    let mut seen = BTreeSet::new();
    let policies = details.policies.iter().map(ManagedPolicyDetail::arn);
    let principals = users.chain(groups).chain(roles).map(|(member, name, arn)| required(member, name).map(|_| arn));
    for arn in principals.chain(policies.map(Ok)) {
        let arn = required("Arn", arn?)?;
        if !seen.insert(arn) {
            return Err(Fault::malformed(format!("{arn} is listed twice")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::PolicyVersion;

    use super::*;

    fn user(name: &str) -> UserDetail {
        let group = "admins";
        UserDetail::builder()
            .user_name(name)
            .arn(format!("arn:aws:iam::111122223333:user/{name}"))
            .group_list(group)
            .build()
    }

    fn page()
    -> aws_sdk_iam::operation::get_account_authorization_details::builders::GetAccountAuthorizationDetailsOutputBuilder
    {
        GetAccountAuthorizationDetailsOutput::builder()
            .set_user_detail_list(Some(vec![]))
            .set_group_detail_list(Some(vec![]))
            .set_role_detail_list(Some(vec![]))
            .set_policies(Some(vec![]))
    }

    #[test]
    fn pages_join_and_sort() {
        let mut pages = Collector::default();
        pages.add(page().user_detail_list(user("bob")).is_truncated(true).marker("m").build()).unwrap();
        pages.add(page().user_detail_list(user("alice")).build()).unwrap();
        let details = pages.finish().unwrap();
        assert_eq!(details.users.iter().map(user_name).collect::<Vec<_>>(), ["alice", "bob"]);
    }

    #[test]
    fn a_missing_list_or_page_is_malformed() {
        let mut pages = Collector::default();
        pages.add(page().set_role_detail_list(None).build()).unwrap();
        assert!(pages.finish().unwrap_err().message.contains("RoleDetailList"));
        let mut pages = Collector::default();
        assert!(pages.add(page().is_truncated(true).build()).is_err());
        assert!(Collector::default().finish().is_err());
        let mut pages = Collector::default();
        pages.add(page().user_detail_list(user("bob")).user_detail_list(user("bob")).build()).unwrap();
        assert!(pages.finish().unwrap_err().message.contains("twice"));
    }

    #[test]
    fn a_users_policies_include_those_of_its_groups() {
        let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
        let version = |id: &str, default, text: &str| {
            PolicyVersion::builder().version_id(id).is_default_version(default).document(text).build()
        };
        let details = AuthorizationDetails {
            users: vec![user("alice")],
            groups: vec![
                GroupDetail::builder()
                    .group_name("admins")
                    .arn("arn:aws:iam::111122223333:group/admins")
                    .attached_managed_policies(
                        AttachedPolicy::builder().policy_name("AdministratorAccess").policy_arn(arn).build(),
                    )
                    .build(),
            ],
            roles: vec![],
            policies: vec![
                ManagedPolicyDetail::builder()
                    .arn(arn)
                    .policy_version_list(version("v1", false, "old"))
                    .policy_version_list(version("v2", true, "new"))
                    .build(),
            ],
            ..AuthorizationDetails::default()
        };
        let policies = details.policies_of_user(&details.users[0]).unwrap();
        assert_eq!(policies, [AppliedPolicy { name: "AdministratorAccess", arn: Some(arn), document: Some("new") }]);
        assert_eq!(details.attached_to(arn), ["group admins"]);
        let stray = AuthorizationDetails { groups: vec![], ..details };
        assert!(stray.policies_of_user(&stray.users[0]).unwrap_err().contains("admins"));
    }
}
