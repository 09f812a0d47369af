//! Whoever may create identities or give them rights must be capped by a boundary or be forced to set one. The two actions on policies
//! know no such condition; they are fine for a principal that must set a boundary on the identities which the policies would go to.

use crate::prelude::*;
use posture_estate::identities::{Holder, principals};
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, Document, allows_anywhere, allows_everywhere, requires_boundary};

/// Actions that create identities or give them rights, and know the condition key `iam:PermissionsBoundary`.
const GIVING: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

/// Actions that change what others are allowed without naming them.
const WRITING: &[&str] = &["iam:CreatePolicy", "iam:CreatePolicyVersion"];

/// Roles that are administrators by design, besides those of IAM Identity Center: by default the organization's way into a member
/// account, and Control Tower's.
const ADMINISTRATORS: Setting<Resources> = setting!(permissions_boundaries_used.administrators);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let findings = principals(&details).into_iter().filter_map(|holder| {
        judge(&holder, &details, at.setting(ADMINISTRATORS)).map(|verdict| verdict.on(holder.resource(at)))
    });
    Ok(findings.collect())
}

/// `None` for a principal that may create nothing.
fn judge(holder: &Holder<'_>, details: &AuthorizationDetails, listed: &Resources) -> Option<Verdict> {
    let label = holder.label();
    if holder.is_listed_administrator(listed) {
        return Some(Verdict::not_applicable(format!("{label} is a listed administrator")));
    }
    let identity = match holder.identity(details) {
        Ok(identity) => identity,
        Err(why) => return Some(Verdict::undecided(format!("what {label} may do is not known: {why}"))),
    };
    let documents: Vec<&Document> = identity.policies.iter().map(|(_, document)| document).collect();
    let may = |actions: &[&'static str]| -> Vec<&'static str> {
        actions.iter().copied().filter(|action| !allows_anywhere(&documents, action).is_no()).collect()
    };
    let (giving, writing) = (may(GIVING), may(WRITING));
    if giving.is_empty() && writing.is_empty() {
        return None;
    }
    let actions: Vec<_> = giving.iter().chain(&writing).copied().collect();
    let verdict = match holder.boundary().and_then(|boundary| boundary.permissions_boundary_arn()) {
        // A boundary that allows everything caps nothing.
        Some(_)
            if identity
                .boundary
                .as_ref()
                .is_some_and(|cap| allows_everywhere(&[cap], "*", &identity.context).is_yes()) =>
        {
            judge_unbound(&label, &documents, &giving, &writing)
        }
        Some(boundary) => Verdict::pass(format!(
            "{label} may create identities or policies within the permissions boundary {boundary}"
        )),
        None => judge_unbound(&label, &documents, &giving, &writing),
    };
    Some(verdict.evidence(json!({ "actions": actions })))
}

fn judge_unbound(label: &str, documents: &[&Document], giving: &[&'static str], writing: &[&'static str]) -> Verdict {
    let (mut free, mut doubts) = (Vec::new(), Vec::new());
    for action in giving {
        match requires_boundary(documents, action) {
            Decision::Yes(_) => {}
            Decision::No(_) => free.push(*action),
            Decision::CannotTell(why) => doubts.push(why),
        }
    }
    if giving.is_empty() {
        free.extend(writing);
    }
    if !free.is_empty() {
        let free = free.join(", ");
        return Verdict::fail(
            "no_boundary",
            format!("{label} has no permissions boundary that caps it and need not set one when it uses {free}"),
        );
    }
    if !doubts.is_empty() {
        return Verdict::undecided(format!(
            "whether {label} must set a permissions boundary is not known: {}",
            doubts.join("; ")
        ));
    }
    Verdict::pass(format!(
        "{label} must set a permissions boundary on the identities that it creates or gives rights to"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::AttachedPermissionsBoundary;
    use posture_estate::identities::fixtures::{allowing, role, trusting};

    const CAP: &str = "arn:aws:iam::111122223333:policy/boundary";

    fn verdict(name: &str, document: &str) -> Option<Status> {
        let details = AuthorizationDetails { roles: vec![role(name, document)], ..Default::default() };
        judge(&principals(&details)[0], &details, ADMINISTRATORS.default_value()).map(|verdict| verdict.status)
    }

    fn when(condition: &str) -> String {
        trusting(&format!(
            r#""Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"arn:aws:iam::111122223333:role/app-*","Condition":{condition}"#
        ))
    }

    #[test]
    fn creating_without_a_boundary_fails() {
        assert_eq!(
            verdict("deploy", &allowing("iam:CreateRole", "arn:aws:iam::111122223333:role/app-*")),
            Some(Status::Fail)
        );
        assert_eq!(verdict("deploy", &allowing("iam:CreatePolicyVersion", "*")), Some(Status::Fail));
        assert_eq!(verdict("deploy", &when(r#"{"StringLike":{"iam:PermissionsBoundary":"*"}}"#)), Some(Status::Fail));
        assert_eq!(
            verdict(
                "deploy",
                &when(
                    r#"{"StringEqualsIfExists":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/boundary"}}"#
                )
            ),
            Some(Status::Fail)
        );
    }

    #[test]
    fn a_boundary_that_must_be_set_passes() {
        assert_eq!(
            verdict("deploy", &when(&format!(r#"{{"StringEquals":{{"iam:PermissionsBoundary":"{CAP}"}}}}"#))),
            Some(Status::Pass)
        );
        let with_policies = format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{{"ArnEquals":{{"iam:PermissionsBoundary":"{CAP}"}}}}}},
            {{"Effect":"Allow","Action":"iam:CreatePolicy","Resource":"*"}}]}}"#
        );
        assert_eq!(verdict("deploy", &with_policies), Some(Status::Pass));
        let by_deny = format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*"}},
            {{"Effect":"Deny","Action":"iam:CreateRole","Resource":"*","Condition":{{"StringNotEquals":{{"iam:PermissionsBoundary":"{CAP}"}}}}}}]}}"#
        );
        assert_eq!(verdict("deploy", &by_deny), Some(Status::Pass));
    }

    #[test]
    fn a_boundary_of_its_own_passes() {
        let mut bounded = role("deploy", &allowing("iam:CreateRole", "*"));
        bounded.permissions_boundary =
            Some(AttachedPermissionsBoundary::builder().permissions_boundary_arn(CAP).build());
        let mut details = AuthorizationDetails { roles: vec![bounded], ..Default::default() };
        assert_eq!(
            judge(&principals(&details)[0], &details, ADMINISTRATORS.default_value()).unwrap().status,
            Status::Unknown,
            "the boundary's document is not in the answer"
        );
        details.policies = vec![posture_estate::identities::fixtures::managed(CAP, &allowing("*", "*"))];
        assert_eq!(
            judge(&principals(&details)[0], &details, ADMINISTRATORS.default_value()).unwrap().status,
            Status::Fail,
            "it caps nothing"
        );
        details.policies = vec![posture_estate::identities::fixtures::managed(CAP, &allowing("s3:*", "*"))];
        assert_eq!(
            judge(&principals(&details)[0], &details, ADMINISTRATORS.default_value()).unwrap().status,
            Status::Pass
        );
    }

    #[test]
    fn others_have_no_finding() {
        assert_eq!(verdict("app", &allowing("s3:GetObject", "*")), None);
        assert_eq!(verdict("OrganizationAccountAccessRole", &allowing("*", "*")), Some(Status::NotApplicable));
        assert_eq!(verdict("deploy", &allowing("*", "*")), Some(Status::Fail));
        assert_eq!(verdict("deploy", "{"), Some(Status::Unknown));
    }
}
