//! What one value of a condition fixes: whose callers, or nothing.

use super::super::arn::is_account;
use super::super::condition::Family;
use super::super::keys::Key;
use super::super::pattern::Pattern;

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

/// What one value of a condition fixes.
pub enum Tie {
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

/// Judges one value of a condition on a key.
pub fn judge(key: Key, value: &Pattern, family: Family, rule: Rule) -> Tie {
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
            Rule::Meaning if owner => Tie::Pinned(Pin::Owner),
            _ => Tie::Open,
        };
    }
    if key == Key::Owner {
        return Tie::Describes;
    }
    let fixed = value.fixed();
    if let Some(text) = &fixed
        && !matches!(family, Family::TextLike | Family::Arn)
        && text.contains(['*', '?'])
    {
        // `StringEquals` takes `*` for a plain character, and no request has one there.
        return Tie::Never;
    }
    if value.is_everything() {
        return Tie::Wildcard;
    }
    match key {
        Key::Account => match fixed {
            Some(id) if is_account(&id) => Tie::Pinned(Pin::Account(id)),
            // What `aws:PrincipalAccount` is for callers without credentials.
            Some(id) if id.eq_ignore_ascii_case("anonymous") => Tie::Anonymous,
            Some(_) => Tie::Never,
            None => Tie::Wildcard,
        },
        Key::Organization => match fixed {
            Some(id) => Tie::Pinned(Pin::Organization(id)),
            None => Tie::Wildcard,
        },
        Key::OrganizationPath => {
            let prefix = value.prefix();
            match (prefix.split_once('/'), fixed) {
                (Some((id, _)), _) if !id.is_empty() => Tie::Pinned(Pin::Organization(id.to_owned())),
                (None, Some(id)) => Tie::Pinned(Pin::Organization(id)),
                _ => Tie::Wildcard,
            }
        }
        Key::Arn => {
            if rule == Rule::Fixed && fixed.is_none() {
                return Tie::Wildcard;
            }
            arn(value, family)
        }
        Key::AccessPoint => arn(value, family),
        Key::UserId => user_id(value, fixed, rule),
        Key::Network => match fixed {
            Some(id) => Tie::Pinned(Pin::Network(id)),
            None => Tie::Wildcard,
        },
        Key::Service => match fixed {
            Some(name) => Tie::Pinned(Pin::Service(name)),
            None => Tie::Wildcard,
        },
        Key::Address => match fixed.map(|f| f.parse::<std::net::IpAddr>()) {
            Some(Ok(address)) => Tie::Pinned(Pin::Network(address.to_string())),
            Some(Err(_)) => Tie::Never,
            None if rule == Rule::Fixed => Tie::Wildcard,
            None => Tie::Unsure,
        },
        Key::Cipher => match (fixed, rule) {
            (Some(key), Rule::Fixed) => Tie::Pinned(Pin::Named(key)),
            (Some(_), _) => Tie::Unsure,
            (None, _) => Tie::Wildcard,
        },
        Key::Owner | Key::IsService | Key::MountTarget | Key::Idle(_) | Key::Unknown => Tie::Unsure,
    }
}

fn user_id(value: &Pattern, fixed: Option<String>, rule: Rule) -> Tie {
    let role_id = |id: &str| id.starts_with("AROA");
    if let Some(id) = fixed {
        return if is_account(&id) {
            Tie::Pinned(Pin::Account(id))
        } else if id.eq_ignore_ascii_case("anonymous") {
            Tie::Anonymous
        } else if rule == Rule::Fixed && id.contains(':') && role_id(&id) {
            // S3 counts user ids "outside the pattern AROLEID:*"; a fixed session of a role is inside it.
            Tie::Unsure
        } else {
            Tie::Pinned(of_id(&id))
        };
    }
    match (rule, value.prefix().split_once(':')) {
        (Rule::Meaning, Some((id, _))) if !id.is_empty() => Tie::Pinned(of_id(id)),
        _ => Tie::Wildcard,
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
fn arn(value: &Pattern, family: Family) -> Tie {
    let fields = value.fields(6);
    let [_, partition, service, _, account, resource] = &fields[..] else {
        return match value.fixed() {
            // Not an ARN: no request has it.
            Some(_) => Tie::Never,
            None => Tie::Wildcard,
        };
    };
    if let Some(account) = account.fixed()
        && is_account(&account)
    {
        // `StringLike` lets `*` run over colons, so an early wildcard may swallow the account.
        let early = partition.has_wildcard() || service.has_wildcard();
        return if early && family != Family::Arn { Tie::Wildcard } else { Tie::Pinned(Pin::Account(account)) };
    }
    if let Some(text) = value.fixed() {
        return Tie::Pinned(Pin::Named(text));
    }
    // Bucket names are unique in a partition: `arn:aws:s3:*:*:bucket` is one bucket.
    let bucket = resource.text().split('/').next().unwrap_or_default();
    let one_bucket = service.fixed().as_deref() == Some("s3")
        && !partition.has_wildcard()
        && !bucket.is_empty()
        && !bucket.contains(['*', '?', ':']);
    if one_bucket && (family == Family::Arn || resource.fixed().is_some()) {
        return Tie::Pinned(Pin::Named(format!("bucket {bucket}")));
    }
    let no_account = account.fixed().is_some_and(|a| a.is_empty());
    let fixed_prefix = service.fixed().is_some() && no_account;
    if one_bucket && fixed_prefix {
        return Tie::Pinned(Pin::Named(format!("bucket {bucket}")));
    }
    Tie::Wildcard
}
