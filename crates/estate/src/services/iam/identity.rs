//! Principals of the authorization details as [`crate::policy`] judges them.

use aws_sdk_iam::types::{AttachedPermissionsBoundary, GroupDetail, RoleDetail, UserDetail};

use super::details::{
    AppliedPolicy, AuthorizationDetails, default_document, is_aws_managed, is_service_linked, role_name,
};
use posture_policy::{Context, Document, Identity, Managed, Member, Targets};

impl AuthorizationDetails {
    /// The user's own policies, those of its groups, and its boundary. The error says which of them is missing or
    /// cannot be read.
    pub fn identity_of_user(&self, user: &UserDetail) -> Result<Identity, String> {
        let groups = user.group_list().iter().filter_map(|name| self.group(name)?.arn());
        self.identity(user.arn().into_iter().chain(groups), &self.policies_of_user(user)?, user.permissions_boundary())
    }

    pub fn identity_of_role(&self, role: &RoleDetail) -> Result<Identity, String> {
        self.identity(role.arn(), &self.policies_of_role(role), role.permissions_boundary())
    }

    pub fn identity_of_group(&self, group: &GroupDetail) -> Result<Identity, String> {
        self.identity(group.arn(), &self.policies_of_group(group), None)
    }

    fn identity<'a>(
        &self,
        arns: impl IntoIterator<Item = &'a str>,
        applied: &[AppliedPolicy<'a>],
        boundary: Option<&AttachedPermissionsBoundary>,
    ) -> Result<Identity, String> {
        let policies = applied.iter().map(|policy| Ok((policy.name.to_owned(), parse(policy.name, policy.document, &self.context)?)));
        let policies = policies.collect::<Result<_, String>>()?;
        let boundary_arn = boundary.and_then(AttachedPermissionsBoundary::permissions_boundary_arn).map(str::to_owned);
        let boundary = boundary.map(|boundary| {
            let arn = boundary.permissions_boundary_arn().ok_or("the permissions boundary comes without an ARN")?;
            parse(arn, self.managed_document(arn), &self.context)
        });
        let attached = applied.iter().filter_map(|policy| policy.arn).filter(|arn| !is_aws_managed(arn));
        let own = arns.into_iter().chain(attached).map(str::to_owned).collect();
        Ok(Identity { policies, boundary: boundary.transpose()?, boundary_arn, own, context: self.context.clone() })
    }

    /// Everyone of the account and its own policies, as what they are to somebody who wants more power. Roles of AWS services are left out:
    /// nobody can change them or take them on.
    pub fn targets(&self) -> &Targets {
        self.weighed.get_or_init(|| self.weigh())
    }

    fn weigh(&self) -> Targets {
        let member = |arn: Option<&str>, identity, trust| Some(Member { arn: arn?.to_owned(), identity, trust });
        let users = self.users.iter().filter_map(|user| member(user.arn(), self.identity_of_user(user), None));
        let groups = self.groups.iter().filter_map(|group| member(group.arn(), self.identity_of_group(group), None));
        let roles = self.roles.iter().filter(|role| !is_service_linked(role)).filter_map(|role| {
            let name = format!("the trust policy of role {}", role_name(role));
            let trust = parse(&name, role.assume_role_policy_document(), &self.context);
            member(role.arn(), self.identity_of_role(role), Some(trust))
        });
        let own = self.policies.iter().filter(|policy| policy.arn().is_some_and(|arn| !is_aws_managed(arn)));
        let policies = own.filter_map(|policy| {
            let (arn, versions) = (policy.arn()?, policy.policy_version_list().len());
            let document = parse(arn, default_document(policy), &self.context);
            Some(Managed { arn: arn.to_owned(), document, versions })
        });
        let members: Vec<Member> = users.chain(groups).chain(roles).collect();
        posture_policy::weighed(&members, &policies.collect::<Vec<_>>())
    }
}

/// The document of a policy, as it is in force. The error says that it is missing or why it cannot be read.
pub fn parse(name: &str, document: Option<&str>, context: &Context) -> Result<Document, String> {
    let document = document.ok_or_else(|| format!("the document of policy {name} is not in the answer"))?;
    context.parse(document).map_err(|error| format!("policy {name} cannot be read: {error}"))
}
