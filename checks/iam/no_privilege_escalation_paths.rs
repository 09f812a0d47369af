//! What a principal can do in all, not policy by policy: half of an escalation often comes from a group and half from the user.
//! Administrators have nowhere to escalate to and are left to other checks, unless only several policies together make them one: those
//! checks go policy by policy.

use crate::prelude::*;
use posture_estate::identities::{Holder, principals};
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, Document, Escalation, Identity, escalations_among, is_admin};

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    Ok(principals(&details).iter().map(|holder| judge(holder, &details).on(holder.resource(at))).collect())
}

fn judge(holder: &Holder<'_>, details: &AuthorizationDetails) -> Verdict {
    let label = holder.label();
    let identity = match holder.identity(details) {
        Ok(identity) => identity,
        Err(why) => return Verdict::undecided(format!("what {label} may do is not known: {why}")),
    };
    if let Decision::Yes(_) = is_admin(&identity) {
        return administrator(holder, &identity);
    }
    match escalations_among(&identity, details.targets()) {
        Err(why) => Verdict::undecided(format!("whether {label} can escalate its privileges is not known: {why}")),
        Ok(paths) if paths.is_empty() => Verdict::pass(format!("{label} has no known privilege escalation path")),
        Ok(paths) => {
            let told: Vec<String> = paths.iter().map(tell).collect();
            let evidence: Vec<_> =
                paths.iter().map(|p| json!({ "path": p.way(), "actions": p.actions, "policies": p.via })).collect();
            Verdict::fail("can_escalate", format!("{label} can escalate its privileges by {}", told.join("; ")))
                .evidence(json!({ "paths": evidence }))
        }
    }
}

/// IAM Identity Center's administrators are meant to be, however their permission set is put together.
fn administrator(holder: &Holder<'_>, identity: &Identity) -> Verdict {
    let label = holder.label();
    let alone = |policy: &(String, Document)| {
        is_admin(&Identity { policies: vec![policy.clone()], ..identity.clone() }).is_yes()
    };
    if identity.policies.iter().any(alone) || holder.is_listed_administrator(&Resources::default()) {
        return Verdict::not_applicable(format!("{label} is an administrator already"));
    }
    let names: Vec<&str> = identity.policies.iter().map(|(name, _)| name.as_str()).collect();
    let message =
        format!("{label} is an administrator by its policies together ({}), and by none alone", names.join(", "));
    Verdict::fail("administrator_by_parts", message)
}

fn tell(path: &Escalation) -> String {
    format!("{} (policy {})", path.way(), path.via.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{GroupDetail, PolicyDetail, UserDetail};
    use posture_estate::identities::fixtures::{allowing, role};

    fn status(document: &str) -> Status {
        let details = AuthorizationDetails { roles: vec![role("app", document)], ..Default::default() };
        judge(&principals(&details)[0], &details).status
    }

    #[test]
    fn a_whole_path_fails_half_of_one_passes() {
        assert_eq!(status(&allowing("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*")), Status::Fail);
        assert_eq!(status(&allowing("iam:CreatePolicyVersion", "*")), Status::Fail);
        assert_eq!(status(&allowing("lambda:CreateFunction s3:GetObject", "*")), Status::Pass);
        assert_eq!(status("{"), Status::Unknown);
    }

    #[test]
    fn an_administrator_by_several_policies_is_left_to_nobody() {
        // semantics 130
        let but_iam = r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#;
        let policy = |name: &str, text: &str| PolicyDetail::builder().policy_name(name).policy_document(text).build();
        let mut parts = role("app", but_iam);
        parts.role_policy_list.get_or_insert_default().push(policy("rest", &allowing("iam:*", "*")));
        assert_eq!(of(&parts), Status::Fail, "no check of single policies sees it");
        parts.path = Some("/aws-reserved/sso.amazonaws.com/".into());
        assert_eq!(of(&parts), Status::NotApplicable, "Identity Center's own");
        parts.path = Some("/".into());
        parts.role_policy_list.get_or_insert_default().push(policy("all", &allowing("*", "*")));
        assert_eq!(of(&parts), Status::NotApplicable, "one policy is enough, and is judged as such");
    }

    fn of(role: &aws_sdk_iam::types::RoleDetail) -> Status {
        let details = AuthorizationDetails { roles: vec![role.clone()], ..Default::default() };
        judge(&principals(&details)[0], &details).status
    }

    #[test]
    fn administrators_are_not_applicable() {
        assert_eq!(status(&allowing("*", "*")), Status::NotApplicable);
    }

    #[test]
    fn a_named_role_counts_for_what_it_is() {
        let verdict = |services: &str, rights: &str| {
            let statement = |actions: &str, resource: &str| {
                format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}"#)
            };
            let pass = statement(r#""iam:PassRole""#, "arn:aws:iam::111122223333:role/Admin");
            let code = statement(r#"["lambda:CreateFunction","lambda:InvokeFunction"]"#, "*");
            let app = role("app", &format!(r#"{{"Version":"2012-10-17","Statement":[{pass},{code}]}}"#));
            let mut admin = role("Admin", rights);
            let trust = format!(r#""Principal":{{"Service":"{services}"}},"Action":"sts:AssumeRole""#);
            admin.assume_role_policy_document = Some(posture_estate::identities::fixtures::trusting(&trust));
            let details = AuthorizationDetails { roles: vec![app, admin], ..Default::default() };
            judge(&principals(&details)[0], &details)
        };
        let open = verdict("lambda.amazonaws.com", &allowing("*", "*"));
        assert_eq!(open.status, Status::Fail, "{}", open.message);
        assert!(open.message.contains("on role/Admin"), "{}", open.message);
        assert_eq!(verdict("ec2.amazonaws.com", &allowing("*", "*")).status, Status::Pass, "Lambda cannot have it");
        assert_eq!(verdict("lambda.amazonaws.com", &allowing("s3:GetObject", "*")).status, Status::Pass, "harmless");
        assert_eq!(verdict("lambda.amazonaws.com", "{").status, Status::Unknown, "not known");
    }

    #[test]
    fn halves_from_the_group_and_the_user_make_a_path() {
        // semantics 42
        let policy = |document: String| PolicyDetail::builder().policy_name("p").policy_document(document).build();
        let details = AuthorizationDetails {
            users: vec![
                UserDetail::builder()
                    .user_name("alice")
                    .group_list("devs")
                    .user_policy_list(policy(allowing("iam:PassRole", "*")))
                    .build(),
            ],
            groups: vec![
                GroupDetail::builder()
                    .group_name("devs")
                    .group_policy_list(policy(allowing("lambda:CreateFunction lambda:InvokeFunction", "*")))
                    .build(),
            ],
            ..Default::default()
        };
        let all = principals(&details);
        assert_eq!(all.len(), 1, "a group with members is judged by its members");
        let verdict = judge(&all[0], &details);
        assert_eq!(verdict.status, Status::Fail, "{}", verdict.message);
    }
}
