//! What policies insist on before they allow: a permissions boundary, a second factor. And whether they allow an action at all,
//! on whichever resource.
//!
//! These questions are about single condition keys. A condition counts only if a request without the key, or with a value of the
//! caller's own choice, does not get past it.

use super::arn::Arn;
use super::condition::{Condition, Literal, Relation};
use super::decision::{Context, Decision};
use super::document::{Document, Principal, Principals, Set, Statement};
use super::managed;
use super::paths::Need;
use super::pattern::Pattern;
use super::reaches::Scope;

/// Actions that make users and roles or give them rights, and know the condition key `iam:PermissionsBoundary`.
pub const GIVING: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

const BOUNDARY: &str = "iam:permissionsboundary";
const MFA_PRESENT: &str = "aws:multifactorauthpresent";
const MFA_AGE: &str = "aws:multifactorauthage";

/// Do identity policies together allow the action on at least one resource? A Deny counts when it has no condition and covers everything
/// that is allowed; a condition of the Allow does not make it a No. Yes = they do.
pub fn allows_anywhere(documents: &[&Document], action: &str) -> Decision {
    match open(documents, action).next() {
        Some(statement) => Decision::Yes(format!("{statement} allows {action}")),
        None => Decision::No(format!("nothing allows {action}")),
    }
}

/// Do identity policies allow `action` (of IAM, with the key `iam:PermissionsBoundary`) only together with a permissions boundary of the
/// policies' choice: by a condition of each Allow, or by a Deny of every other boundary and of none? Yes = they do.
pub fn requires_boundary(documents: &[&Document], action: &str) -> Decision {
    let wanted = Pattern::action(action);
    for statement in open(documents, action) {
        let by_deny = documents.iter().flat_map(|document| document.denies()).any(|deny| {
            deny.actions.covers(&wanted)
                && covers_resources(deny, statement, action)
                && matches!(&deny.conditions[..], [one] if refuses_boundaries(one))
        });
        if !by_deny && !statement.conditions.iter().any(asks_for_boundary) {
            return Decision::No(format!("{statement} allows {action} with any permissions boundary or none"));
        }
    }
    Decision::Yes(format!("{action} is allowed only with a permissions boundary"))
}

/// How the boundaries that the `giving` actions must set can be undone again: taken off, replaced or rewritten, within `caps` (the
/// identity's own boundary, where it has one).
pub fn undoes_boundaries(documents: &[&Document], caps: &[&Document], giving: &[&str]) -> Option<&'static str> {
    const OFF: [(&str, &str); 4] = [
        ("Role", "iam:DeleteRolePermissionsBoundary"),
        ("Role", "iam:PutRolePermissionsBoundary"),
        ("User", "iam:DeleteUserPermissionsBoundary"),
        ("User", "iam:PutUserPermissionsBoundary"),
    ];
    const REWRITE: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];
    const MAKE: &str = "iam:CreatePolicy";
    // On what the same documents let it make, or give rights to.
    let meets = |documents: &[&Document], kind: &str, action: &str| {
        let makers = giving.iter().filter(|g| g.contains(kind)).flat_map(|g| open(documents, g));
        let makers: Vec<&Statement> = makers.collect();
        open(documents, action).any(|statement| makers.iter().any(|maker| share(maker, statement)))
    };
    let off = OFF.into_iter().find(|(kind, action)| {
        let bound = action.contains(":Put")
            && (requires_boundary(documents, action).is_yes()
                || !caps.is_empty() && requires_boundary(caps, action).is_yes());
        !bound && meets(documents, kind, action) && (caps.is_empty() || meets(caps, kind, action))
    });
    let required: Vec<&Pattern> =
        documents.iter().chain(caps).flat_map(|d| d.statements()).flat_map(accepted).collect();
    let reaches =
        |action, arn: &Pattern| may_reach(documents, action, arn) && (caps.is_empty() || may_reach(caps, action, arn));
    let rewrite = || REWRITE.into_iter().find(|action| required.iter().any(|arn| reaches(action, arn)));
    // A name that is left open is one that no policy has yet.
    let open_names = || required.iter().filter(|arn| arn.fields(6).last().is_some_and(Pattern::has_wildcard));
    let make = || open_names().any(|arn| reaches(MAKE, arn)).then_some(MAKE);
    off.map(|(_, action)| action).or_else(rewrite).or_else(make)
}

/// The boundaries that a statement's conditions accept.
pub fn accepted(statement: &Statement) -> impl Iterator<Item = &Pattern> {
    let names = |condition: &&Condition| {
        condition.key == BOUNDARY && Literal { condition, holds: statement.allow }.relation() == Relation::Match
    };
    statement.conditions.iter().filter(names).flat_map(|c| &c.values)
}

/// Whether something may be among the resources of both.
fn share(one: &Statement, other: &Statement) -> bool {
    match (&one.resources, &other.resources) {
        (Some(Set::Only(patterns)), Some(set)) | (Some(set), Some(Set::Only(patterns))) => {
            patterns.iter().any(|pattern| set.overlaps(pattern))
        }
        _ => true,
    }
}

/// Whether the action is allowed on some of what the pattern means and no flat Deny takes that away.
fn may_reach(documents: &[&Document], action: &str, arn: &Pattern) -> bool {
    let wanted = Pattern::action(action);
    let all = |s: &Statement| s.actions.covers(&wanted) && s.resources.as_ref().is_none_or(|set| set.covers(arn));
    let denied = documents.iter().flat_map(|d| d.denies()).any(|deny| deny.conditions.is_empty() && all(deny));
    !denied && open(documents, action).any(|s| s.resources.as_ref().is_none_or(|set| set.overlaps(arn)))
}

/// Does the statement of a trust policy with this number let in only sessions with a second factor, by its own condition or by a Deny of
/// all others?
pub fn requires_mfa(document: &Document, statement: usize) -> bool {
    asked_of_all(document, statement, asks_for_mfa, refuses_without_mfa)
}

/// Whether a statement of a trust policy lets in only who meets the condition that `asks` knows, by its own condition or by a Deny of all
/// others, which `refuses` knows.
pub(super) fn asked_of_all(
    document: &Document,
    statement: usize,
    asks: fn(&Condition) -> bool,
    refuses: fn(&Condition) -> bool,
) -> bool {
    let assume = Pattern::action("sts:AssumeRole");
    let own =
        document.allows().filter(|allow| allow.number == statement).any(|allow| allow.conditions.iter().any(asks));
    own || document.denies().any(|deny| {
        let everyone = matches!(&deny.principals, Some(Principals::Only(list)) if list.contains(&Principal::Everyone));
        everyone && deny.actions.covers(&assume) && matches!(&deny.conditions[..], [one] if refuses(one))
    })
}

/// The Allow statements that reach the action on something that is its service's and that no flat Deny takes back.
fn open<'a>(documents: &'a [&'a Document], action: &str) -> impl Iterator<Item = &'a Statement> {
    let wanted = Pattern::action(action);
    let service = action.split(':').next().unwrap_or_default();
    let of_service = Pattern::wild(&format!("arn:*:{service}:*"), false);
    let field = Pattern::wild(service, false);
    documents.iter().flat_map(|document| document.allows()).filter(move |allow| {
        // By the service's own field: a wildcard at the end of another service's ARN reaches none of it.
        let reaches = match &allow.resources {
            None => true,
            Some(Set::Only(patterns)) => patterns.iter().any(|p| p.fields(6).get(2).is_none_or(|f| f.overlaps(&field))),
            Some(except @ Set::Except(_)) => except.overlaps(&of_service),
        };
        let denied = documents.iter().flat_map(|document| document.denies()).any(|deny| {
            deny.conditions.is_empty() && deny.actions.covers(&wanted) && covers_resources(deny, allow, action)
        });
        allow.actions.covers(&wanted) && reaches && !denied
    })
}

/// Whether all the resources of the one statement, as far as the action is about them, are surely among the other's.
fn covers_resources(deny: &Statement, allow: &Statement, action: &str) -> bool {
    let Some(denied) = &deny.resources else { return true };
    let context = Context::default();
    let scope = Scope { action, need: Need::Any, every_region: true, one_kind: true, context: &context };
    // A Deny that excepts nothing which the action takes leaves nothing.
    if matches!(denied, Set::Except(_)) && scope.is_denied(deny) {
        return true;
    }
    match &allow.resources {
        Some(Set::Only(patterns)) => patterns.iter().all(|pattern| denied.covers(pattern)),
        _ => denied.covers(&Pattern::wild("*", false)),
    }
}

fn holds(condition: &Condition) -> Literal<'_> {
    Literal { condition, holds: true }
}

fn asks_for_boundary(condition: &Condition) -> bool {
    condition.key == BOUNDARY
        && !holds(condition).allows_missing()
        && open_boundaries(condition).all(|arn| condition.test(&arn) == Some(false))
}

fn refuses_boundaries(condition: &Condition) -> bool {
    condition.key == BOUNDARY
        && holds(condition).allows_missing()
        && open_boundaries(condition).all(|arn| condition.test(&arn) == Some(true))
}

/// Boundaries that cap nothing, or that nobody means: a condition that accepts one of them accepts what the caller likes. AWS's that make an
/// administrator, and any policy at all of the accounts that the condition speaks of.
fn open_boundaries(condition: &Condition) -> impl Iterator<Item = String> {
    let by_aws = ["aws", "aws-cn", "aws-us-gov"].into_iter().flat_map(|partition| {
        managed::administrators().map(move |name| Arn::iam(partition, "aws", &format!("policy/{name}")).to_string())
    });
    let any = "arn:aws:iam::999999999999:policy/any-at-all".to_owned();
    let of_account = condition.values.iter().filter_map(|value| {
        let [_, partition, _, _, account, _] = &value.fields(6)[..] else { return None };
        Some(Arn::iam(&partition.fixed()?, &account.fixed()?, "policy/any-at-all").to_string())
    });
    by_aws.chain(std::iter::once(any)).chain(of_account)
}

fn asks_for_mfa(condition: &Condition) -> bool {
    let literal = holds(condition);
    match condition.key.as_str() {
        MFA_PRESENT => !literal.allows_missing() && condition.test("false") == Some(false),
        // The key is there only when a second factor was shown.
        MFA_AGE => !literal.allows_missing(),
        _ => false,
    }
}

fn refuses_without_mfa(condition: &Condition) -> bool {
    condition.key == MFA_PRESENT && holds(condition).allows_missing() && condition.test("false") == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: &str = "arn:aws:iam::111122223333:policy/cap";

    fn document(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
        let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{condition}}}"#)
    }

    fn anywhere(statements: &[String]) -> bool {
        allows_anywhere(&[&document(&statements.join(","))], "iam:CreateRole").is_yes()
    }

    fn boundary(statements: &[String]) -> bool {
        requires_boundary(&[&document(&statements.join(","))], "iam:CreateRole").is_yes()
    }

    #[test]
    fn an_action_on_one_resource_is_allowed_somewhere() {
        assert!(anywhere(&[statement("Allow", "IAM:create*", "arn:aws:iam::111122223333:role/app-*", "")]));
        assert!(anywhere(&[statement("Allow", "*", "*", "")]));
        assert!(!anywhere(&[statement("Allow", "*", "arn:aws:s3:::app/*", "")]), "no bucket is a role");
        assert!(!anywhere(&[statement("Allow", "s3:*", "*", "")]));
    }

    #[test]
    fn a_flat_deny_takes_it_back() {
        let allow = statement("Allow", "iam:*", "*", "");
        assert!(!anywhere(&[allow.clone(), statement("Deny", "iam:CreateRole", "*", "")]));
        assert!(anywhere(&[allow.clone(), statement("Deny", "iam:CreateRole", "arn:aws:iam::*:role/prod-*", "")]));
        assert!(anywhere(&[
            allow,
            statement("Deny", "iam:CreateRole", "*", r#"{"Bool":{"aws:SecureTransport":"false"}}"#)
        ]));
    }

    #[test]
    fn a_boundary_is_required_by_each_allow_or_by_a_deny() {
        let named = format!(r#"{{"StringEquals":{{"iam:PermissionsBoundary":"{CAP}"}}}}"#);
        let allow = |condition: &str| statement("Allow", "iam:CreateRole", "*", condition);
        assert!(boundary(&[allow(&named)]));
        assert!(!boundary(&[allow(&named), allow("")]));
        assert!(!boundary(&[allow(&named.replace("Equals", "EqualsIfExists"))]));
        for open in [
            "*",
            "arn:aws:iam::*:policy/*",
            "arn:aws:iam::111122223333:policy/*",
            "arn:aws:iam::aws:policy/*",
            "arn:aws-us-gov:iam::aws:policy/Admin*",
        ] {
            assert!(
                !boundary(&[allow(&format!(r#"{{"StringLike":{{"iam:PermissionsBoundary":"{open}"}}}}"#))]),
                "{open}"
            );
        }
        let others = statement("Deny", "iam:*", "*", &named.replace("StringEquals", "StringNotEquals"));
        assert!(boundary(&[allow(""), others]));
        let none = statement("Deny", "iam:*", "*", r#"{"Null":{"iam:PermissionsBoundary":"true"}}"#);
        assert!(!boundary(&[allow(""), none]), "any other boundary would do");
    }

    #[test]
    fn a_second_factor_is_required_by_the_allow_or_by_a_deny() {
        let trust = |statements: &str| requires_mfa(&document(statements), 1);
        let allow = |condition: &str| {
            format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"222233334444"}},"Action":"sts:AssumeRole"{condition}}}"#)
        };
        let deny = |condition: &str| {
            format!(
                r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{condition}}}"#,
                allow("")
            )
        };
        assert!(trust(&allow(r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#)));
        assert!(trust(&allow(r#","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}"#)));
        assert!(!trust(&allow("")));
        assert!(!trust(&allow(r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#)));
        assert!(!trust(&allow(r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true","false"]}}"#)));
        assert!(trust(&deny(r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#)));
        assert!(!trust(&deny(r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#)), "a long-term key has no such key");
    }
}
