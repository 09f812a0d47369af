//! What one condition says about who calls.

use ipnet::IpNet;

use super::arn::is_account;
use super::cidr;
use super::condition::{Family, Literal, Relation};
use super::keys::{self, Key};
use super::pattern::Pattern;

/// A fixed thing that callers are tied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pin {
    /// An account, 12 digits.
    Account(String),
    /// An organization, `o-…`.
    Organization(String),
    /// The account or organization that owns the resource, through a policy variable.
    Owner,
    /// One service.
    Service(String),
    /// Any service, but only services.
    AnyService,
    /// Addresses, a VPC or a VPC endpoint.
    Network(String),
    /// A resource without an account in its name, for which a service calls.
    Named(String),
    /// A principal by an id that does not show its account.
    Id(String),
    /// A SAML or web identity provider.
    Federated(String),
}

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

/// How strictly a value must be fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// What is true of the callers: `arn:aws:iam::111122223333:role/*` ties them to the account.
    Meaning,
    /// S3's rule for grants: no wildcard and no policy variable at all.
    Fixed,
    /// As `Meaning`, but only the caller's organization or identity counts: a network is neither.
    Identity,
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
            Value::Pinned(pin) => pins.push(pin),
            Value::Never => {}
            Value::Wildcard => return idle("is a wildcard"),
            Value::Anonymous => return idle("lets in callers without credentials"),
            Value::Open => return idle("is compared with a policy variable"),
            Value::Describes => return idle("describes the resource"),
            Value::Unsure => return unknown(name),
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
            Value::Pinned(pin) => pins.push(pin),
            Value::Never => {}
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

enum Value {
    Pinned(Pin),
    /// No request has it.
    Never,
    Wildcard,
    Anonymous,
    /// A policy variable that the caller decides.
    Open,
    /// A fixed owner: true of every request for the resource.
    Describes,
    Unsure,
}

/// Variables that stand for the owner of the resource, and those that stand for the caller or the source.
const OWNER: [&str; 4] = ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"];
const CALLER: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

fn judge(key: Key, value: &Pattern, family: Family, rule: Rule) -> Value {
    let variables = value.variables();
    if !variables.is_empty() {
        let pairs: &[&str] = match key {
            Key::Owner => &CALLER,
            Key::Account | Key::Organization | Key::OrganizationPath => &OWNER,
            _ => &[],
        };
        // `${aws:ResourceOrgID}` alone, or `${aws:ResourceOrgPaths}/*`: the variable must come first.
        let whole = value.prefix().is_empty() && (!value.has_wildcard() || key == Key::OrganizationPath);
        let owner = whole && variables.len() == 1 && pairs.contains(&variables[0]);
        return match rule {
            Rule::Meaning if owner => Value::Pinned(Pin::Owner),
            _ => Value::Open,
        };
    }
    if key == Key::Owner {
        return Value::Describes;
    }
    let fixed = value.fixed();
    if let Some(text) = &fixed
        && !matches!(family, Family::TextLike | Family::Arn)
        && text.contains(['*', '?'])
    {
        // `StringEquals` takes `*` for a plain character, and no request has one there.
        return Value::Never;
    }
    if value.is_everything() {
        return Value::Wildcard;
    }
    match key {
        Key::Account => match fixed {
            Some(id) if is_account(&id) => Value::Pinned(Pin::Account(id)),
            // What `aws:PrincipalAccount` is for callers without credentials.
            Some(id) if id.eq_ignore_ascii_case("anonymous") => Value::Anonymous,
            Some(_) => Value::Never,
            None => Value::Wildcard,
        },
        Key::Organization => match fixed {
            Some(id) => Value::Pinned(Pin::Organization(id)),
            None => Value::Wildcard,
        },
        Key::OrganizationPath => {
            let prefix = value.prefix();
            match (prefix.split_once('/'), fixed) {
                (Some((id, _)), _) if !id.is_empty() => Value::Pinned(Pin::Organization(id.to_owned())),
                (None, Some(id)) => Value::Pinned(Pin::Organization(id)),
                _ => Value::Wildcard,
            }
        }
        Key::Arn => {
            if rule == Rule::Fixed && fixed.is_none() {
                return Value::Wildcard;
            }
            arn(value, family)
        }
        Key::AccessPoint => arn(value, family),
        Key::UserId => user_id(value, fixed, rule),
        Key::Network => match fixed {
            Some(id) => Value::Pinned(Pin::Network(id)),
            None => Value::Wildcard,
        },
        Key::Service => match fixed {
            Some(name) => Value::Pinned(Pin::Service(name)),
            None => Value::Wildcard,
        },
        Key::Address => match fixed.map(|f| f.parse::<std::net::IpAddr>()) {
            Some(Ok(address)) => Value::Pinned(Pin::Network(address.to_string())),
            Some(Err(_)) => Value::Never,
            None if rule == Rule::Fixed => Value::Wildcard,
            None => Value::Unsure,
        },
        Key::Cipher => match (fixed, rule) {
            (Some(key), Rule::Fixed) => Value::Pinned(Pin::Named(key)),
            (Some(_), _) => Value::Unsure,
            (None, _) => Value::Wildcard,
        },
        Key::Owner | Key::IsService | Key::MountTarget | Key::Idle(_) | Key::Unknown => Value::Unsure,
    }
}

fn user_id(value: &Pattern, fixed: Option<String>, rule: Rule) -> Value {
    let role_id = |id: &str| id.starts_with("AROA");
    if let Some(id) = fixed {
        return if is_account(&id) {
            Value::Pinned(Pin::Account(id))
        } else if id.eq_ignore_ascii_case("anonymous") {
            Value::Anonymous
        } else if rule == Rule::Fixed && id.contains(':') && role_id(&id) {
            // S3 counts user ids "outside the pattern AROLEID:*"; a fixed session of a role is inside it.
            Value::Unsure
        } else {
            Value::Pinned(of_id(&id))
        };
    }
    match (rule, value.prefix().split_once(':')) {
        (Rule::Meaning, Some((id, _))) if !id.is_empty() => Value::Pinned(of_id(id)),
        _ => Value::Wildcard,
    }
}

/// What `aws:userid` says before its colon: the account of a federated user, the unique id of a role
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>).
fn of_id(id: &str) -> Pin {
    match id.split(':').next() {
        Some(account) if is_account(account) => Pin::Account(account.to_owned()),
        _ => Pin::Id(id.to_owned()),
    }
}

/// The account in an ARN, or the whole name where ARNs of that kind have none (S3 buckets).
fn arn(value: &Pattern, family: Family) -> Value {
    let fields = value.fields(6);
    let [_, partition, service, _, account, resource] = &fields[..] else {
        return match value.fixed() {
            // Not an ARN: no request has it.
            Some(_) => Value::Never,
            None => Value::Wildcard,
        };
    };
    if let Some(account) = account.fixed()
        && is_account(&account)
    {
        // `StringLike` lets `*` run over colons, so an early wildcard may swallow the account.
        let early = partition.has_wildcard() || service.has_wildcard();
        return if early && family != Family::Arn { Value::Wildcard } else { Value::Pinned(Pin::Account(account)) };
    }
    if let Some(text) = value.fixed() {
        return Value::Pinned(Pin::Named(text));
    }
    // Bucket names are unique in a partition: `arn:aws:s3:*:*:bucket` is one bucket.
    let bucket = resource.text().split('/').next().unwrap_or_default();
    let one_bucket = service.fixed().as_deref() == Some("s3")
        && !partition.has_wildcard()
        && !bucket.is_empty()
        && !bucket.contains(['*', '?', ':']);
    if one_bucket && (family == Family::Arn || resource.fixed().is_some()) {
        return Value::Pinned(Pin::Named(format!("bucket {bucket}")));
    }
    let no_account = account.fixed().is_some_and(|a| a.is_empty());
    let fixed_prefix = service.fixed().is_some() && no_account;
    if one_bucket && fixed_prefix {
        return Value::Pinned(Pin::Named(format!("bucket {bucket}")));
    }
    Value::Wildcard
}
