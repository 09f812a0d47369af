//! The resource of a finding, under the names that ASFF has for its type.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html>

use super::limits::text;
use super::model::{Resource, ResourceDetails};
use crate::record::Record;
use crate::report::Head;
use posture_estate::services::asff_type;
use serde_json::Value;
use std::collections::BTreeMap;

/// Pairs that a map may have.
const PAIRS: usize = 50;

pub fn of(head: &Head, record: &Record, region: &str) -> Resource {
    let resource = &record.resource;
    let kind = asff_type(&resource.kind).unwrap_or("Other");
    let id = match kind {
        // As Security Hub names accounts in its own findings.
        "AwsAccount" => format!("AWS::::Account:{}", record.account_id),
        _ if resource.arn.is_empty() => resource.id.clone(),
        _ => resource.arn.clone(),
    };
    let partition = match head.partition(record) {
        "aws" => Some("aws"),
        "aws-cn" => Some("aws-cn"),
        "aws-us-gov" => Some("aws-us-gov"),
        "aws-iso" => Some("aws-us-iso"),
        "aws-iso-b" => Some("aws-us-iso-b"),
        _ => None,
    };
    let (tags, blank) = tags(&resource.tags);
    let mut other = BTreeMap::from([("ResourceType".to_owned(), text(&resource.kind, 1023))]);
    if let Some(name) = &resource.name {
        other.insert("ResourceName".into(), text(name, 1023));
    }
    if !blank.is_empty() {
        other.insert("TagsWithoutValue".into(), text(&blank.join(", "), 1023));
    }
    for (key, value) in record.evidence.as_object().into_iter().flatten() {
        if other.len() >= PAIRS {
            break;
        }
        other.entry(text(key, 127)).or_insert_with(|| detail(value));
    }
    let details = ResourceDetails { other };
    Resource { kind, id: text(&id, 512), partition, region: text(region, 16), tags, details }
}

/// Tags within AWS's limits, and the names of those without a value, which ASFF does not take.
fn tags(given: &BTreeMap<String, String>) -> (BTreeMap<String, String>, Vec<&str>) {
    let (mut tags, mut blank) = (BTreeMap::new(), Vec::new());
    for (key, value) in given {
        if value.trim().is_empty() {
            blank.push(key.as_str());
        } else if tags.len() < PAIRS {
            tags.insert(text(key, 128), text(value, 256));
        }
    }
    (tags, blank)
}

/// A value of the evidence: words as they are, the rest as JSON.
fn detail(value: &Value) -> String {
    match value {
        Value::String(words) if !words.trim().is_empty() => text(words, 1023),
        other => text(&other.to_string(), 1023),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_without_value_are_named() {
        let given = [("a", "1"), ("b", ""), ("c", " ")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let (tags, blank) = tags(&given);
        assert_eq!((tags.len(), blank), (1, vec!["b", "c"]));
    }
}
