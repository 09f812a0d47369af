//! Whoever may create identities or give them rights must be forced to set a boundary on them, by its own policies or by its own boundary,
//! unless that leaves it none of these rights: a boundary caps its principal, not what the principal makes. The two actions on policies know
//! no such condition; they are fine for a principal that must set a boundary on the identities which the policies would go to.

use crate::prelude::*;
use posture_estate::identities::{Holder, principals};
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{
    Document, GIVING, Identity, allows_anywhere, requires_boundary, sheds_boundary, undoes_boundaries,
};

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
    if may(&documents, &[], GIVING).is_empty() && may(&documents, &[], WRITING).is_empty() {
        return None;
    }
    Some(match sheds(&identity, details) {
        Err(why) => {
            let verdict = judge_rights(&label, &documents, &[], "");
            let unsure = format!("whether {label} can take its permissions boundary off is not known: {why}");
            if verdict.status == Status::Pass { verdict } else { Verdict::undecided(unsure) }
        }
        Ok(Some(way)) => {
            judge_rights(&label, &documents, &[], &format!(" can take its permissions boundary off by {way},"))
        }
        Ok(None) => judge_rights(&label, &documents, &identity.boundary.iter().collect::<Vec<_>>(), ""),
    })
}

/// The first way to get rid of its own boundary.
fn sheds(identity: &Identity, details: &AuthorizationDetails) -> Result<Option<&'static str>, String> {
    Ok(sheds_boundary(identity, details.targets())?.first().map(|way| way.path))
}

/// Which of the actions both the policies and the boundary leave.
fn may(documents: &[&Document], caps: &[&Document], actions: &[&'static str]) -> Vec<&'static str> {
    let left = |action: &&&'static str| {
        !allows_anywhere(documents, action).is_no() && (caps.is_empty() || !allows_anywhere(caps, action).is_no())
    };
    actions.iter().filter(left).copied().collect()
}

/// `caps` is the boundary, where it stands; `but` is what makes it fall.
fn judge_rights(label: &str, documents: &[&Document], caps: &[&Document], but: &str) -> Verdict {
    let (giving, writing) = (may(documents, caps, GIVING), may(documents, caps, WRITING));
    let actions: Vec<_> = giving.iter().chain(&writing).copied().collect();
    if actions.is_empty() {
        return Verdict::pass(format!("{label} may create no identities or policies within its permissions boundary"));
    }
    let bound = |action: &&'static str| {
        requires_boundary(documents, action).is_yes() || !caps.is_empty() && requires_boundary(caps, action).is_yes()
    };
    let mut free: Vec<&str> = giving.iter().copied().filter(|action| !bound(action)).collect();
    if giving.is_empty() {
        free.extend(&writing);
    }
    let verdict = if !free.is_empty() {
        let free = free.join(", ");
        Verdict::fail("no_boundary", format!("{label}{but} need not set a permissions boundary when it uses {free}"))
    } else if let Some(undo) = undoes_boundaries(documents, caps, &giving) {
        let why = "must set a permissions boundary on the identities that it creates and can undo it";
        Verdict::fail("no_boundary", format!("{label} {why} by {undo}"))
    } else {
        let what = "must set a permissions boundary on the identities that it creates or gives rights to";
        Verdict::pass(format!("{label} {what}"))
    };
    verdict.evidence(json!({ "actions": actions }))
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

    fn bounded(document: &str, cap: Option<&str>) -> Status {
        let mut bounded = role("deploy", document);
        bounded.permissions_boundary =
            Some(AttachedPermissionsBoundary::builder().permissions_boundary_arn(CAP).build());
        let mut details = AuthorizationDetails { roles: vec![bounded], ..Default::default() };
        details.policies = cap.map(|cap| posture_estate::identities::fixtures::managed(CAP, cap)).into_iter().collect();
        judge(&principals(&details)[0], &details, ADMINISTRATORS.default_value()).unwrap().status
    }

    #[test]
    fn a_boundary_of_its_own_passes_where_it_leaves_none_of_the_rights() {
        let create = allowing("iam:CreateRole", "*");
        assert_eq!(bounded(&create, None), Status::Unknown, "the boundary's document is not in the answer");
        assert_eq!(bounded(&create, Some(&allowing("*", "*"))), Status::Fail, "it caps nothing");
        assert_eq!(bounded(&create, Some(&allowing("s3:*", "*"))), Status::Pass);
        let rights = allowing("iam:CreateRole iam:PutRolePolicy sts:AssumeRole", "*");
        let leaves = allowing("iam:* s3:* sts:AssumeRole", "*");
        assert_eq!(bounded(&rights, Some(&leaves)), Status::Fail, "what it creates has no boundary");
    }

    #[test]
    fn a_boundary_that_can_be_taken_off_is_none() {
        let all = allowing("*", "*");
        let again = allowing("s3:* iam:SetDefaultPolicyVersion", "*");
        assert_eq!(bounded(&all, Some(&again)), Status::Pass, "it has one version only");
        for action in ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:CreatePolicyVersion"]
        {
            let cap = allowing(&format!("s3:* {action}"), "*");
            assert_eq!(bounded(&all, Some(&cap)), Status::Fail, "{action}");
        }
        let beside = allowing("s3:* iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/other");
        assert_eq!(bounded(&all, Some(&beside)), Status::Pass, "another's");
    }

    /// The example of <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>.
    #[test]
    fn the_delegates_of_awss_example_pass() {
        let statement = |effect: &str, actions: &str, resource: &str, condition: &str| {
            let actions: Vec<String> = actions.split(' ').map(|a| format!("\"{a}\"")).collect();
            format!(
                r#"{{"Effect":"{effect}","Action":[{}],"Resource":"{resource}","Condition":{{{condition}}}}}"#,
                actions.join(",")
            )
        };
        let document =
            |statements: &[String]| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let required =
            r#""StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/XCompanyBoundaries"}"#;
        let create =
            "iam:AttachUserPolicy iam:CreateUser iam:DetachUserPolicy iam:PutUserPermissionsBoundary iam:PutUserPolicy";
        let tasks = "cloudwatch:* iam:CreateAccessKey iam:CreatePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:List*";
        let edits = "iam:CreatePolicyVersion iam:DeletePolicyVersion iam:SetDefaultPolicyVersion";
        let no_edit = statement("Deny", edits, "arn:aws:iam::111122223333:policy/XCompanyBoundaries", "");
        let own = statement("Deny", edits, CAP, "");
        let no_delete = statement("Deny", "iam:DeleteUserPermissionsBoundary", "*", "");
        let zhang = [
            statement("Allow", create, "*", required),
            statement("Allow", tasks, "*", ""),
            no_edit.clone(),
            own,
            no_delete,
        ];
        let rights = allowing("iam:* cloudwatch:*", "*");
        assert_eq!(bounded(&rights, Some(&document(&zhang))), Status::Pass);
        let editable: Vec<String> = zhang.iter().filter(|s| **s != no_edit).cloned().collect();
        assert_eq!(
            bounded(&rights, Some(&document(&editable))),
            Status::Fail,
            "the required boundary can be rewritten"
        );
        let free =
            [zhang[0].replace(required, ""), zhang[1].clone(), zhang[2].clone(), zhang[3].clone(), zhang[4].clone()];
        assert_eq!(bounded(&rights, Some(&document(&free))), Status::Fail, "nothing requires one");
        let shirley = allowing("s3:* cloudwatch:* iam:ListUsers iam:CreateAccessKey iam:ChangePassword", "*");
        assert_eq!(bounded(&rights, Some(&shirley)), Status::Pass);
    }

    #[test]
    fn a_boundary_that_must_be_set_must_also_stay() {
        let set = |more: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:CreateRole","Resource":"arn:aws:iam::111122223333:role/app-*","Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{CAP}"}}}}}},
            {{"Effect":"Allow",{more}}}]}}"#
            )
        };
        let delete =
            |resource: &str| set(&format!(r#""Action":"iam:DeleteRolePermissionsBoundary","Resource":"{resource}""#));
        assert_eq!(verdict("deploy", &delete("*")), Some(Status::Fail));
        assert_eq!(verdict("deploy", &delete("arn:aws:iam::111122223333:role/web-*")), Some(Status::Pass), "of others");
        assert_eq!(
            verdict("deploy", &set(&format!(r#""Action":"iam:CreatePolicyVersion","Resource":"{CAP}""#))),
            Some(Status::Fail)
        );
        assert_eq!(
            verdict("deploy", &set(r#""Action":"iam:PutRolePermissionsBoundary","Resource":"*""#)),
            Some(Status::Fail)
        );
    }

    #[test]
    fn a_boundary_by_an_open_name_is_of_the_principals_own_making() {
        let with = |more: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"*","Condition":{{"ArnLike":{{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/app-*"}}}}}},
            {{"Effect":"Allow",{more}}}]}}"#
            )
        };
        let make = |name: &str| {
            with(&format!(r#""Action":"iam:CreatePolicy","Resource":"arn:aws:iam::111122223333:policy/{name}-*""#))
        };
        assert_eq!(verdict("deploy", &make("app")), Some(Status::Fail));
        assert_eq!(verdict("deploy", &make("web")), Some(Status::Pass));
    }

    #[test]
    fn a_deny_that_leaves_nothing_of_iam_leaves_no_finding() {
        let but = |excepted: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:*","Resource":"*"}},
            {{"Effect":"Deny","Action":"iam:*","NotResource":"{excepted}"}}]}}"#
            )
        };
        assert_eq!(verdict("deploy", &but("arn:aws:s3:::x")), None);
        assert_eq!(verdict("deploy", &but("arn:aws:iam::111122223333:role/app-*")), Some(Status::Fail));
    }

    #[test]
    fn others_have_no_finding() {
        assert_eq!(verdict("app", &allowing("s3:GetObject", "*")), None);
        assert_eq!(verdict("OrganizationAccountAccessRole", &allowing("*", "*")), Some(Status::NotApplicable));
        assert_eq!(verdict("deploy", &allowing("*", "*")), Some(Status::Fail));
        assert_eq!(verdict("deploy", "{"), Some(Status::Unknown));
    }
}
