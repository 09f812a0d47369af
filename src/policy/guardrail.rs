//! Policies of an organization (service control policies, resource control policies): is one certain request refused to an account,
//! whatever its own policies allow?
//!
//! At every step from the root to the account something must allow the request, and at none may anything deny it
//! (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>). A request is given by
//! the keys that are known of it; a condition on any other key leaves the answer open.

use super::condition::{Condition, Literal, Relation};
use super::decision::Decision;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::identity::is_for;
use super::pattern::Pattern;
use std::collections::BTreeMap;

/// The policies attached to one step of the way: the root, a unit, the account.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    pub documents: Vec<&'a Document>,
    /// Whether these are all; only then does it refuse what none of them allows.
    pub whole: bool,
}

/// A request, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A single action, `cloudtrail:StopLogging`.
    pub action: String,
    /// Condition keys in lower case, with their values.
    pub keys: BTreeMap<&'static str, String>,
    /// Keys in lower case that it surely does not have; `aws:resourcetag/` stands for all that begin so.
    pub absent: &'static [&'static str],
}

/// Whether a statement means the request.
enum Means {
    It,
    Not,
    Perhaps(String),
}

/// See [`super::refuses`].
pub fn refuses(levels: &[Level<'_>], request: &Request) -> Decision {
    let mut open = None;
    for level in levels {
        for deny in level.documents.iter().flat_map(|document| document.denies()) {
            match means(deny, request) {
                Means::It => return Decision::Yes(format!("{deny} denies {}", request.action)),
                Means::Perhaps(why) => open = Some(format!("{deny} denies {} {why}", request.action)),
                Means::Not => {}
            }
        }
    }
    for level in levels.iter().filter(|level| level.whole) {
        let (mut allowed, mut perhaps) = (false, None);
        for allow in level.documents.iter().flat_map(|document| document.allows()) {
            match means(allow, request) {
                Means::It => allowed = true,
                Means::Perhaps(why) => perhaps = Some(format!("{allow} allows {} {why}", request.action)),
                Means::Not => {}
            }
        }
        match (allowed, perhaps) {
            (true, _) => {}
            (false, Some(why)) => open = Some(why),
            (false, None) => return Decision::Yes(format!("no policy of one step allows {}", request.action)),
        }
    }
    match open {
        Some(why) => Decision::CannotTell(why),
        None => Decision::No(format!("no policy denies {}", request.action)),
    }
}

fn means(statement: &Statement, request: &Request) -> Means {
    if !statement.actions.covers(&Pattern::action(&request.action)) {
        return Means::Not;
    }
    let mut perhaps = None;
    for condition in &statement.conditions {
        match holds(condition, request) {
            Some(true) => {}
            Some(false) => return Means::Not,
            None => {
                let literal = Literal { condition, holds: true };
                perhaps.get_or_insert_with(|| format!("under a condition that is not decided: {}", literal.describe()));
            }
        }
    }
    let whoever = match &statement.principals {
        None => true,
        Some(Principals::Only(list)) => list.contains(&Principal::Everyone),
        Some(Principals::Except(_)) => false,
    };
    if !whoever {
        perhaps.get_or_insert_with(|| "to some principals only".into());
    }
    if let Some(resources) = &statement.resources
        && !every(resources, &request.action)
    {
        perhaps.get_or_insert_with(|| format!("on some resources only: {}", resources.texts().join(", ")));
    }
    perhaps.map_or(Means::It, Means::Perhaps)
}

/// Whether the condition lets the request in; `None` when that is open.
fn holds(condition: &Condition, request: &Request) -> Option<bool> {
    let key = condition.key.as_str();
    let literal = Literal { condition, holds: true };
    if let Some(value) = request.keys.get(key) {
        return match literal.relation() {
            Relation::There => Some(true),
            Relation::Absent => Some(false),
            Relation::Anything => None,
            Relation::Match | Relation::Mismatch => condition.test(value),
        };
    }
    let absent = |name: &&str| key == *name || (name.ends_with('/') && key.starts_with(*name));
    request.absent.iter().any(|name| absent(name)).then(|| literal.allows_missing())
}

/// Whether a statement is about every resource of the action.
fn every(resources: &Set, action: &str) -> bool {
    match resources {
        Set::Only(patterns) => patterns.iter().any(|pattern| everything(pattern, action)),
        Set::Except(patterns) => patterns.is_empty(),
    }
}

/// `*`, `arn:aws:cloudtrail:*:*:trail/*`, `arn:aws:s3:::*`.
fn everything(pattern: &Pattern, action: &str) -> bool {
    if pattern.is_everything() {
        return true;
    }
    let fields = pattern.fields(6);
    let [_, _, service, region, account, resource] = &fields[..] else { return false };
    let open = |field: &Pattern| field.is_everything() || field.text().is_empty();
    let own = service.is_everything() || service.fixed().is_some_and(|service| is_for(action, &service));
    let rest = resource.text().split_once(['/', ':']).map_or(resource.text(), |(_, rest)| rest);
    // What comes first in S3's ARNs is the bucket's name, not a kind.
    let named = service.fixed().as_deref() == Some("s3");
    own && open(region)
        && open(account)
        && (resource.is_everything() || resource.text() == "*/*" || (!named && rest == "*"))
}
