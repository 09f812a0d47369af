//! The sorts of callers that there are: in a member account, whom service control policies bind, and outside the organization, whom
//! resource control policies keep away. A guardrail that one sort never meets is none, so that each sort is asked for.
//!
//! Which key comes with which caller: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>. Service-linked roles are not here:
//! AWS does not let policies of an organization bind them.

use posture_estate::arn::Arn;
use posture_policy::{Request, Value};
use std::collections::BTreeMap;

/// A sort of callers.
pub(super) struct Caller {
    /// For a message, `IAM users`.
    pub sort: &'static str,
    pub keys: BTreeMap<&'static str, Vec<Value>>,
}

impl Caller {
    pub fn request(&self, action: &str, regions: Option<&[&str]>) -> Request {
        let mut keys = self.keys.clone();
        if let Some(regions) = regions {
            keys.insert("aws:requestedregion", regions.iter().map(|region| is(*region)).collect());
        }
        Request { action: action.to_owned(), keys }
    }
}

/// What a message need not name: an ordinary role.
pub(super) const ROLE: &str = "roles";
pub(super) const ROOT: &str = "the root user";
pub(super) const BY_SERVICE: &str = "roles by way of CloudFormation";

/// No pattern means this name unless it means every name.
macro_rules! name {
    () => {
        "q7z"
    };
}

/// Of each sort: what follows the account in its ARN, `aws:PrincipalType`, and what stands before the session in `aws:userid`.
const SORTS: &[(&str, &str, &str, &str)] = &[
    (ROLE, concat!("role/", name!()), "AssumedRole", "AROAQ7ZQ7ZQ7ZQ7ZQ7ZQ7"),
    ("roles with a path", concat!("role/", name!(), "/", name!()), "AssumedRole", "AROAQ7ZQ7ZQ7ZQ7ZQ7ZQ7"),
    (
        "roles of IAM Identity Center",
        concat!("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_", name!(), "_0123456789abcdef"),
        "AssumedRole",
        "AROAQ7ZQ7ZQ7ZQ7ZQ7ZQ7",
    ),
    (
        "roles of IAM Identity Center",
        concat!("role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_", name!(), "_0123456789abcdef"),
        "AssumedRole",
        "AROAQ7ZQ7ZQ7ZQ7ZQ7ZQ7",
    ),
    ("IAM users", concat!("user/", name!()), "User", "AIDAQ7ZQ7ZQ7ZQ7ZQ7ZQ7"),
    ("IAM users with a path", concat!("user/", name!(), "/", name!()), "User", "AIDAQ7ZQ7ZQ7ZQ7ZQ7ZQ7"),
    ("federated users", concat!("federated-user/", name!()), "FederatedUser", ""),
    (ROOT, "root", "Account", ""),
];

/// Keys that come only with a service that calls on its own, or with a privileged root session.
const NOT_OF_A_PERSON: &[&str] = &[
    "aws:assumedroot",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Keys that say by which way a service calls for its caller.
const CALLED_VIA: &[&str] = &["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// Keys that a caller may have or not, with a value that only the organization knows.
const OF_SOME: &[&str] = &[
    "aws:federatedprovider",
    "aws:principaltag/",
    "aws:referer",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

/// Whose account it is that callers are of, or that resources are in.
pub(super) struct Home<'a> {
    pub partition: &'a str,
    pub account: &'a str,
    /// `o-…` and the path of its unit, where the account is in an organization.
    pub organization: Option<(&'a str, &'a str)>,
}

/// All sorts of callers of an account that is theirs.
pub(super) fn of(home: &Home<'_>) -> Vec<Caller> {
    let mut all: Vec<Caller> =
        SORTS.iter().map(|(sort, rest, kind, id)| Caller { sort, keys: keys(home, rest, kind, id) }).collect();
    if let Some((_, rest, kind, id)) = SORTS.first() {
        let mut keys = keys(home, rest, kind, id);
        keys.insert("aws:viaawsservice", vec![is("true")]);
        keys.extend(CALLED_VIA.iter().map(|key| (*key, vec![is("cloudformation.amazonaws.com")])));
        all.push(Caller { sort: BY_SERVICE, keys });
    }
    all
}

/// Who signs nothing; S3 and SQS let such callers ask.
pub(super) fn anonymous() -> Caller {
    let with = [
        ("aws:principaltype", is("Anonymous")),
        ("aws:userid", is("anonymous")),
        ("aws:securetransport", is("true")),
        ("aws:viaawsservice", is("false")),
    ];
    let without = ["aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"]
        .into_iter()
        .chain(["aws:username", "aws:principalisawsservice", "aws:principaltag/", "aws:sourceidentity"])
        .chain(["aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:federatedprovider"])
        .chain(NOT_OF_A_PERSON.iter().chain(CALLED_VIA).copied());
    let mut keys: BTreeMap<&'static str, Vec<Value>> = free().collect();
    keys.extend(without.map(|key| (key, vec![Value::Missing])));
    keys.extend(with.map(|(key, value)| (key, vec![value])));
    Caller { sort: "anonymous callers", keys }
}

fn is(value: impl Into<String>) -> Value {
    Value::Is(value.into())
}

fn free() -> impl Iterator<Item = (&'static str, Vec<Value>)> {
    OF_SOME.iter().map(|key| (*key, vec![Value::Missing, Value::Unnamed, Value::Open]))
}

fn keys(home: &Home<'_>, rest: &str, kind: &str, id: &str) -> BTreeMap<&'static str, Vec<Value>> {
    let Home { partition, account, organization } = home;
    let arn = match kind {
        "FederatedUser" => Arn { service: "sts", ..Arn::iam(partition, account, rest) },
        _ => Arn::iam(partition, account, rest),
    };
    let user_id = match kind {
        "AssumedRole" => format!("{id}:{}", name!()),
        "FederatedUser" => format!("{account}:{}", name!()),
        "User" => id.to_owned(),
        _ => (*account).to_owned(),
    };
    let (org, path) = match organization {
        Some((org, path)) => (is(*org), is(*path)),
        None => (Value::Missing, Value::Missing),
    };
    let mut keys: BTreeMap<&'static str, Vec<Value>> = free().collect();
    keys.extend(NOT_OF_A_PERSON.iter().chain(CALLED_VIA).map(|key| (*key, vec![Value::Missing])));
    keys.extend([
        ("aws:principalarn", vec![is(arn.to_string())]),
        ("aws:principalaccount", vec![is(*account)]),
        ("aws:principalorgid", vec![org]),
        ("aws:principalorgpaths", vec![path]),
        ("aws:principaltype", vec![is(kind)]),
        ("aws:userid", vec![is(user_id)]),
        ("aws:username", vec![if kind == "User" { is(name!()) } else { Value::Missing }]),
        ("aws:principalisawsservice", vec![is("false")]),
        ("aws:viaawsservice", vec![is("false")]),
        ("aws:securetransport", vec![is("true")]),
        // With an access key of a user there is no such key; with a session either.
        ("aws:multifactorauthpresent", vec![is("true"), is("false"), Value::Missing]),
        ("aws:multifactorauthage", vec![Value::Missing, Value::Open]),
        ("aws:tokenissuetime", vec![Value::Missing, Value::Open]),
    ]);
    keys
}

/// The Region in which a service of one endpoint is asked, as `aws:RequestedRegion` has it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion> and
/// <https://docs.aws.amazon.com/general/latest/gr/ao.html>
pub(super) fn only_region(action: &str, partition: &str) -> Option<&'static str> {
    match (action.split(':').next()?, partition) {
        ("iam" | "organizations", "aws") => Some("us-east-1"),
        ("iam" | "organizations", "aws-us-gov") => Some("us-gov-west-1"),
        ("iam", "aws-cn") => Some("cn-north-1"),
        ("organizations", "aws-cn") => Some("cn-northwest-1"),
        _ => None,
    }
}
