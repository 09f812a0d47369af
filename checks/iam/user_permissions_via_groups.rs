//! Do permissions hang on groups and roles instead of single people? One finding per user, per group, and per role
//! that people sign in to through a SAML provider. Roles of IAM Identity Center are left out: this account cannot
//! change them.

use aws_sdk_iam::types::{GroupDetail, PolicyDetail, RoleDetail, UserDetail};

use crate::prelude::*;
use posture_estate::identities::trust;
use posture_estate::services::iam::AuthorizationDetails;
use posture_estate::services::iam::details::{group_name, is_identity_center, is_service_linked, role_name, user_name};
use posture_policy::{Grantee, Zone, assumers};

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let users = details.users.iter().map(|user| of_user(user).on(at.iam().iam_user(user)));
    let groups = details.groups.iter().map(|group| of_group(group, &details).on(at.iam().iam_group(group)));
    let roles =
        details.roles.iter().filter_map(|role| Some(of_role(role, at.now().secs())?.on(at.iam().iam_role(role))));
    Ok(users.chain(groups).chain(roles).collect())
}

fn of_user(user: &UserDetail) -> Verdict {
    let name = user_name(user);
    let attached: Vec<&str> =
        user.attached_managed_policies().iter().filter_map(|policy| policy.policy_name()).collect();
    let inline = names(user.user_policy_list());
    let mut reasons = Reasons::new();
    if !user.attached_managed_policies().is_empty() {
        reasons
            .broken("policy_attached_to_user", format!("user {name} has attached policies ({})", attached.join(", ")));
    }
    if !user.user_policy_list().is_empty() {
        reasons.broken("inline_policy_of_user", format!("user {name} has inline policies ({})", inline.join(", ")));
    }
    if user.group_list().is_empty() {
        reasons.broken("in_no_group", format!("user {name} is in no group"));
    }
    reasons
        .or_pass(|| format!("user {name} has permissions through groups only ({})", user.group_list().join(", ")))
        .evidence(json!({ "attached": attached, "inline": inline, "groups": user.group_list() }))
}

fn of_group(group: &GroupDetail, details: &AuthorizationDetails) -> Verdict {
    let name = group_name(group);
    let members = details.users.iter().filter(|user| user.group_list().iter().any(|of| of == name)).count();
    let inline = names(group.group_policy_list());
    let mut reasons = Reasons::new();
    if members == 0 {
        reasons.broken("group_without_users", format!("group {name} has no users"));
    }
    if !group.group_policy_list().is_empty() {
        reasons.broken("inline_policy_of_group", format!("group {name} has inline policies ({})", inline.join(", ")));
    }
    reasons
        .or_pass(|| format!("group {name} has users and managed policies only"))
        .evidence(json!({ "members": members, "inline": inline }))
}

/// `None` for a role that people do not sign in to.
fn of_role(role: &RoleDetail, now: i64) -> Option<Verdict> {
    if is_service_linked(role) || is_identity_center(role) {
        return None;
    }
    let name = role_name(role);
    let inline = names(role.role_policy_list());
    match trusts_saml(role, now) {
        Ok(false) => None,
        Ok(true) if inline.is_empty() => Some(Verdict::pass(format!("role {name} has managed policies only"))),
        Ok(true) => Some(Verdict::fail(
            "inline_policy_of_role",
            format!("role {name}, which people sign in to, has inline policies ({})", inline.join(", ")),
        )),
        // A role without inline policies is fine whoever uses it.
        Err(_) if inline.is_empty() => None,
        Err(why) => Some(Verdict::undecided(format!("whether people sign in to role {name} is not known: {why}"))),
    }
    .map(|verdict| verdict.evidence(json!({ "inline": inline })))
}

fn names(policies: &[PolicyDetail]) -> Vec<&str> {
    policies.iter().map(|policy| policy.policy_name().unwrap_or("(unnamed)")).collect()
}

/// Whether the trust policy lets people of a SAML provider sign in; a doubt elsewhere in it does not hide that it does.
fn trusts_saml(role: &RoleDetail, now: i64) -> Result<bool, String> {
    // Nobody's zone: every grant counts as external and is listed.
    let (grants, doubts) = assumers(&trust(role, now)?, &Zone::of("", ""));
    let saml = |principal: &str| principal.contains(":saml-provider/");
    match grants.iter().any(|grant| grant.kind == Grantee::Federated && saml(&grant.principal)) {
        true => Ok(true),
        false if doubts.is_empty() => Ok(false),
        false => Err(doubts.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::AttachedPolicy;

    fn inline() -> PolicyDetail {
        PolicyDetail::builder().policy_name("extra").policy_document("{}").build()
    }

    #[test]
    fn users_hold_nothing_themselves() {
        let alice = || UserDetail::builder().user_name("alice").group_list("dev");
        assert_eq!(of_user(&alice().build()).status, Status::Pass);
        assert_eq!(of_user(&alice().user_policy_list(inline()).build()).status, Status::Fail);
        let attached = AttachedPolicy::builder().policy_name("ReadOnlyAccess").build();
        assert_eq!(of_user(&alice().attached_managed_policies(attached).build()).status, Status::Fail);
        let alone = of_user(&UserDetail::builder().user_name("bob").build());
        assert_eq!((alone.status, alone.message.as_str()), (Status::Fail, "user bob is in no group"));
    }

    #[test]
    fn groups_have_users_and_managed_policies() {
        let group = || GroupDetail::builder().group_name("dev");
        let empty = AuthorizationDetails::default();
        assert_eq!(of_group(&group().build(), &empty).status, Status::Fail);
        let alice = UserDetail::builder().user_name("alice").group_list("dev").build();
        let details = AuthorizationDetails { users: vec![alice], ..empty };
        assert_eq!(of_group(&group().build(), &details).status, Status::Pass);
        assert_eq!(of_group(&group().group_policy_list(inline()).build(), &details).status, Status::Fail);
    }

    /// 2026-09-21, in seconds.
    const NOW: i64 = 1_790_000_000;

    #[test]
    fn roles_of_people_have_managed_policies() {
        // semantics 79, 90
        let saml = r#"{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"},"Action":"sts:AssumeRoleWithSAML"}}"#;
        let encoded = percent_encoding::utf8_percent_encode(saml, percent_encoding::NON_ALPHANUMERIC).to_string();
        let role = |trust: &str| RoleDetail::builder().role_name("r").assume_role_policy_document(trust);
        assert_eq!(of_role(&role(&encoded).build(), NOW).map(|v| v.status), Some(Status::Pass));
        assert_eq!(of_role(&role(saml).role_policy_list(inline()).build(), NOW).map(|v| v.status), Some(Status::Fail));
        let service = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        assert_eq!(of_role(&role(service).role_policy_list(inline()).build(), NOW), None);
        assert_eq!(
            of_role(&role("{").role_policy_list(inline()).build(), NOW).map(|v| v.status),
            Some(Status::Unknown)
        );
        let tags_only = saml.replace("sts:AssumeRoleWithSAML", "sts:TagSession");
        assert_eq!(
            of_role(&role(&tags_only).role_policy_list(inline()).build(), NOW),
            None,
            "nobody signs in by a tag"
        );
        let center = role(saml).path("/aws-reserved/sso.amazonaws.com/eu-west-1/").role_policy_list(inline()).build();
        assert_eq!(of_role(&center, NOW), None);
        let until = |year: u32| {
            let dated = format!(r#""Condition":{{"DateLessThan":{{"aws:CurrentTime":"{year}-01-01"}}}},"Action""#);
            of_role(&role(&saml.replace(r#""Action""#, &dated)).role_policy_list(inline()).build(), NOW)
        };
        assert_eq!(until(2024), None, "nobody signs in any more");
        assert_eq!(until(2099).map(|v| v.status), Some(Status::Fail));
    }
}
