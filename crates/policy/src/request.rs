//! A request that policies of an organization are asked about: what is known of its keys, and what a condition says to it.
//! What is not known is said as all that it may be, so that one made-up caller does not stand for all.

use super::cidr;
use super::condition::{Condition, Family, Literal, Relation};
use super::pattern::Pattern;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a request may have under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Is(String),
    /// The key is not there.
    Missing,
    /// Something that no policy names: only what matches everything matches it.
    Unnamed,
    /// Whatever it may be; what hangs on it is not decided.
    Open,
}

/// Requests that differ only in what their keys have.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A single action, `cloudtrail:StopLogging`.
    pub action: String,
    /// Condition keys in lower case with all that they may have; one that ends in `/` stands for each that begins so. What is not
    /// here is open.
    pub keys: BTreeMap<&'static str, Vec<Value>>,
}

impl Request {
    pub fn values(&self, key: &str) -> Option<&[Value]> {
        let family = || self.keys.iter().find(|(name, _)| name.ends_with('/') && key.starts_with(**name));
        self.keys.get(key).or_else(|| family().map(|(_, values)| values)).map(Vec::as_slice)
    }

    /// What a policy variable stands for, where that is one value.
    pub fn variable(&self, name: &str) -> Option<&str> {
        match self.values(name)? {
            [Value::Is(value)] => Some(value),
            _ => None,
        }
    }
}

/// One of the requests: what each key has that the policies look at.
pub type Keys<'a> = BTreeMap<&'a str, &'a Value>;

/// Whether the condition lets the request in; `None` when that is open.
pub fn holds(condition: &Condition, request: &Request, keys: &Keys<'_>) -> Option<bool> {
    let literal = Literal { condition, holds: true };
    let value = match keys.get(condition.key.as_str())? {
        Value::Missing => return Some(literal.allows_missing()),
        Value::Open => return None,
        Value::Unnamed => None,
        Value::Is(value) => Some(value),
    };
    match (literal.relation(), value) {
        (Relation::There, _) => Some(true),
        (Relation::Absent, _) => Some(false),
        (Relation::Anything, _) => None,
        (Relation::Match | Relation::Mismatch, Some(value)) => filled(condition, request)?.test(value),
        (Relation::Match | Relation::Mismatch, None) => Some(matches_all(condition)? != condition.operator.negated),
    }
}

/// Whether its values match whatever there is; `None` where a value may be anything.
fn matches_all(condition: &Condition) -> Option<bool> {
    let values = &condition.values;
    match condition.operator.family {
        Family::Text | Family::TextWithoutCase | Family::TextLike | Family::Arn => {
            let something = Pattern::wild("?*", false);
            let all = values.iter().any(|value| value.covers(&something));
            (all || values.iter().all(|value| value.variables().is_empty())).then_some(all)
        }
        Family::Ip => {
            let ranges: Option<Vec<_>> = values.iter().map(|value| cidr::parse(value.text())).collect();
            Some(cidr::too_broad(&ranges?))
        }
        _ => None,
    }
}

/// The condition with the policy variables that the request decides.
fn filled<'a>(condition: &'a Condition, request: &Request) -> Option<Cow<'a, Condition>> {
    if condition.values.iter().all(|value| value.variables().is_empty()) {
        return Some(Cow::Borrowed(condition));
    }
    let texts: Vec<String> = condition.values.iter().map(|value| fill(value.text(), request)).collect();
    Condition::new(&condition.operator.name, &condition.name, &texts, true).ok().map(Cow::Owned)
}

fn fill(text: &str, request: &Request) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let found = part.split_once('}').and_then(|(name, rest)| {
            let name = name.split(',').next()?.trim().to_ascii_lowercase();
            Some((request.variable(&name)?, rest))
        });
        match found {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["${", part]),
        }
    }
    filled
}
