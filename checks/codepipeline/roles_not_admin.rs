//! Do pipelines, the builds in a Region and what deploys for them go without administrator rights? Whoever gets code into one of them has
//! its role.

use super::listed::{judged, none, pipelines};
use crate::prelude::*;
use posture_estate::arn::account_of;
use posture_estate::identities::Holder;
use posture_estate::services::iam::details::AuthorizationDetails;
use posture_policy::{Decision, is_admin};

/// Roles that may be administrators.
const ACCEPTED: Setting<Resources> = setting!(roles_not_admin.accepted_roles);

pub async fn probe(at: &Region) -> Outcome {
    let (listed, projects) = join!(pipelines(at), at.codebuild().projects());
    let nothing = |answer: Result<bool, &Gap>| answer.is_ok_and(|empty| empty);
    if nothing(listed.as_ref().map(Vec::is_empty)) && nothing(projects.as_ref().map(|all| all.is_empty())) {
        return Ok(vec![none(at)]);
    }
    let details = at.account().iam().authorization_details().await;
    let judge = |what: String, roles: Vec<&str>| judge(&what, &roles, &details, at.account_id(), at.setting(ACCEPTED));
    let mut findings = match listed {
        Ok(listed) => judged(listed, |pipeline| judge(format!("pipeline {}", pipeline.name), pipeline.roles())),
        Err(gap) => vec![Verdict::unseen(&gap).sub("pipelines").on(at.resource())],
    };
    match projects {
        Ok(projects) => findings.extend(
            projects
                .iter()
                .map(|project| judge(format!("project {}", project.name), project.roles()).on(project.resource())),
        ),
        Err(gap) => findings.push(Verdict::unseen(&gap).sub("projects").on(at.resource())),
    }
    Ok(findings)
}

fn judge(
    what: &str,
    roles: &[&str],
    details: &Answer<AuthorizationDetails>,
    own: &str,
    accepted: &Resources,
) -> Verdict {
    let mut reasons = Reasons::new();
    for arn in roles {
        match (account_of(arn), details) {
            (Some(account), _) if account != own => {
                reasons.doubt(format!("{what} has role {arn}, whose policies show only in account {account}"));
            }
            (_, Err(gap)) => reasons.unseen(gap),
            (_, Ok(details)) => role(what, arn, details, accepted, &mut reasons),
        }
    }
    reasons.or_pass(|| match roles {
        [one] => format!("the role of {what} is no administrator: {one}"),
        all => format!("none of the {} roles of {what} is an administrator that is not accepted", all.len()),
    })
}

fn role(what: &str, arn: &str, details: &AuthorizationDetails, accepted: &Resources, reasons: &mut Reasons) {
    let Some(role) = details.roles.iter().find(|role| role.arn() == Some(arn)) else {
        return reasons.doubt(format!("role {arn} of {what} is not among the roles of the account"));
    };
    let (holder, name) = (Holder::Role(role), role.role_name().unwrap_or(arn));
    let tags = role.tags().iter().map(|tag| (tag.key(), tag.value()));
    if accepted.has(&Resource::new(arn, "AWS::IAM::Role", name).tags(tags)) {
        return;
    }
    // AWS's own policy is known without its document; what a boundary leaves of it is not.
    let managed = holder.attached().iter().filter_map(|policy| policy.policy_arn());
    let managed = holder.boundary().is_none()
        && managed.into_iter().any(|arn| arn.ends_with(":iam::aws:policy/AdministratorAccess"));
    match holder.identity(details).map(|identity| is_admin(&identity)) {
        Ok(Decision::Yes(why)) => {
            reasons.broken("admin_role", format!("role {name} of {what} is an administrator: {why}"))
        }
        _ if managed => reasons.broken("admin_role", format!("role {name} of {what} has AdministratorAccess")),
        Ok(Decision::No(_)) => {}
        Ok(Decision::CannotTell(why)) | Err(why) => {
            reasons.doubt(format!("whether role {name} of {what} is an administrator cannot be told: {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::{allowing, attachment, managed, role};

    const OWN: &str = "111122223333";
    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
    const DEPLOY: &str = "arn:aws:iam::111122223333:role/deploy";

    fn of(details: AuthorizationDetails, roles: &[&str], accepted: &[&str]) -> Verdict {
        judge("pipeline app", roles, &Ok(Arc::new(details)), OWN, &Resources::parse(accepted).unwrap())
    }

    fn with(document: &str) -> AuthorizationDetails {
        AuthorizationDetails { roles: vec![role("deploy", document)], ..Default::default() }
    }

    #[test]
    fn everything_on_everything_is_too_much() {
        assert_eq!(of(with(&allowing("*", "*")), &[DEPLOY], &[]).reasons, ["admin_role"]);
        assert_eq!(of(with(&allowing("s3:*", "*")), &[DEPLOY], &[]).status, Status::Pass);
        assert_eq!(of(with(&allowing("*", "*")), &[DEPLOY], &["deploy"]).status, Status::Pass);
        assert_eq!(of(with("{"), &[DEPLOY], &[]).status, Status::Unknown);
    }

    #[test]
    fn the_managed_policy_is_known_with_and_without_its_document() {
        let attached = |documents: bool| {
            let mut role = role("deploy", &allowing("s3:*", "*"));
            role.attached_managed_policies = Some(vec![attachment(ADMIN)]);
            let policies = if documents { vec![managed(ADMIN, &allowing("*", "*"))] } else { vec![] };
            AuthorizationDetails { roles: vec![role], policies, ..Default::default() }
        };
        for documents in [true, false] {
            assert_eq!(of(attached(documents), &[DEPLOY], &[]).reasons, ["admin_role"], "{documents}");
        }
    }

    #[test]
    fn one_of_several_is_enough_to_fail_and_others_accounts_are_unknown() {
        let other = "arn:aws:iam::444455556666:role/deploy";
        assert_eq!(of(with(&allowing("s3:*", "*")), &[DEPLOY, other], &[]).status, Status::Unknown);
        assert_eq!(of(with(&allowing("*", "*")), &[other, DEPLOY], &[]).status, Status::Fail);
        assert_eq!(of(with("{}"), &["arn:aws:iam::111122223333:role/gone"], &[]).status, Status::Unknown);
    }

    #[test]
    fn roles_that_were_not_seen_are_unknown() {
        let gap = Gap::new(OWN, "global", "iam:GetAccountAuthorizationDetails", GapKind::Denied, "no");
        assert_eq!(judge("pipeline app", &[DEPLOY], &Err(gap), OWN, &Resources::default()).status, Status::Unknown);
    }
}
