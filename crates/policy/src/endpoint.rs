//! Policies of VPC endpoints, which differ from policies of resources: the resource is whatever the request asks for, anyone's.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>

use super::Grant;
use super::document::{Document, Set};
use super::pattern::Pattern;

/// Condition keys that tie a request to resources of known owners.
const RESOURCE_KEYS: [&str; 4] =
    ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"];

/// Policy variables of the caller or of the resource.
const TIES: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
];

/// The policy without conditions that compare the caller with the resource. In the policy of a bucket they mean "ours",
/// because the bucket is; here the resource may be anyone's, and an attacker's keys match an attacker's bucket. An Allow
/// loses the condition, a Deny with one is left out.
pub fn without_ties(document: &Document) -> Document {
    let tie = |value: &Pattern| value.variables().iter().any(|name| TIES.contains(name));
    document.each(|statement| {
        let before = statement.conditions.len();
        statement.conditions.retain(|condition| !condition.values.iter().any(tie));
        (statement.allow || statement.conditions.len() == before).then_some(())
    })
}

/// Whether each resource of the statement with this number is one bucket, or is in one account.
pub fn names_owners(document: &Document, statement: usize) -> bool {
    let statement = document.statements().iter().find(|s| s.number() == statement);
    match statement.and_then(|s| s.resources.as_ref()) {
        Some(Set::Only(resources)) => !resources.is_empty() && resources.iter().all(one_owner),
        _ => false,
    }
}

fn one_owner(resource: &Pattern) -> bool {
    let fields = resource.fields(6);
    let [_, _, service, _, account, rest] = &fields[..] else { return false };
    let is_bucket = || {
        let name = rest.text().split('/').next().unwrap_or_default();
        service.fixed().as_deref() == Some("s3") && !name.is_empty() && !name.contains(['*', '?', '$'])
    };
    // The name of a bucket is its owner's; its ARN has no account.
    account.fixed().is_some_and(|account| !account.is_empty()) || is_bucket()
}

impl Grant {
    /// Whether a condition ties it to resources of fixed owners.
    pub fn fixes_resources(&self) -> bool {
        self.limited_by.iter().any(|text| {
            let (key, values) = text.split_once(' ').unwrap_or((text, ""));
            let fixed = !values.is_empty() && !values.starts_with("not ") && !values.contains(['*', '?', '$']);
            fixed && values != "present" && RESOURCE_KEYS.contains(&key.to_ascii_lowercase().as_str())
        })
    }
}
