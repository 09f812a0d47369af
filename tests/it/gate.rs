//! The gate: what a baseline excuses and what it does not, the exit codes, and the comparison of two reports.

mod compared;
mod live;

use crate::emulator::Lab;
use crate::support::{Report, Run, posture, repo};
use aws_sdk_ec2::types::{IpPermission, IpRange};
use compared::{NO_WORSE, ONE_WAY_TO_FAIL};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const GROUPS: &str = "ec2_sg_no_open_admin_ports";

fn scan(fixture: &str, args: &[&str]) -> Run {
    Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures").join(fixture)).args(args))
}

/// A report of the recorded account, in a file.
fn saved(dir: &Path, fixture: &str, name: &str) -> (PathBuf, Value) {
    let path = dir.join(name);
    let run = scan(fixture, &["--output", &format!("json={}", path.display())]);
    assert!([0, 1].contains(&run.code), "{}", run.stderr);
    let report = read(&path);
    (path, report)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn write(path: &Path, report: &Value) {
    std::fs::write(path, serde_json::to_vec(report).unwrap()).unwrap();
}

/// The first failed finding of a check.
fn failed<'a>(report: &'a mut Value, check: &str) -> &'a mut Value {
    let wanted = |finding: &&mut Value| finding["check_id"] == check && finding["status"] == "fail";
    report["findings"].as_array_mut().unwrap().iter_mut().find(wanted).unwrap()
}

fn valid(schema: &str, document: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_same_account_passes_with_its_own_baseline() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = saved(dir.path(), "acme", "a.json");
    let run = scan("acme", &["--baseline", path.to_str().unwrap(), "--output", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("at or above high in the baseline already (--baseline)"), "{}", run.stderr);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let report = run.report();
    valid(aws_posture::report::json::SCHEMA, &report.0);
    let counts = &report.0["baseline"]["counts"];
    let changed = ["new", "reopened", "worsened", "fixed", "gone", "not_scanned", "became_unknown", "became_known"];
    assert!(changed.iter().all(|kind| counts[kind] == 0), "{counts}");
    assert_eq!(counts["unchanged"], report.0["summary"]["findings"]["fail"]);
    assert!(report.findings().iter().all(|finding| finding["change"] == "unchanged"));
    let text = scan("acme", &["--baseline", path.to_str().unwrap()]).stdout;
    assert!(text.contains("What changed since the baseline"), "{text}");
    assert!(text.contains("0 new, 0 reopened, 0 worsened, 0 fixed"), "{text}");
}

#[test]
fn what_the_baseline_lacks_breaks_the_gate_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (path, report) = saved(dir.path(), "acme", "a.json");
    let gate = |edit: &dyn Fn(&mut Value)| {
        let mut edited = report.clone();
        edit(&mut edited);
        write(&path, &edited);
        scan("acme", &["--baseline", path.to_str().unwrap(), "--output", "json"])
    };
    let arn = failed(&mut report.clone(), GROUPS)["resource"]["arn"].as_str().unwrap().to_owned();
    let only = |run: &Run, change: &str| {
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("exit 1: 1 failed finding at or above high is new or worse"), "{}", run.stderr);
        let named = run
            .stderr
            .lines()
            .any(|line| line.contains(GROUPS) && line.contains(&arn) && line.ends_with(&format!("({change})")));
        assert!(named, "{}", run.stderr);
        assert_eq!(run.report().0["baseline"]["counts"][change], 1);
    };
    only(&gate(&|report| failed(report, GROUPS)["fingerprint"] = json!("0".repeat(32))), "new");
    only(&gate(&|report| failed(report, GROUPS)["status"] = json!("unknown")), "new");
    only(&gate(&|report| failed(report, GROUPS)["status"] = json!("pass")), "reopened");
    only(&gate(&|report| failed(report, GROUPS)["status"] = json!("not_applicable")), "reopened");
    only(&gate(&|report| failed(report, GROUPS)["severity"] = json!("low")), "worsened");
    let suppression = json!({ "reason": "r", "owner": "o", "expires": "2026-12-31" });
    only(&gate(&|report| failed(report, GROUPS)["suppression"] = suppression.clone()), "worsened");
    only(
        &gate(&|report| drop(failed(report, GROUPS)["evidence"]["open"].as_array_mut().unwrap().remove(0))),
        "worsened",
    );
    // What is worded, dated or counted differently is the same failure.
    let same = gate(&|report| {
        for finding in report["findings"].as_array_mut().unwrap() {
            finding["message"] = json!("in other words, 12 days ago");
            finding["title"] = json!("Another title");
            for value in finding["evidence"].as_object_mut().unwrap().values_mut().filter(|value| !value.is_array()) {
                *value = json!("2020-01-01");
            }
        }
    });
    assert_eq!(same.code, 0, "{}", same.stderr);
    // One that is gone is told and breaks nothing.
    let gone = gate(&|report| {
        let mut old = failed(report, GROUPS).clone();
        old["fingerprint"] = json!("1".repeat(32));
        report["findings"].as_array_mut().unwrap().push(old);
    });
    assert_eq!((gone.code, &gone.report().0["baseline"]["counts"]["gone"]), (0, &json!(1)));
}

#[test]
fn a_baseline_of_something_else_says_so_and_excuses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (path, mut report) = saved(dir.path(), "hardened", "h.json");
    let run = scan("acme", &["--baseline", path.to_str().unwrap()]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("warning: the baseline has no account 111122223333; what it lacks counts as new"));
    report["scan"]["complete"] = json!(false);
    report["tool"]["catalogue"] = json!("0".repeat(64));
    write(&path, &report);
    let run = scan("acme", &["--baseline", path.to_str().unwrap()]);
    assert!(
        run.stderr.contains("is of a scan that did not come to its end") && run.stderr.contains("another catalogue"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("! the baseline is of a scan that did not come to its end"), "{}", run.stdout);
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.json");
    for text in ["", "{", "[]", "{}", "{\"schema_version\": \"2.0\"}", "not json"] {
        std::fs::write(&path, text).unwrap();
        let run = scan("acme", &["--baseline", path.to_str().unwrap()]);
        assert_eq!(run.code, 2, "{text:?}: {}", run.stderr);
        assert!(run.stderr.contains("b.json") && run.stdout.is_empty(), "{}", run.stderr);
    }
    assert_eq!(scan("acme", &["--baseline", "/no/such/file"]).code, 2);
    assert_eq!(scan("acme", &["--allow-unknown", "--fail-on-unknown"]).code, 2);
}

#[test]
fn every_grave_failure_that_can_grow_says_what_it_holds() {
    use aws_posture::catalogue;
    let report = scan("acme", &["--output", "json"]).report();
    let mut grave: Vec<&str> = report
        .findings()
        .iter()
        .filter(|one| one["status"] == "fail" && (one["severity"] == "critical" || one["severity"] == "high"))
        .map(|one| one["check_id"].as_str().unwrap())
        .collect();
    grave.sort_unstable();
    grave.dedup();
    for check in &grave {
        let card = &catalogue::find(check).unwrap().card;
        let names = !card.worsens_with.is_empty();
        let listed = ONE_WAY_TO_FAIL.iter().any(|(known, _)| known == check);
        // That it lists nothing is held by `every_list_of_a_failure_is_compared_or_left_out_for_a_reason`.
        let one_reason = card.reasons.len() == 1;
        let says = "name under worsens_with what its failure lists, or here why it cannot grow";
        assert!(names || one_reason || listed, "{check}: {says}");
        assert!(!listed || !(names || one_reason), "{check} need not stand here");
    }
    let stale: Vec<_> = ONE_WAY_TO_FAIL.iter().filter(|(known, _)| !grave.contains(known)).collect();
    assert!(stale.is_empty(), "{stale:?}");
}

#[test]
fn what_is_public_cannot_become_more_so_behind_a_baseline() {
    let public = [
        "cloudtrail_bucket_not_public",
        "ec2_image_and_snapshot_block_public_access",
        "iam_oidc_trust_restricted",
        "iam_trust_no_wildcard_principal",
        "kms_key_policy_not_public",
        "s3_bucket_not_public",
    ];
    let dir = tempfile::tempdir().unwrap();
    let (path, mut report) = saved(dir.path(), "acme", "a.json");
    for check in public {
        drop(failed(&mut report, check)["evidence"]["open"].as_array_mut().unwrap().remove(0));
    }
    write(&path, &report);
    let run = scan("acme", &["--baseline", path.to_str().unwrap(), "--output", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let after = run.report();
    let findings = after.findings();
    let mut worse: Vec<_> =
        findings.iter().filter(|one| one["change"] == "worsened").map(|one| &one["check_id"]).collect();
    worse.sort_by_key(|id| id.to_string());
    assert_eq!(worse, public);
}

fn lists(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => {
            found.push(path.to_owned());
            all.iter().for_each(|one| lists(one, path, found));
        }
        Value::Object(all) => all.iter().for_each(|(name, one)| lists(one, &format!("{path}.{name}"), found)),
        _ => {}
    }
}

#[test]
fn every_list_of_a_failure_is_compared_or_left_out_for_a_reason() {
    use aws_posture::catalogue;
    let report = scan("acme", &["--output", "json"]).report();
    let mut found = Vec::new();
    for finding in report.findings().iter().filter(|finding| finding["status"] == "fail") {
        lists(&finding["evidence"], finding["check_id"].as_str().unwrap(), &mut found);
    }
    found.sort();
    found.dedup();
    for list in &found {
        let (check, path) = list.split_once('.').unwrap();
        let compared = &catalogue::find(check).unwrap().card.worsens_with;
        let named = compared.iter().any(|one| one == path || one.starts_with(&format!("{path}.")));
        let left_out = NO_WORSE.iter().any(|(known, _)| known == list);
        assert!(
            named != left_out,
            "{list}: name it under worsens_with on the card of {check}, or here with the reason"
        );
    }
    let stale: Vec<_> = NO_WORSE.iter().filter(|(known, _)| !found.iter().any(|list| list == known)).collect();
    assert!(stale.is_empty(), "{stale:?}");
    for check in catalogue::checks() {
        for path in &check.card.worsens_with {
            let list = format!("{}.{}", check.id, path.split_once('.').map_or(path.as_str(), |(list, _)| list));
            let rare = ["vpc_encryption_controls_on.excludes", "wellarchitected_answers_attest_practices.not_attested"];
            assert!(found.contains(&list) || rare.contains(&list.as_str()), "no failure of acme lists {list}");
        }
    }
}

#[test]
fn two_reports_are_compared() {
    let dir = tempfile::tempdir().unwrap();
    let (a, report) = saved(dir.path(), "acme", "a.json");
    let b = dir.path().join("b.json");
    let mut later = report.clone();
    failed(&mut later, GROUPS)["status"] = json!("pass");
    failed(&mut later, "s3_account_block_public_access")["status"] = json!("unknown");
    let mut old = failed(&mut later, "iam_root_mfa_enabled").take();
    old["fingerprint"] = json!("1".repeat(32));
    old["message"] = json!("`hostile` \u{1b}[31m @all <b>");
    *later["findings"].as_array_mut().unwrap().iter_mut().find(|finding| finding.is_null()).unwrap() = old;
    write(&b, &later);
    let diff = |args: &[&str]| Run::of(posture().arg("diff").args([&a, &b]).args(args));
    let run = diff(&["--output", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    valid(aws_posture::formats::DIFF_SCHEMA, &value);
    let mut kinds: Vec<&str> =
        value["changes"].as_array().unwrap().iter().map(|one| one["change"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["became_unknown", "fixed", "gone", "new"]);
    assert_eq!(diff(&["--exit-code"]).code, 1);
    assert_eq!(diff(&["--exit-code", "--fail-on", "never"]).code, 0);
    let back = Run::of(posture().arg("diff").args([&b, &a]).args(["--exit-code", "--output", "json"]));
    assert_eq!(back.code, 1, "{}", back.stderr);
    let page = dir.path().join("page.md");
    let run = diff(&["--output", &format!("markdown={}", page.display()), "--output", "text"]);
    assert!(!run.stdout.contains('\u{1b}'));
    insta::assert_snapshot!("diff_text", stable(&run.stdout));
    insta::assert_snapshot!("diff_markdown", stable(&std::fs::read_to_string(page).unwrap()));
    let same = Run::of(posture().arg("diff").args([&a, &a]));
    assert_eq!((same.code, same.stdout.contains("nothing differs")), (0, true), "{}", same.stdout);
    for wrong in [["no/such", "no/such"], ["Cargo.toml", "Cargo.toml"]] {
        let run = Run::of(posture().arg("diff").args(wrong).current_dir(repo("")));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    }
}

/// Without the times and the ids of scans.
fn stable(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let time = bare.len() == 20 && bare.ends_with('Z') && bare.contains('T');
        let id = bare.len() == 36 && bare.matches('-').count() == 4;
        if time || id { word.replace(bare, if time { "[time]" } else { "[id]" }) } else { word.to_owned() }
    };
    text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect()
}
