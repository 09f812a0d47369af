//! Who holds which policy, over the answer of `GetAccountAuthorizationDetails`: what the checks of identity policies walk.
//!
//! Two views of the same answer. A [`Holder`] is a user, group or role with everything that grants to it, for questions on combined
//! permissions. A [`Written`] is one policy document with its holders, for questions on a policy as it is written. Roles that belong to
//! an AWS service are left out of both: AWS writes and changes their policies.
//!
//! A document that the answer does not hold, or that does not parse, is an error in either view, never an empty policy.

use crate::finding::{Finding, Resource, Verdict};
use crate::place::Account;
use crate::services::iam::details::{self as iam, AuthorizationDetails};
use crate::services::iam::identity::parse;
use crate::settings::Resources;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, PolicyDetail, RoleDetail, UserDetail,
};
use posture_policy::{Document, Identity};

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

/// The trust policy of a role.
///
/// # Errors
/// That it is missing or does not parse, ready for a message.
pub fn trust(role: &RoleDetail) -> Result<Document, String> {
    let name = iam::role_name(role);
    let text = role
        .assume_role_policy_document()
        .ok_or_else(|| format!("the trust policy of role {name} is not in the answer"))?;
    Document::parse(text).map_err(|why| format!("the trust policy of role {name} cannot be read: {why}"))
}

/// Where a policy document stands.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
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
    pub place: Place<'a>,
    text: Option<&'a str>,
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
            place: Place::Inline(*holder),
            text: policy.policy_document(),
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
            place: if is_aws(arn) { Place::Aws(arn) } else { Place::Customer(arn) },
            text: details.managed_document(arn),
            only_boundary: having.is_empty() && holders.iter().any(bounds),
            holders: having,
        }
    });
    described.filter(|policy| !matches!(policy.place, Place::Aws(_)) || !policy.holders.is_empty()).collect()
}

/// `arn:aws:iam::aws:policy/…`: AWS is the owner.
fn is_aws(arn: &str) -> bool {
    arn.split(':').nth(4) == Some("aws")
}

impl Written<'_> {
    /// The document of the version in force.
    ///
    /// # Errors
    /// That it is missing or does not parse, ready for a message.
    pub fn document(&self) -> Result<Document, String> {
        parse(self.name, self.text)
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
        !matches!(self.place, Place::Aws(_))
    }

    /// `policy app`, `AWS managed policy ReadOnlyAccess`, `inline policy p of role deploy`.
    pub fn label(&self) -> String {
        match self.place {
            Place::Inline(holder) => format!("inline policy {} of {}", self.name, holder.label()),
            Place::Customer(_) => format!("policy {}", self.name),
            Place::Aws(_) => format!("AWS managed policy {}", self.name),
        }
    }

    /// The verdict on the managed policy, or on the holder of the inline policy under a key of its own.
    pub fn finding(&self, at: &Account, verdict: Verdict) -> Finding {
        match self.place {
            Place::Inline(holder) => verdict.sub(format!("inline/{}", self.name)).on(holder.resource(at)),
            Place::Customer(arn) | Place::Aws(arn) => {
                verdict.on(Resource::new(arn, "AWS::IAM::ManagedPolicy", arn).name(self.name))
            }
        }
    }
}

#[doc(hidden)]
pub mod fixtures {
    //! Small identities for the tests of checks.

    use super::*;
    use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion};

    /// A role with one inline policy; the trust policy names EC2.
    pub fn role(name: &str, inline: &str) -> RoleDetail {
        RoleDetail::builder()
            .role_name(name)
            .path("/")
            .arn(format!("arn:aws:iam::111122223333:role/{name}"))
            .assume_role_policy_document(trusting(
                r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#,
            ))
            .role_policy_list(PolicyDetail::builder().policy_name("inline").policy_document(inline).build())
            .build()
    }

    /// A role with a trust policy and nothing else.
    pub fn trusted(name: &str, trust: &str) -> RoleDetail {
        RoleDetail::builder()
            .role_name(name)
            .path("/")
            .arn(format!("arn:aws:iam::111122223333:role/{name}"))
            .assume_role_policy_document(trust)
            .build()
    }

    /// A document of one Allow statement with these members.
    pub fn trusting(members: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#)
    }

    /// An identity policy that allows these actions on these resources.
    pub fn allowing(actions: &str, resource: &str) -> String {
        trusting(&format!(
            r#""Action":[{}],"Resource":"{resource}""#,
            actions.split(' ').map(|a| format!("\"{a}\"")).collect::<Vec<_>>().join(",")
        ))
    }

    pub fn managed(arn: &str, document: &str) -> ManagedPolicyDetail {
        ManagedPolicyDetail::builder()
            .arn(arn)
            .policy_name(arn.rsplit('/').next().unwrap())
            .policy_version_list(
                PolicyVersion::builder().version_id("v1").is_default_version(true).document(document).build(),
            )
            .build()
    }

    pub fn attachment(arn: &str) -> AttachedPolicy {
        AttachedPolicy::builder().policy_name(arn.rsplit('/').next().unwrap()).policy_arn(arn).build()
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::{allowing, attachment, managed, role};
    use super::*;

    const APP: &str = "arn:aws:iam::111122223333:policy/app";
    const CAP: &str = "arn:aws:iam::111122223333:policy/cap";
    const READ: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const UNUSED: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

    fn details() -> AuthorizationDetails {
        let get = allowing("s3:GetObject", "*");
        let boundary = AttachedPermissionsBoundary::builder().permissions_boundary_arn(CAP).build();
        let mut own = role("AWSServiceRoleForSupport", &get);
        own.path = Some("/aws-service-role/support.amazonaws.com/".into());
        own.attached_managed_policies = Some(vec![attachment(UNUSED)]);
        AuthorizationDetails {
            users: vec![
                UserDetail::builder()
                    .user_name("alice")
                    .group_list("devs")
                    .attached_managed_policies(attachment(READ))
                    .permissions_boundary(boundary)
                    .build(),
            ],
            groups: ["devs", "empty"]
                .map(|name| GroupDetail::builder().group_name(name).attached_managed_policies(attachment(APP)).build())
                .into(),
            roles: vec![role("deploy", &get), own],
            policies: [APP, CAP, READ, UNUSED].map(|arn| managed(arn, &get)).into(),
        }
    }

    fn labels(holders: Vec<Holder<'_>>) -> Vec<String> {
        holders.iter().map(Holder::label).collect()
    }

    #[test]
    fn service_linked_roles_are_left_out() {
        let details = details();
        assert_eq!(labels(holders(&details)), ["user alice", "group devs", "group empty", "role deploy"]);
        assert_eq!(labels(principals(&details)), ["user alice", "group empty", "role deploy"]);
    }

    #[test]
    fn an_identity_is_everything_that_grants_and_the_boundary() {
        let details = details();
        let identity = Holder::User(&details.users[0]).identity(&details).unwrap();
        let names: Vec<_> = identity.policies.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ReadOnlyAccess", "app"]);
        assert!(identity.boundary.is_some());
    }

    #[test]
    fn what_is_missing_or_unreadable_is_an_error() {
        let mut details = details();
        details.policies.retain(|policy| policy.arn() != Some(CAP));
        assert!(Holder::User(&details.users[0]).identity(&details).unwrap_err().contains("cap"));
        details.roles[0] = role("deploy", "{");
        assert!(Holder::Role(&details.roles[0]).identity(&details).unwrap_err().contains("cannot be read"));
        details.roles[0].assume_role_policy_document = None;
        assert!(trust(&details.roles[0]).unwrap_err().contains("not in the answer"));
    }

    #[test]
    fn written_policies_know_their_holders() {
        let details = details();
        let all = written(&details);
        let seen: Vec<_> =
            all.iter().map(|policy| (policy.label(), labels(policy.holders.clone()), policy.only_boundary)).collect();
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            seen,
            [
                ("inline policy inline of role deploy".to_owned(), owned(&["role deploy"]), false),
                ("policy app".to_owned(), owned(&["group devs", "group empty"]), false),
                ("policy cap".to_owned(), owned(&[]), true),
                ("AWS managed policy ReadOnlyAccess".to_owned(), owned(&["user alice"]), false),
            ]
        );
    }

    #[test]
    fn an_attached_policy_that_is_not_listed_is_a_hole() {
        let mut details = details();
        details.policies.retain(|policy| policy.arn() != Some(READ));
        let all = written(&details);
        let read = all.iter().find(|policy| policy.name == "ReadOnlyAccess").unwrap();
        assert!(read.document().is_err());
    }

    #[test]
    fn administrators_are_roles() {
        let administrators = Resources::parse(&["OrganizationAccountAccessRole"]).unwrap();
        let listed = |name: &str, path: &str| {
            let mut role = role(name, "{}");
            role.path = Some(path.into());
            Holder::Role(&role).is_listed_administrator(&administrators)
        };
        assert!(listed("OrganizationAccountAccessRole", "/"));
        assert!(listed("AWSReservedSSO_Admin_0123", "/aws-reserved/sso.amazonaws.com/eu-west-1/"));
        assert!(!listed("AWSReservedSSO_Admin_0123", "/"));
        let user = UserDetail::builder().user_name("OrganizationAccountAccessRole").build();
        assert!(!Holder::User(&user).is_listed_administrator(&administrators));
    }
}
