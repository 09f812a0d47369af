//! Who may assume a role, by its trust policy: every question on whom a role trusts asks here.
//!
//! Only three actions open a session, and each sort of principal comes in by one of them; `sts:TagSession` and `sts:SetSourceIdentity` only come
//! along: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_assumerole.html>.

use super::condition::{Family, Literal, Relation};
use super::decision::{Grant, Grantee};
use super::document::{Document, Set};
use super::pattern::Pattern;

const BY_NAME: &str = "sts:AssumeRole";
const BY_SAML: &str = "sts:AssumeRoleWithSAML";
const BY_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// What opens a session.
const ALL: [&str; 3] = [BY_NAME, BY_SAML, BY_WEB_IDENTITY];

/// The policy without what opens no session.
pub fn assuming(document: &Document) -> Document {
    document.each(|statement| {
        if statement.allow {
            statement.actions = opening(&statement.actions)?;
        }
        Some(())
    })
}

/// The actions of a set that open a session: as the policy writes them where it writes nothing else.
fn opening(set: &Set) -> Option<Set> {
    let all = Pattern::action("sts:AssumeRole*");
    let each = |pass: &dyn Fn(&Pattern) -> bool| -> Vec<Pattern> {
        ALL.iter().map(|name| Pattern::action(name)).filter(|action| pass(action)).collect()
    };
    let kept: Vec<Pattern> = match set {
        Set::Only(patterns) => patterns
            .iter()
            .flat_map(|p| if all.covers(p) { vec![p.clone()] } else { each(&|action| p.covers(action)) })
            .collect(),
        Set::Except(_) => each(&|action| set.covers(action)),
    };
    (!kept.is_empty()).then_some(Set::Only(kept))
}

/// Whether an action of the grant is the one by which its principal comes in.
pub fn comes_in(grant: &Grant) -> bool {
    let ways: &[&str] = match grant.kind {
        Grantee::Federated if grant.principal.contains(":saml-provider/") => &[BY_SAML],
        Grantee::Federated if grant.principal.contains(['*', '?']) => &[BY_SAML, BY_WEB_IDENTITY],
        Grantee::Federated => &[BY_WEB_IDENTITY],
        Grantee::Everyone => &ALL,
        Grantee::Account | Grantee::Organization | Grantee::Service | Grantee::Canonical => &[BY_NAME],
    };
    let actions: Vec<Pattern> = grant.actions.iter().map(|text| Pattern::action(text)).collect();
    ways.iter().any(|way| actions.iter().any(|action| action.overlaps(&Pattern::action(way))))
}

/// Does the statement of a trust policy with this number let in only roles below a path (`aws-reserved/sso.amazonaws.com/`)?
pub fn only_roles_below(document: &Document, statement: usize, path: &str) -> bool {
    let below = format!("role/{path}");
    document.allows().filter(|allow| allow.number == statement).any(|allow| {
        allow.conditions.iter().any(|condition| {
            let literal = Literal { condition, holds: true };
            let asked = literal.relation() == Relation::Match && !literal.allows_missing();
            let by_part = condition.operator.family == Family::Arn;
            asked
                && condition.key == "aws:principalarn"
                && condition.values.iter().all(|value| {
                    let fields = value.fields(6);
                    let [_, _, service, _, account, resource] = &fields[..] else { return false };
                    // For `StringLike` a wildcard in the account may stand for more than the account.
                    let account = by_part || account.fixed().is_some();
                    account && service.fixed().as_deref() == Some("iam") && resource.prefix().starts_with(&below)
                })
        })
    })
}
