//! Who a statement is about, and what is known of their requests beforehand.

use super::document::{Principal, Principals, Statement};
use super::narrow::Pin;

/// The callers that a grant is examined for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Anyone at all, anonymous or signed.
    Everyone,
    /// One principal that the policy names.
    Named(&'a Principal),
    /// The identity that the policy is attached to.
    Identity,
}

/// What is known of a key in every request of a caller.
pub enum Known<'a> {
    Value(&'a str),
    Absent,
    Open,
}

impl<'a> Caller<'a> {
    /// What is known of a condition key (lower case).
    pub fn knows(self, key: &str) -> Known<'a> {
        match self {
            Self::Named(Principal::Service(name)) if name != "*" => match key {
                "aws:principalisawsservice" => Known::Value("true"),
                "aws:principalservicename" => Known::Value(name),
                "aws:principalorgid" | "aws:principalorgpaths" | "aws:principalaccount" => Known::Absent,
                _ => Known::Open,
            },
            Self::Named(principal @ (Principal::Account(_) | Principal::Arn(_))) => match key {
                "aws:principalisawsservice" => Known::Value("false"),
                "aws:principalaccount" => match principal.account() {
                    Some(account) => Known::Value(account),
                    None => Known::Open,
                },
                "aws:principalarn" => match principal {
                    Principal::Arn(arn) if fixed_arn(arn) => Known::Value(arn),
                    _ => Known::Open,
                },
                _ => Known::Open,
            },
            _ => Known::Open,
        }
    }
}

/// Whether requests carry the ARN as it stands (a session's `aws:PrincipalArn` is its role's).
fn fixed_arn(arn: &str) -> bool {
    let mut fields = arn.splitn(6, ':').skip(2);
    let service = fields.next();
    let resource = fields.nth(2).unwrap_or_default();
    let kind = resource.starts_with("role/") || resource.starts_with("user/");
    service == Some("iam") && kind && !resource.contains(['*', '?'])
}

/// How a Deny's principals relate to a caller.
pub enum Hit<'a> {
    /// None, or only some, of the callers.
    Misses,
    /// All of them.
    All,
    /// All but those listed.
    AllBut(&'a [Principal]),
}

/// Whether a Deny statement hits all of the caller's requests.
pub fn hits<'a>(deny: &'a Statement, caller: Caller<'_>) -> Hit<'a> {
    match (&deny.principals, caller) {
        // Only identity policies do without a principal; elsewhere AWS refuses such a statement, and it denies nothing.
        (None, Caller::Identity) => Hit::All,
        (None, _) | (_, Caller::Identity) => Hit::Misses,
        (Some(Principals::Only(list)), _) if list.contains(&Principal::Everyone) => Hit::All,
        (Some(Principals::Only(list)), Caller::Named(principal)) => {
            if list.iter().any(|d| includes(d, principal)) {
                Hit::All
            } else {
                Hit::Misses
            }
        }
        (Some(Principals::Only(_)), Caller::Everyone) => Hit::Misses,
        (Some(Principals::Except(list)), _) if list.contains(&Principal::Everyone) => Hit::Misses,
        (Some(Principals::Except(list)), Caller::Everyone) => Hit::AllBut(list),
        (Some(Principals::Except(list)), Caller::Named(principal)) => {
            // An exempted role or account exempts some of the other's callers too: the grant may stay.
            let related = |d: &Principal| {
                includes(d, principal)
                    || includes(principal, d)
                    || (d.account().is_some() && d.account() == principal.account() && !are_others(d, principal))
            };
            if list.iter().any(related) { Hit::Misses } else { Hit::All }
        }
    }
}

/// Whether both are one user or role, and not the same.
fn are_others(a: &Principal, b: &Principal) -> bool {
    matches!((a, b), (Principal::Arn(a), Principal::Arn(b)) if a != b && fixed_arn(a) && fixed_arn(b))
}

/// Whether one principal of a Deny stands for all callers of a granted principal.
fn includes(deny: &Principal, granted: &Principal) -> bool {
    match (deny, granted) {
        (Principal::Account(account), other) => other.account() == Some(account),
        (Principal::Service(name), Principal::Service(_)) if name == "*" => true,
        (Principal::Federated(name), Principal::Federated(_)) if name == "*" => true,
        (d, g) => d == g,
    }
}

/// What ties a caller to being one of these principals.
pub fn pins(principals: &[Principal]) -> Vec<Pin> {
    principals
        .iter()
        .filter_map(|principal| match principal {
            Principal::Everyone | Principal::Deleted(_) => None,
            Principal::Account(_) | Principal::Arn(_) => Some(match principal.account() {
                Some(account) => Pin::Account(account.to_owned()),
                None => Pin::Named(principal.to_string()),
            }),
            Principal::Service(name) if name == "*" => Some(Pin::AnyService),
            Principal::Service(name) => Some(Pin::Service(name.clone())),
            Principal::OriginAccess(name) => Some(Pin::Service(name.clone())),
            Principal::Federated(name) => Some(Pin::Federated(name.clone())),
            Principal::Canonical(id) => Some(Pin::Id(id.clone())),
        })
        .collect()
}
