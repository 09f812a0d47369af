//! `posture policy`: enough for every call of a scan, and nothing that no scan uses.

use crate::emulator::Lab;
use crate::support::{Run, posture, repo};
use posture_estate::aws::tape::Tape;
use posture_estate::services::iam_action;
use serde_json::Value;
use std::collections::BTreeSet;

fn printed(args: &[&str]) -> BTreeSet<String> {
    let run = Run::of(posture().arg("policy").args(args));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let printed: Value = serde_json::from_str(&run.stdout).unwrap();
    // One, or a list of those that are attached together.
    let policies = printed.as_array().cloned().unwrap_or_else(|| vec![printed]);
    assert!(policies.iter().all(|policy| policy["Version"] == "2012-10-17"));
    policies
        .iter()
        .flat_map(|policy| policy["Statement"].as_array().unwrap())
        .flat_map(|one| one["Action"].as_array().unwrap())
        .map(|a| a.as_str().unwrap().to_owned())
        .collect()
}

/// The actions that these calls need.
fn needed(calls: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    calls.into_iter().filter_map(|call| iam_action(&call)).collect()
}

fn live_calls(lab: &Lab) -> BTreeSet<String> {
    let name = |call: Value| format!("{}:{}", call["service"].as_str().unwrap(), call["operation"].as_str().unwrap());
    lab.calls().into_iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_of_a_scan_is_allowed_by_the_printed_policy() {
    let Some(lab) = Lab::new("100000000201").await else { return };
    aws_sdk_s3::Client::new(&lab.sdk).create_bucket().bucket("policy-100000000201").send().await.unwrap();
    aws_sdk_kms::Client::new(&lab.sdk).create_key().send().await.unwrap();
    for select in [&[][..], &["--service", "s3"], &["--practice", "SEC08-BP01"], &["--check", "iam_root_mfa_enabled"]] {
        lab.control("reset", &serde_json::json!({ "account": lab.account, "what": ["calls"] }));
        let run = lab.scan(&[&["--output", "json", "--region", "us-east-1"], select].concat());
        assert!([0, 1, 3].contains(&run.code), "{}", run.stderr);
        let (made, allowed) = (needed(live_calls(&lab)), printed(select));
        assert!(!made.is_empty());
        let missing: Vec<_> = made.difference(&allowed).collect();
        assert!(missing.is_empty(), "{select:?} makes calls that its policy does not allow: {missing:?}");
    }
}

#[test]
fn no_printed_action_is_unused_on_the_recorded_accounts() {
    let mut made = BTreeSet::new();
    for name in ["acme", "hardened", "organization"] {
        made.extend(Tape::load(&repo("fixtures").join(name)).unwrap().questions().map(|question| question.call()));
    }
    let (made, allowed) = (needed(made), printed(&[]));
    // Asked only when account:ListRegions does not answer.
    let alternatives = ["ec2:DescribeRegions"];
    let unused: Vec<_> = allowed.difference(&made).filter(|action| !alternatives.contains(&action.as_str())).collect();
    assert!(unused.is_empty(), "printed but never used: {unused:?}");
    assert!(made.is_subset(&allowed), "used but not printed: {:?}", made.difference(&allowed));
}

#[test]
fn a_policy_is_printed_in_three_forms() {
    let select = ["--check", "kms_key_rotation_enabled"];
    let actions = printed(&select);
    assert!(actions.contains("kms:GetKeyRotationStatus") && !actions.contains("s3:ListAllMyBuckets"), "{actions:?}");
    for (format, words) in [("cloudformation", "AWS::IAM::ManagedPolicy"), ("terraform", "aws_iam_policy_document")] {
        let run = Run::of(posture().args(["policy", "--format", format]).args(select));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stdout.contains(words) && actions.iter().all(|action| run.stdout.contains(action)),
            "{}",
            run.stdout
        );
    }
    let refused = Run::of(posture().args(["policy", "--part", "9"]));
    assert_eq!(refused.code, 2);
}

#[test]
fn what_only_the_organizations_account_needs_is_said() {
    let all = Run::of(posture().arg("policy"));
    let note = all.stderr.lines().find(|line| line.contains("--org")).unwrap();
    assert!(
        note.contains("organizations:DescribePolicy") && note.contains("guardduty:ListOrganizationAdminAccounts"),
        "{note}"
    );
    assert!(!note.contains("account:ListRegions") && !note.contains("s3:"), "others need these too: {note}");
    assert!(printed(&[]).contains("organizations:DescribePolicy"));
    let few = Run::of(posture().args(["policy", "--service", "s3"]));
    assert!(!few.stderr.contains("--org"), "{}", few.stderr);
}

#[test]
fn the_policy_of_the_scanning_principal_is_printed() {
    let run = Run::of(posture().args(["policy", "--org", "--role-name", "/audit/posture", "--output", "json"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let policy: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(policy["Statement"][1]["Resource"], "arn:aws:iam::*:role/audit/posture");
    assert!(run.stdout.contains("organizations:ListAccounts") && run.stderr.contains("s3:PutObject"), "{}", run.stderr);
    for (args, words) in [
        (&["--org"][..], "--role-name"),
        (&["--role-name", "posture"], "--org"),
        (&["--org", "--role-name", "*"], "letters, digits"),
        (&["--org", "--role-name", "posture", "--service", "s3"], "cannot be used with"),
    ] {
        let refused = Run::of(posture().arg("policy").args(args));
        assert!(refused.code == 2 && refused.stderr.contains(words), "{args:?}: {}", refused.stderr);
    }
}
