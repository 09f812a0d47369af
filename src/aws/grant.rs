//! The IAM policy that a scan needs, from the calls that it may make: exactly these actions, in policies that IAM takes.

use super::actions::{iam_action, needs_permission};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Characters of a managed policy, white space not counted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const LIMIT: usize = 6_144;

/// The name of the policies, before the number of one of several.
const NAME: &str = "PostureScan";

/// The IAM actions that allow these calls, sorted.
pub fn actions<'a>(calls: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let needed = calls.into_iter().filter(|call| needs_permission(call));
    needed.map(|call| iam_action(call).into_owned()).collect()
}

/// Policies that together allow the actions; one unless it would exceed [`LIMIT`]. Reads on every resource of the account are
/// what a scan is, and most of these actions take no resource.
pub fn documents(actions: &BTreeSet<String>) -> Vec<Value> {
    split(actions, LIMIT).iter().map(|actions| document(actions)).collect()
}

fn document(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": NAME, "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
}

fn split(actions: &BTreeSet<String>, limit: usize) -> Vec<Vec<&str>> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for action in actions {
        let fits = parts.last().is_some_and(|part| {
            let more: Vec<&str> = part.iter().copied().chain([action.as_str()]).collect();
            size(&document(&more)) <= limit
        });
        match parts.last_mut() {
            Some(part) if fits => part.push(action),
            _ => parts.push(vec![action]),
        }
    }
    parts
}

/// Characters as IAM counts them.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

fn names(documents: &[Value]) -> Vec<String> {
    match documents {
        [_] => vec![NAME.to_owned()],
        several => (1..=several.len()).map(|number| format!("{NAME}{number}")).collect(),
    }
}

fn listed(document: &Value) -> impl Iterator<Item = &str> {
    document["Statement"][0]["Action"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// A CloudFormation template with the managed policies and their ARNs as outputs.
pub fn cloudformation(documents: &[Value]) -> String {
    let mut out = String::from(
        "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: Read-only access for posture scan\nResources:\n",
    );
    let names = names(documents);
    // Writing to a string does not fail.
    for (name, document) in names.iter().zip(documents) {
        let _ = write!(
            out,
            "  {name}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      Description: Read-only access for posture \
             scan\n      PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Sid: {NAME}\n            \
             Effect: Allow\n            Resource: \"*\"\n            Action:\n"
        );
        for action in listed(document) {
            let _ = writeln!(out, "              - {action}");
        }
    }
    out.push_str("Outputs:\n");
    for name in names {
        let _ = writeln!(out, "  {name}Arn:\n    Value: !Ref {name}");
    }
    out
}

/// Terraform resources of the managed policies and their ARNs as outputs.
pub fn terraform(documents: &[Value]) -> String {
    let mut out = String::new();
    for (index, (name, document)) in names(documents).iter().zip(documents).enumerate() {
        let id = if documents.len() == 1 { "posture_scan".to_owned() } else { format!("posture_scan_{}", index + 1) };
        let _ = write!(
            out,
            "data \"aws_iam_policy_document\" \"{id}\" {{\n  statement {{\n    sid       = \"{NAME}\"\n    effect    = \
             \"Allow\"\n    resources = [\"*\"]\n    actions = [\n"
        );
        for action in listed(document) {
            let _ = writeln!(out, "      \"{action}\",");
        }
        let _ = write!(
            out,
            "    ]\n  }}\n}}\n\nresource \"aws_iam_policy\" \"{id}\" {{\n  name        = \"{name}\"\n  description = \"Read-only \
             access for posture scan\"\n  policy      = data.aws_iam_policy_document.{id}.json\n}}\n\noutput \"{id}_arn\" {{\n  \
             value = aws_iam_policy.{id}.arn\n}}\n"
        );
        if index + 1 < documents.len() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{checks, reads};
    use crate::policy::knows_action;
    use proptest::prelude::*;

    #[test]
    fn the_whole_catalogue_is_granted_with_actions_that_exist() {
        let calls = reads(checks());
        let actions = actions(calls.iter().map(String::as_str));
        let documents = documents(&actions);
        assert!(documents.iter().all(|document| size(document) <= LIMIT));
        let printed: BTreeSet<String> = documents.iter().flat_map(listed).map(str::to_owned).collect();
        assert_eq!(printed, actions);
        for action in &printed {
            assert!(knows_action(action), "IAM has no action {action}");
        }
        assert!(printed.contains("account:ListRegions") && !printed.contains("sts:GetCallerIdentity"));
        let (stack, terraform) = (cloudformation(&documents), terraform(&documents));
        assert!(actions.iter().all(|action| stack.contains(&format!("- {action}\n"))));
        assert!(actions.iter().all(|action| terraform.contains(&format!("\"{action}\",\n"))));
    }

    proptest! {
        #[test]
        fn parts_are_small_enough_and_hold_each_action_once(
            names in proptest::collection::btree_set("[a-z]{2,8}:[A-Z][A-Za-z]{5,30}", 1..60), limit in 200..900_usize,
        ) {
            let parts = split(&names, limit);
            prop_assert!(parts.iter().all(|part| size(&document(part)) <= limit));
            let again: Vec<String> = parts.into_iter().flatten().map(str::to_owned).collect();
            prop_assert_eq!(again, names.into_iter().collect::<Vec<_>>());
        }
    }
}
