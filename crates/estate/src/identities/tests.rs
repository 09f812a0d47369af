//! Whose policies are whose, and where each is written.

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
        ..AuthorizationDetails::default()
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
    assert!(trust(&details.roles[0], 0).unwrap_err().contains("not in the answer"));
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
