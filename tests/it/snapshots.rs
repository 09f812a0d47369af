//! How the recorded accounts are judged, service by service, and the whole reports of a small one: what shows in review
//! what a change does. A new check touches no snapshot of another service, and none is too long to be read.

use crate::replay::{RECORDED, replay};
use crate::support::{Report, Run, posture, repo};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What a person reads in one go.
const LINES: usize = 300;

/// Services of an account whose findings are too many for one snapshot: they have one for each check.
const BY_CHECK: [(&str, &str); 3] = [("acme", "ec2"), ("acme", "iam"), ("organization", "ec2")];

/// A line per finding and one for its message, by the name of the snapshot that holds them.
fn findings(account: &str, report: &Report) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for finding in report.findings() {
        let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (status, check, region) = (text("/status"), text("/check_id"), text("/region"));
        let service = aws_posture::catalogue::find(check).unwrap().service;
        let name = match BY_CHECK.contains(&(account, service)) {
            true => format!("{account}__{check}"),
            false => format!("{account}__{service}"),
        };
        // By check, so that those of a new one stand together.
        let lines = out.entry(name).or_default().entry(check.to_owned()).or_default();
        writeln!(lines, "{status:<14} {check} {region} {}\n    {}", text("/resource/arn"), text("/message")).unwrap();
    }
    out.into_iter().map(|(name, checks)| (name, checks.into_values().collect())).collect()
}

fn judged_as_before(account: &str) {
    let texts = findings(account, &replay(account).report());
    for (name, text) in &texts {
        insta::assert_snapshot!(name.as_str(), text);
    }
    let kept = |name: &String| name.starts_with(&format!("{account}__"));
    let kept: BTreeSet<String> = names("it__snapshots__").into_iter().filter(kept).collect();
    assert_eq!(kept, texts.into_keys().collect(), "a snapshot of findings that are no more");
}

#[test]
fn acme_is_judged_as_before() {
    judged_as_before("acme");
}

#[test]
fn hardened_is_judged_as_before() {
    judged_as_before("hardened");
}

#[test]
fn the_organization_is_judged_as_before() {
    judged_as_before("organization");
    let mut text = String::new();
    for account in replay("organization").report().0["scan"]["accounts"].as_array().unwrap() {
        let [id, name, status] = ["id", "name", "status"].map(|key| account[key].as_str().unwrap_or_default());
        writeln!(text, "{id} {name}: {status}").unwrap();
    }
    insta::assert_snapshot!("accounts_of_the_organization", text);
}

#[test]
fn no_finding_is_left_out() {
    for account in RECORDED {
        let report = replay(account).report();
        let lines: usize = findings(account, &report).values().map(|text| text.lines().count()).sum();
        assert_eq!(lines, 2 * report.findings().len(), "{account}: a message of several lines, or none");
    }
}

/// A report of the small account, in which each status is.
fn small(format: &str) -> String {
    let run =
        Run::of(posture().args(["scan", "--no-config", "--output", format, "--replay"]).arg(repo("fixtures/small")));
    assert_eq!(run.code, 1, "{}", run.stderr);
    run.stdout
}

#[test]
fn a_small_account_as_text() {
    // The time that the scan took is the one thing that differs.
    let stable: String = small("text")
        .lines()
        .map(|line| match line.split_once(" calls, ") {
            Some((calls, rest)) => {
                let rest = rest.split_once(" s; ").map_or(rest, |(_, rest)| rest);
                format!("{calls} calls, [time] s; {rest}\n")
            }
            None => format!("{line}\n"),
        })
        .collect();
    insta::assert_snapshot!("small_text", stable);
}

#[test]
fn a_small_account_as_markdown() {
    insta::assert_snapshot!("small_markdown", small("markdown"));
}

#[test]
fn a_small_account_as_sarif() {
    let mut log: Value = serde_json::from_str(&small("sarif")).unwrap();
    let run = &mut log["runs"][0];
    // What no two scans have in common, or no two versions of a card.
    for pointer in
        ["/automationDetails/id", "/invocations/0/startTimeUtc", "/invocations/0/endTimeUtc", "/properties/catalogue"]
    {
        *run.pointer_mut(pointer).expect(pointer) = json!("[differs]");
    }
    for (part, text) in sarif_in_parts(log) {
        insta::assert_snapshot!(format!("small_sarif{part}"), text);
    }
}

/// A log without its rules and results, and these apart: each is short enough to be read.
pub fn sarif_in_parts(mut log: Value) -> Vec<(String, String)> {
    let run = &mut log["runs"][0];
    let mut parts = vec![("_rules".to_owned(), folded(&run["tool"]["driver"]["rules"].take(), 0))];
    if let Value::Array(results) = run["results"].take() {
        let texts = results.chunks(8).enumerate();
        parts.extend(texts.map(|(index, some)| (format!("_results_{}", index + 1), folded(&json!(some), 0))));
    }
    parts.push((String::new(), folded(&log, 0)));
    parts
}

/// JSON of which each value that fits into a line has one.
fn folded(value: &Value, indent: usize) -> String {
    let flat = value.to_string();
    let (pad, close) = (" ".repeat(indent + 2), " ".repeat(indent));
    let lines: Vec<String> = match value {
        _ if indent + flat.chars().count() <= 110 => return flat,
        Value::Object(members) => {
            members.iter().map(|(key, one)| format!("{pad}{}: {}", json!(key), folded(one, indent + 2))).collect()
        }
        Value::Array(items) => items.iter().map(|one| format!("{pad}{}", folded(one, indent + 2))).collect(),
        _ => return flat,
    };
    let (first, last) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    format!("{first}\n{}\n{close}{last}", lines.join(",\n"))
}

/// The names of the snapshots whose files begin so, without that and the ending.
fn names(prefix: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(repo("tests/it/snapshots")).unwrap().map(|entry| entry.unwrap().file_name());
    let name = |file: std::ffi::OsString| Some(file.to_str()?.strip_prefix(prefix)?.strip_suffix(".snap")?.to_owned());
    files.filter_map(name).collect()
}

#[test]
fn a_snapshot_can_be_read_in_one_go() {
    let names = names("");
    assert!(names.len() > 50, "{}", names.len());
    for name in names {
        let text = std::fs::read_to_string(repo(&format!("tests/it/snapshots/{name}.snap"))).unwrap();
        let lines = text.lines().count();
        assert!(
            lines <= LINES,
            "{name}.snap has {lines} lines: split it, by check (BY_CHECK) or by part of the report"
        );
    }
}

#[test]
fn a_tape_holds_what_it_names_and_nothing_else() {
    // A service that is recorded anew leaves nothing of its old tape behind.
    for name in RECORDED.into_iter().chain(["small"]) {
        let dir = repo("fixtures").join(name);
        let read = |path: &str| -> Value {
            let text = std::fs::read_to_string(dir.join(path)).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let services = read("tape.json")["services"].clone();
        let mut named = BTreeSet::from(["tape.json".to_owned()]);
        for service in services.as_array().unwrap().iter().map(|one| one.as_str().unwrap()) {
            let digests = format!("digests/{service}.json");
            named.extend(read(&digests)["files"].as_object().unwrap().keys().cloned());
            named.insert(digests);
        }
        let mut held = BTreeSet::new();
        let mut folders = vec![dir.clone()];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.is_dir() {
                    true => folders.push(path),
                    false => _ = held.insert(path.strip_prefix(&dir).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        assert_eq!(held, named, "{name}");
    }
}
