//! The recorded accounts of `fixtures/`: what a program reads, and that every check fails and passes somewhere. How they
//! are judged, and what a person reads, is in `snapshots`.

use crate::support::{Report, Run, posture, repo};
use aws_posture::catalogue::checks;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Two accounts, and the management account of an organization with its members.
pub const RECORDED: [&str; 3] = ["acme", "hardened", "organization"];

pub fn replay(name: &str) -> Run {
    let run = Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(repo("fixtures").join(name)));
    assert!([0, 1, 3].contains(&run.code), "exit {}: {}", run.code, run.stderr);
    run
}

#[test]
fn nothing_fails_in_hardened() {
    let run = replay("hardened");
    let report = run.report();
    assert_eq!(report.0["summary"]["findings"]["fail"], 0);
    assert_eq!(report.0["summary"]["findings"]["unknown"], 0, "{:#}", report.0["gaps"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// Checks that cannot have both, each with the reason.
const ONE_SIDED: &[(&str, &str)] = &[];

#[test]
fn every_check_fails_and_passes_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in RECORDED {
        for finding in replay(name).report().findings() {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            seen.entry(text("check_id")).or_default().insert(text("status"));
        }
    }
    let mut missing = Vec::new();
    for check in checks() {
        let statuses = seen.get(check.id).cloned().unwrap_or_default();
        for side in ["fail", "pass"] {
            if !statuses.contains(side) && !ONE_SIDED.iter().any(|(id, _)| *id == check.id) {
                missing.push(format!("{} never has a {side}", check.id));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn two_scans_of_one_tape_are_byte_identical_but_for_the_scan() {
    let strip = |run: Run| {
        let mut value = run.report().0;
        value["scan"] = Value::Null;
        serde_json::to_string_pretty(&value).unwrap()
    };
    assert_eq!(strip(replay("acme")), strip(replay("acme")));
}

#[test]
fn reports_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(aws_posture::report::json::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for name in RECORDED {
        let report = replay(name).report().0;
        let errors: Vec<String> =
            schema.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
    }
}

#[test]
fn fingerprints_are_unique_and_messages_keep_to_the_convention() {
    for name in RECORDED {
        let report = replay(name).report();
        let mut seen = BTreeMap::new();
        for finding in report.findings() {
            let message = finding["message"].as_str().unwrap();
            let what = format!("{}: {message}", finding["check_id"]);
            assert!(!message.ends_with('.') && !message.contains('\n'), "{what}");
            let first = message.split_whitespace().next().unwrap_or_default();
            let sentence =
                first.chars().next().is_some_and(char::is_uppercase) && first.chars().skip(1).all(char::is_lowercase);
            let known = ["Bedrock", "Config", "Elastic", "Object", "Amazon", "Client", "Route", "Macie"];
            assert!(!sentence || known.contains(&first), "a capital begins {what}");
            if let Some(other) = seen.insert(finding["fingerprint"].to_string(), what.clone()) {
                panic!("two findings with one fingerprint: {what} and {other}");
            }
        }
    }
}

#[test]
fn every_declared_call_is_made_and_no_other() {
    use posture_estate::aws::tape::Tape;
    let mut made = BTreeSet::new();
    for name in RECORDED {
        made.extend(Tape::load(&repo("fixtures").join(name)).unwrap().questions().map(|question| question.call()));
    }
    let declared = aws_posture::catalogue::reads(checks());
    let undeclared: Vec<_> = made.difference(&declared).collect();
    assert!(undeclared.is_empty(), "made but not declared: {undeclared:?}");
    // Only asked when account:ListRegions does not answer.
    let fallback = ["ec2:DescribeRegions"];
    let unused: Vec<_> = declared.difference(&made).filter(|call| !fallback.contains(&call.as_str())).collect();
    assert!(unused.is_empty(), "declared but never made: {unused:?}");
}

#[test]
fn each_check_alone_makes_the_calls_of_its_card() {
    // The guard refuses everything else, which would show as a gap that the whole scan does not have.
    for name in RECORDED {
        let whole = replay(name).report();
        // Those of an organization are part of a scan of one only; the others are asked of two accounts already.
        for check in checks().iter().filter(|check| check.is_of_organization() == (name == "organization")) {
            let run = Run::of(
                posture()
                    .args(["scan", "--output", "json", "--check", check.id, "--replay"])
                    .arg(repo("fixtures").join(name)),
            );
            let alone = run.report();
            let of = |report: &Report| {
                let own = |finding: &&Value| finding["check_id"] == check.id;
                report.findings().iter().filter(own).cloned().collect::<Vec<_>>()
            };
            assert_eq!(of(&alone), of(&whole), "{} in {name} differs alone", check.id);
        }
    }
}
