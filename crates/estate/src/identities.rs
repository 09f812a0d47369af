//! Who holds which policy, over the answer of `GetAccountAuthorizationDetails`: what the checks of identity policies walk.
//!
//! Two views of the same answer. A [`Holder`] is a user, group or role with everything that grants to it, for questions on combined
//! permissions. A [`Written`] is one policy document with its holders, for questions on a policy as it is written. Roles that belong to
//! an AWS service are left out of both: AWS writes and changes their policies.
//!
//! A document that the answer does not hold, or that does not parse, is an error in either view, never an empty policy.

use crate::arn::Arn;
use crate::finding::{Finding, Resource, Verdict};
use crate::place::Account;
use crate::services::iam::details::{self as iam, AuthorizationDetails};
use crate::services::iam::identity::parse;
use crate::settings::Resources;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, PolicyDetail, RoleDetail, UserDetail,
};
use posture_policy::{Context, Document, Identity};

/// A user, group or role.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    User(&'a UserDetail),
    Group(&'a GroupDetail),
    Role(&'a RoleDetail),
}

/// Every user, every group, and every role that is not an AWS service's own.
pub fn holders(details: &AuthorizationDetails) -> Vec<Holder<'_>> {
    let users = details.users.iter().map(Holder::User);
    let groups = details.groups.iter().map(Holder::Group);
    let roles = details.roles.iter().filter(|role| !iam::is_service_linked(role)).map(Holder::Role);
    users.chain(groups).chain(roles).collect()
}

/// Those whose combined permissions are worth a question: users with the policies of their groups, roles, and groups that have no member
/// yet (a member's permissions say more).
pub fn principals(details: &AuthorizationDetails) -> Vec<Holder<'_>> {
    let has_member = |group: &GroupDetail| {
        let name = group.group_name();
        name.is_some() && details.users.iter().any(|user| user.group_list().iter().any(|of| Some(of.as_str()) == name))
    };
    holders(details).into_iter().filter(|holder| !matches!(holder, Holder::Group(group) if has_member(group))).collect()
}

impl<'a> Holder<'a> {
    pub fn name(&self) -> &'a str {
        match self {
            Holder::User(user) => iam::user_name(user),
            Holder::Group(group) => iam::group_name(group),
            Holder::Role(role) => iam::role_name(role),
        }
    }

    /// `user alice`, `group admins`, `role deploy`.
    pub fn label(&self) -> String {
        let kind = match self {
            Holder::User(_) => "user",
            Holder::Group(_) => "group",
            Holder::Role(_) => "role",
        };
        format!("{kind} {}", self.name())
    }

    pub fn resource(&self, at: &Account) -> Resource {
        match self {
            Holder::User(user) => at.iam().iam_user(user),
            Holder::Group(group) => at.iam().iam_group(group),
            Holder::Role(role) => at.iam().iam_role(role),
        }
    }

    /// The managed policies attached to it directly.
    pub fn attached(&self) -> &'a [AttachedPolicy] {
        match self {
            Holder::User(user) => user.attached_managed_policies(),
            Holder::Group(group) => group.attached_managed_policies(),
            Holder::Role(role) => role.attached_managed_policies(),
        }
    }

    pub fn has_attached(&self, arn: &str) -> bool {
        self.attached().iter().any(|policy| policy.policy_arn() == Some(arn))
    }

    fn inline(&self) -> &'a [PolicyDetail] {
        match self {
            Holder::User(user) => user.user_policy_list(),
            Holder::Group(group) => group.group_policy_list(),
            Holder::Role(role) => role.role_policy_list(),
        }
    }

    /// The permissions boundary; groups have none.
    pub fn boundary(&self) -> Option<&'a AttachedPermissionsBoundary> {
        match self {
            Holder::User(user) => user.permissions_boundary(),
            Holder::Group(_) => None,
            Holder::Role(role) => role.permissions_boundary(),
        }
    }

    /// Whether it may be an administrator: a role of IAM Identity Center (only that service makes roles below its path) or one that is
    /// listed by name, ARN or tag. Users and groups never are.
    pub fn is_listed_administrator(&self, listed: &Resources) -> bool {
        let Holder::Role(role) = self else { return false };
        let (arn, name) = (role.arn().unwrap_or_default(), role.role_name().unwrap_or_default());
        let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
        iam::is_identity_center(role) || listed.has(&Resource::new(arn, "AWS::IAM::Role", name).tags(tags))
    }

    /// Everything that grants to it and the boundary that caps it, parsed.
    ///
    /// # Errors
    /// Which part is missing or does not parse, ready for a message.
    pub fn identity(&self, details: &'a AuthorizationDetails) -> Result<Identity, String> {
        match self {
            Holder::User(user) => details.identity_of_user(user),
            Holder::Group(group) => details.identity_of_group(group),
            Holder::Role(role) => details.identity_of_role(role),
        }
    }
}

/// The trust policy of a role as it is in force at `now`, seconds since 1970: a grant that has expired lets nobody in.
///
/// # Errors
/// That it is missing or does not parse, ready for a message.
pub fn trust(role: &RoleDetail, now: i64) -> Result<Document, String> {
    let name = iam::role_name(role);
    let text = role
        .assume_role_policy_document()
        .ok_or_else(|| format!("the trust policy of role {name} is not in the answer"))?;
    let document =
        Document::parse(text).map_err(|why| format!("the trust policy of role {name} cannot be read: {why}"))?;
    Ok(document.as_of(now))
}

/// Where a policy document stands.
#[derive(Clone, Copy, Debug)]
pub enum PolicyKind<'a> {
    /// In a user, group or role.
    Inline(Holder<'a>),
    /// A customer managed policy, by its ARN.
    Customer(&'a str),
    /// An AWS managed policy, by its ARN.
    Aws(&'a str),
}

/// One policy as it is written, with who has it.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    pub name: &'a str,
    pub place: PolicyKind<'a>,
    text: Option<&'a str>,
    pub context: &'a Context,
    /// Those that it is attached to or stands in.
    pub holders: Vec<Holder<'a>>,
    /// Attached to nobody, and some principal's permissions boundary: it grants nothing.
    pub only_boundary: bool,
}

/// Every inline policy, every customer managed policy, attached or not, and every AWS managed policy that is attached.
pub fn written(details: &AuthorizationDetails) -> Vec<Written<'_>> {
    let holders = holders(details);
    let mut all = Vec::new();
    for holder in &holders {
        all.extend(holder.inline().iter().map(|policy| Written {
            name: policy.policy_name().unwrap_or("(unnamed)"),
            place: PolicyKind::Inline(*holder),
            text: policy.policy_document(),
            context: &details.context,
            holders: vec![*holder],
            only_boundary: false,
        }));
    }
    all.extend(managed(details, &holders));
    all
}

fn managed<'a>(details: &'a AuthorizationDetails, holders: &[Holder<'a>]) -> Vec<Written<'a>> {
    let listed = details.policies.iter().filter_map(|policy| Some((policy.arn()?, policy.policy_name())));
    // A policy that is attached, but not listed, is a hole in the answer and must show as one.
    let attached = holders
        .iter()
        .flat_map(Holder::attached)
        .filter_map(|policy| Some((policy.policy_arn()?, policy.policy_name())));
    let mut all: Vec<_> = listed.chain(attached).collect();
    all.sort_by_key(|(arn, _)| *arn);
    all.dedup_by_key(|(arn, _)| *arn);
    let described = all.into_iter().map(|(arn, name)| {
        let having: Vec<_> = holders.iter().copied().filter(|holder| holder.has_attached(arn)).collect();
        let bounds = |holder: &Holder<'_>| {
            holder.boundary().and_then(|boundary| boundary.permissions_boundary_arn()) == Some(arn)
        };
        Written {
            name: name.unwrap_or("(unnamed)"),
            place: if is_aws(arn) { PolicyKind::Aws(arn) } else { PolicyKind::Customer(arn) },
            text: details.managed_document(arn),
            context: &details.context,
            only_boundary: having.is_empty() && holders.iter().any(bounds),
            holders: having,
        }
    });
    described.filter(|policy| !matches!(policy.place, PolicyKind::Aws(_)) || !policy.holders.is_empty()).collect()
}

/// `arn:aws:iam::aws:policy/…`: AWS is the owner.
fn is_aws(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.account == "aws")
}

impl Written<'_> {
    /// The document of the version in force.
    ///
    /// # Errors
    /// That it is missing or does not parse, ready for a message.
    pub fn document(&self) -> Result<Document, String> {
        parse(self.name, self.text, self.context)
    }

    /// The verdict of `judge` on the document; a policy that only serves as a boundary grants nothing, one that cannot be read is unknown.
    pub fn judged(&self, judge: impl FnOnce(&Document) -> Verdict) -> Verdict {
        if self.only_boundary {
            return Verdict::pass(format!(
                "{} is attached to nobody and serves as a permissions boundary, which grants nothing",
                self.label()
            ));
        }
        match self.document() {
            Ok(document) => judge(&document),
            Err(why) => Verdict::undecided(why),
        }
    }

    /// Whether the customer wrote it.
    pub fn is_own(&self) -> bool {
        !matches!(self.place, PolicyKind::Aws(_))
    }

    /// `policy app`, `AWS managed policy ReadOnlyAccess`, `inline policy p of role deploy`.
    pub fn label(&self) -> String {
        match self.place {
            PolicyKind::Inline(holder) => format!("inline policy {} of {}", self.name, holder.label()),
            PolicyKind::Customer(_) => format!("policy {}", self.name),
            PolicyKind::Aws(_) => format!("AWS managed policy {}", self.name),
        }
    }

    /// The verdict on the managed policy, or on the holder of the inline policy under a key of its own.
    pub fn finding(&self, at: &Account, verdict: Verdict) -> Finding {
        match self.place {
            PolicyKind::Inline(holder) => verdict.sub(format!("inline/{}", self.name)).on(holder.resource(at)),
            PolicyKind::Customer(arn) | PolicyKind::Aws(arn) => {
                verdict.on(Resource::new(arn, "AWS::IAM::ManagedPolicy", arn).name(self.name))
            }
        }
    }
}

#[doc(hidden)]
pub mod fixtures;

#[cfg(test)]
mod tests;
