//! The IAM policy that a scan needs, from the calls that it may make: exactly these actions, in policies that IAM takes.

use posture_estate::organizations as organization;
use posture_estate::services::iam_action;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Characters of a managed policy, white space not counted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const LIMIT: usize = 6_144;

/// What policies are for, as their names and descriptions tell.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// The name of the policies, before the number of one of several.
    name: &'static str,
    /// The same in Terraform.
    id: &'static str,
    description: &'static str,
}

/// To read an account.
pub const SCAN: Purpose =
    Purpose { name: "PostureScan", id: "posture_scan", description: "Read-only access for posture scan" };

/// To find the accounts of an organization and to get into them.
pub const SCANNER: Purpose = Purpose {
    name: "PostureScanner",
    id: "posture_scanner",
    description: "Accounts of the organization for posture scan",
};

/// The IAM actions that allow these calls, sorted.
pub fn actions<'a>(calls: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    calls.into_iter().filter_map(iam_action).collect()
}

/// Policies that together allow the actions; one unless it would exceed [`LIMIT`]. Reads on every resource of the account are
/// what a scan is, and most of these actions take no resource.
pub fn documents(actions: &BTreeSet<String>) -> Vec<Value> {
    split(actions, LIMIT).iter().map(|actions| document(actions)).collect()
}

fn document(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": SCAN.name, "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
}

/// The policy of the principal that scans an organization: to find the accounts, and to assume the role in each of them.
pub fn scanner(role: &str) -> Value {
    let discovery: BTreeSet<String> = actions(organization::CALLS.iter().copied().chain([organization::TAGS]));
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "PostureDiscovery", "Effect": "Allow", "Action": discovery, "Resource": "*" },
            {
                "Sid": "PostureAssumeRole",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Resource": format!("arn:aws:iam::*:role/{role}"),
            },
        ],
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

fn names(documents: &[Value], purpose: Purpose) -> Vec<String> {
    match documents {
        [_] => vec![purpose.name.to_owned()],
        several => (1..=several.len()).map(|number| format!("{}{number}", purpose.name)).collect(),
    }
}

fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    document["Statement"].as_array().into_iter().flatten()
}

fn listed(statement: &Value) -> impl Iterator<Item = &str> {
    statement["Action"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// A CloudFormation template with the managed policies and their ARNs as outputs.
pub fn cloudformation(documents: &[Value], purpose: Purpose) -> String {
    let description = purpose.description;
    let mut out = format!("AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: {description}\nResources:\n");
    let names = names(documents, purpose);
    // Writing to a string does not fail.
    for (name, document) in names.iter().zip(documents) {
        let _ = write!(
            out,
            "  {name}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      Description: {description}\n      \
             PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n"
        );
        for statement in statements(document) {
            let _ = write!(
                out,
                "          - Sid: {}\n            Effect: Allow\n            Resource: {}\n            Action:\n",
                statement["Sid"].as_str().unwrap_or_default(),
                statement["Resource"]
            );
            for action in listed(statement) {
                let _ = writeln!(out, "              - {action}");
            }
        }
    }
    out.push_str("Outputs:\n");
    for name in names {
        let _ = writeln!(out, "  {name}Arn:\n    Value: !Ref {name}");
    }
    out
}

/// Terraform resources of the managed policies and their ARNs as outputs.
pub fn terraform(documents: &[Value], purpose: Purpose) -> String {
    let mut out = String::new();
    for (index, (name, document)) in names(documents, purpose).iter().zip(documents).enumerate() {
        let id = match documents.len() {
            1 => purpose.id.to_owned(),
            _ => format!("{}_{}", purpose.id, index + 1),
        };
        let _ = writeln!(out, "data \"aws_iam_policy_document\" \"{id}\" {{");
        for (number, statement) in statements(document).enumerate() {
            let _ = write!(
                out,
                "{}  statement {{\n    sid       = {}\n    effect    = \"Allow\"\n    resources = [{}]\n    actions = [\n",
                if number > 0 { "\n" } else { "" },
                statement["Sid"],
                statement["Resource"]
            );
            for action in listed(statement) {
                let _ = writeln!(out, "      \"{action}\",");
            }
            out.push_str("    ]\n  }\n");
        }
        let _ = write!(
            out,
            "}}\n\nresource \"aws_iam_policy\" \"{id}\" {{\n  name        = \"{name}\"\n  description = \"{}\"\n  policy      \
             = data.aws_iam_policy_document.{id}.json\n}}\n\noutput \"{id}_arn\" {{\n  value = aws_iam_policy.{id}.arn\n}}\n",
            purpose.description
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
    use posture_policy::knows_action;
    use proptest::prelude::*;

    #[test]
    fn the_whole_catalogue_is_granted_with_actions_that_exist() {
        let calls = reads(checks());
        let actions = actions(calls.iter().map(String::as_str));
        let documents = documents(&actions);
        assert!(documents.iter().all(|document| size(document) <= LIMIT));
        let printed: BTreeSet<String> =
            documents.iter().flat_map(statements).flat_map(listed).map(str::to_owned).collect();
        assert_eq!(printed, actions);
        for action in &printed {
            assert!(knows_action(action), "IAM has no action {action}");
        }
        assert!(printed.contains("account:ListRegions") && !printed.contains("sts:GetCallerIdentity"));
        let (stack, terraform) = (cloudformation(&documents, SCAN), terraform(&documents, SCAN));
        assert!(actions.iter().all(|action| stack.contains(&format!("- {action}\n"))));
        assert!(actions.iter().all(|action| terraform.contains(&format!("\"{action}\",\n"))));
    }

    #[test]
    fn a_scanner_finds_the_accounts_and_assumes_one_role() {
        let document = scanner("audit/posture");
        assert_eq!(document["Statement"][1]["Resource"], "arn:aws:iam::*:role/audit/posture");
        let actions: Vec<&str> = statements(&document).flat_map(listed).collect();
        for action in organization::CALLS.iter().chain(&[organization::TAGS, "sts:AssumeRole"]) {
            assert!(actions.contains(action) && knows_action(action), "{action}");
        }
        let stack = cloudformation(std::slice::from_ref(&document), SCANNER);
        let terraform = terraform(std::slice::from_ref(&document), SCANNER);
        for text in [&stack, &terraform] {
            assert!(actions.iter().all(|action| text.contains(action)), "{text}");
            assert!(text.contains("\"arn:aws:iam::*:role/audit/posture\"") && text.contains("\"*\""), "{text}");
        }
        assert_eq!(terraform.matches("  statement {").count(), 2);
        assert!(size(&document) <= LIMIT);
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
