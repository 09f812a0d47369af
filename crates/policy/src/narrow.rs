//! What one condition says about who calls.

use ipnet::IpNet;

use super::cidr;
use super::condition::{Family, Literal, Relation};
use super::keys::{self, Key};
pub use value::{Pin, Rule};
use value::{Tie, judge};

mod value;

/// What a literal does to the set of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// Nobody is left.
    Nobody,
    /// Callers must be tied to one of these.
    To(Vec<Pin>),
    /// Everyone is left; why, if that is worth saying.
    Nothing(Option<String>),
    /// Not decided; why.
    Unknown(String),
}

/// Judges one literal; `present` says that another literal of the same request requires its key.
pub fn narrow(literal: &Literal<'_>, present: bool, rule: Rule) -> Narrowing {
    let condition = literal.condition;
    let key = keys::classify(&condition.key);
    let name = &condition.name;
    let idle = |why: &str| Narrowing::Nothing(Some(format!("{name} {why} and narrows nothing")));
    let matched = match literal.relation() {
        Relation::Match => true,
        // "not false" is "true".
        Relation::Mismatch if condition.operator.family == Family::Bool => false,
        Relation::Mismatch => {
            return match key {
                Key::Unknown => unknown(name),
                _ => idle("is only excluded for some values"),
            };
        }
        Relation::There => {
            return match key {
                Key::Unknown => unknown(name),
                _ => Narrowing::Nothing(Some(format!("{name} need only be present, which narrows nothing"))),
            };
        }
        Relation::Absent | Relation::Anything => return Narrowing::Nothing(None),
    };
    match key {
        Key::Idle(why) => return idle(why),
        Key::Unknown => return unknown(name),
        _ if rule == Rule::Identity && of_network(key, &condition.key) => {
            return idle("says where a request comes from and not who makes it");
        }
        _ => {}
    }
    let rule = if rule == Rule::Identity { Rule::Meaning } else { rule };
    if literal.allows_missing() && !present && condition.key == "aws:principalaccount" {
        return Narrowing::Unknown("whether every request has aws:PrincipalAccount".into());
    }
    if literal.allows_missing() && !present {
        return Narrowing::Nothing(Some(format!("{name} lets in requests that do not have it and narrows nothing")));
    }
    if key == Key::IsService {
        return match says(literal, matched) {
            Some(true) => Narrowing::To(vec![Pin::AnyService]),
            _ => Narrowing::Nothing(None),
        };
    }
    if key == Key::MountTarget {
        return match says(literal, matched) {
            Some(true) => Narrowing::To(vec![Pin::Network("mount targets".into())]),
            _ => Narrowing::Nothing(None),
        };
    }
    if !matched || !suits(key, condition.operator.family) {
        return unknown(name);
    }
    if key == Key::Address && condition.operator.family == Family::Ip {
        return addresses(literal);
    }
    let mut pins = Vec::new();
    for value in &condition.values {
        match judge(key, value, condition.operator.family, rule) {
            Tie::Pinned(pin) => pins.push(pin),
            Tie::Never => {}
            Tie::Wildcard => return idle("is a wildcard"),
            Tie::Anonymous => return idle("lets in callers without credentials"),
            Tie::Open => return idle("is compared with a policy variable"),
            Tie::Describes => return idle("describes the resource"),
            Tie::Unsure => return unknown(name),
        }
    }
    if pins.is_empty() {
        return Narrowing::Nobody;
    }
    Narrowing::To(pins)
}

/// Whether a key is about the network that a request comes through, its owner included.
fn of_network(key: Key, name: &str) -> bool {
    matches!(key, Key::Network | Key::Address | Key::MountTarget)
        || matches!(name, "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid" | "aws:vpceorgpaths")
}

/// Whose resources a literal fixes, where its key is on the owner of the resource: `Some(None)` when it fixes nobody's. Only a policy
/// of what is not itself the resource, of a VPC endpoint, has a use for it.
pub fn owners(literal: &Literal<'_>) -> Option<Option<Vec<Pin>>> {
    let condition = literal.condition;
    if keys::classify(&condition.key) != Key::Owner {
        return None;
    }
    let key = match condition.key.as_str() {
        "aws:resourceorgid" => Key::Organization,
        "aws:resourceorgpaths" => Key::OrganizationPath,
        _ => Key::Account,
    };
    if literal.relation() != Relation::Match || !suits(key, condition.operator.family) {
        return Some(None);
    }
    let mut pins = Vec::new();
    for value in condition.values.iter().filter(|value| value.variables().is_empty()) {
        match judge(key, value, condition.operator.family, Rule::Meaning) {
            Tie::Pinned(pin) => pins.push(pin),
            Tie::Never => {}
            _ => return Some(None),
        }
    }
    let fixed = condition.values.iter().all(|value| value.variables().is_empty());
    Some(fixed.then_some(pins))
}

fn unknown(name: &str) -> Narrowing {
    Narrowing::Unknown(format!("whether {name} limits who may call"))
}

/// Whether the operator is one that compares such keys.
fn suits(key: Key, family: Family) -> bool {
    match family {
        Family::Text | Family::TextWithoutCase | Family::TextLike => true,
        Family::Arn => matches!(key, Key::Arn | Key::AccessPoint | Key::Cipher),
        Family::Ip => key == Key::Address,
        _ => false,
    }
}

/// What a literal on a boolean key says; `None` when nothing.
fn says(literal: &Literal<'_>, matched: bool) -> Option<bool> {
    let names = |text| literal.condition.values.iter().any(|v| v.matches(text));
    match (names("true"), names("false")) {
        (true, false) => Some(matched),
        (false, true) => Some(!matched),
        _ => None,
    }
}

fn addresses(literal: &Literal<'_>) -> Narrowing {
    let condition = literal.condition;
    if condition.values.is_empty() {
        return Narrowing::Nobody;
    }
    let nets: Option<Vec<IpNet>> = condition.values.iter().map(|v| cidr::parse(v.text())).collect();
    match nets {
        None => unknown(&condition.name),
        Some(nets) if cidr::too_broad(&nets) => Narrowing::Nothing(Some(format!(
            "{} {} is so broad that it narrows nothing",
            condition.name,
            condition.texts()
        ))),
        Some(nets) => Narrowing::To(nets.iter().map(|n| Pin::Network(n.to_string())).collect()),
    }
}
