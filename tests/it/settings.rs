//! Settings of checks: cards, probes and `posture.toml` hold together, and a setting changes what it is about and nothing else.

use crate::support::{Report, Run, posture, repo};
use aws_posture::catalogue::{ChangedSettings, checks};
use posture_estate::settings::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The probe of a check without its tests, every run of white space one blank.
fn probe(id: &str, service: &str) -> String {
    let stem = id.strip_prefix(&format!("{service}_")).unwrap();
    let text = std::fs::read_to_string(repo("checks").join(service).join(format!("{stem}.rs"))).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The constants of a probe that are settings: name of the setting and of the constant.
fn handles(code: &str) -> BTreeMap<String, String> {
    let handle = |rest: &str| {
        let (constant, rest) = rest.split_once(": Setting<")?;
        let (_, rest) = rest.split_once("setting!(")?;
        let (_, name) = rest.split_once(')')?.0.split_once('.')?;
        Some((name.to_owned(), constant.to_owned()))
    };
    code.split("const ").skip(1).filter_map(handle).collect()
}

#[test]
fn every_declared_setting_is_read_by_its_probe_and_every_read_one_is_declared() {
    let mut count = 0;
    for check in checks() {
        let code = probe(check.id, check.service);
        let handles = handles(&code);
        let declared: BTreeSet<&String> = check.card.settings.keys().collect();
        assert_eq!(handles.keys().collect::<BTreeSet<_>>(), declared, "{}: probe and card differ", check.id);
        for (name, constant) in &handles {
            assert!(code.contains(&format!("at.setting({constant})")), "{} never reads {name}", check.id);
            count += 1;
        }
    }
    assert!(count >= 45, "{count} settings");
}

#[test]
fn cards_say_what_their_settings_do() {
    for check in checks() {
        for (name, declared) in &check.card.settings {
            let what = format!("{} {name}", check.id);
            let snake = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !name.starts_with('_');
            assert!(snake && name.len() <= 24, "{what}: not a name");
            assert!(check.card.passes.contains(&format!("`{name}`")), "{what}: What passes does not name it");
            assert!(declared.doc.len() <= 100, "{what}: doc is too long");
            if let Value::Integer(default) = declared.default {
                assert!(check.card.passes.contains(&default.to_string()), "{what}: What passes lacks the default");
            }
        }
    }
}

#[test]
fn a_number_in_a_title_is_a_setting() {
    for check in checks() {
        for word in check.card.title.split(' ').filter(|word| word.parse::<i64>().is_ok()) {
            let same = |value: &Value| matches!(value, Value::Integer(n) if n.to_string() == word);
            let settings = check.card.settings.values().filter(|declared| same(&declared.default)).count();
            assert_eq!(settings, 1, "{}: {word} in the title", check.id);
        }
        assert_eq!(ChangedSettings::default().title(check), check.card.title);
    }
}

/// A scan of acme from a directory with this `posture.toml`.
fn scan(file: &str, args: &[&str]) -> Run {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures/acme")).args(args).current_dir(dir.path()))
}

/// What differs: check, resource, then status before and after. Titles apart, nothing else may.
fn changes(file: &str) -> BTreeSet<(String, String, String, String)> {
    let (before, after) = (scan("", &["--output", "json"]).report(), scan(file, &["--output", "json"]).report());
    assert_eq!(before.0["scan"]["settings"], serde_json::json!({}));
    assert_eq!(before.findings().len(), after.findings().len());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut changed = BTreeSet::new();
    for (old, new) in before.findings().iter().zip(after.findings()) {
        assert_eq!(old["fingerprint"], new["fingerprint"]);
        let set = !after.0["scan"]["settings"][text(&new["check_id"])].is_null();
        if old["status"] != new["status"] {
            changed.insert((
                text(&new["check_id"]),
                text(&new["resource"]["id"]),
                text(&old["status"]),
                text(&new["status"]),
            ));
        } else if !set {
            assert_eq!(old, new, "a check that nobody set");
        }
    }
    changed
}

fn change(check: &str, resource: &str, before: &str, after: &str) -> (String, String, String, String) {
    (check.to_owned(), resource.to_owned(), before.to_owned(), after.to_owned())
}

#[test]
fn a_threshold_changes_exactly_the_findings_between_old_and_new() {
    assert_eq!(
        changes("[check.iam_access_keys_rotated]\nmax_age_days = 365\n"),
        BTreeSet::from([change("iam_access_keys_rotated", "report-export", "fail", "pass")])
    );
    assert_eq!(
        changes("[check.iam_access_keys_rotated]\nmax_age_days = 25\n"),
        BTreeSet::from([
            change("iam_access_keys_rotated", "ci-runner", "pass", "fail"),
            change("iam_access_keys_rotated", "report-export", "pass", "fail"),
        ])
    );
}

#[test]
fn an_exception_is_for_whom_it_names() {
    let versioning = |name: &str| change("s3_bucket_versioning_enabled", name, "fail", "not_applicable");
    assert_eq!(
        changes("[check.s3_bucket_versioning_enabled]\nscratch_buckets = [\"acme-p*\", \"acme-web\", \"website\"]\n"),
        BTreeSet::from([versioning("acme-partner-drop"), versioning("acme-press-kit")])
    );
    assert_eq!(
        changes(
            "[check.ec2_instance_no_public_ip]\nmay_be_public = [\"tag:Name=legacy-*\", \"tag:Name=bastion\"]\n\
             [check.ec2_instance_profile_attached]\nneed_no_access = [\"i-2f864f447320d22d2\"]\n"
        ),
        BTreeSet::from([
            // The bastion is public by design and still open with a role.
            change("ec2_instance_no_public_ip", "i-c364f706722825aea", "fail", "pass"),
            change("ec2_instance_profile_attached", "i-2f864f447320d22d2", "fail", "not_applicable"),
        ])
    );
}

#[test]
fn ports_accounts_and_lists_are_set_too() {
    assert_eq!(
        changes("[check.ec2_sg_open_only_on_authorized_ports]\ntcp_ports = [80, 443, \"3300-3310\"]\n"),
        BTreeSet::from([change("ec2_sg_open_only_on_authorized_ports", "sg-76feece37ac0e347d", "fail", "pass")])
    );
    assert_eq!(
        changes("[check.ec2_sg_open_only_on_authorized_ports]\ntcp_ports = [443]\n"),
        BTreeSet::from([change("ec2_sg_open_only_on_authorized_ports", "sg-038f3471ee2ed4325", "pass", "fail")])
    );
}

#[test]
fn the_report_says_what_was_set() {
    let file = "[check.iam_access_keys_rotated]\nmax_age_days = 365\n[check.iam_password_policy_strong]\nmin_length = 14\n\
                [check.ec2_allowed_amis_enforced]\naudit_until = 2030-01-31\n";
    let report = scan(file, &["--output", "json"]).report();
    assert_eq!(
        report.0["scan"]["settings"],
        serde_json::json!({
            "ec2_allowed_amis_enforced": { "audit_until": "2030-01-31" },
            "iam_access_keys_rotated": { "max_age_days": 365 },
        })
    );
    let title = |report: &Report| {
        let one = report.findings().iter().find(|finding| finding["check_id"] == "iam_access_keys_rotated").unwrap();
        one["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(title(&report), "Active access keys are at most 365 days old");
    let schema: serde_json::Value = serde_json::from_str(aws_posture::report::json::SCHEMA).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report.0));
    let of_one = scan(file, &["--check", "iam_password_*", "--output", "json"]).report();
    assert_eq!(of_one.0["scan"]["settings"], serde_json::json!({}), "only of the checks that ran");
    let text = scan(file, &["--check", "iam_access_keys_rotated"]).stdout;
    assert!(text.contains("  settings iam_access_keys_rotated.max_age_days = 365\n"), "{text}");
    assert!(!scan("", &[]).stdout.contains("  settings "));
}

#[test]
fn a_wrong_setting_stops_the_run_with_its_line() {
    for (file, words) in [
        ("\n[check.iam_acces_keys_rotated]\n", "posture.toml:2: no check \"iam_acces_keys_rotated\" (did you mean"),
        (
            "[check.iam_access_keys_rotated]\nmax_age_day = 9\n",
            "posture.toml:2: iam_access_keys_rotated has no setting",
        ),
        (
            "[check.iam_access_keys_rotated]\n\nmax_age_days = 0\n",
            "posture.toml:3: max_age_days of iam_access_keys_rotated is 0",
        ),
        ("[check.iam_access_keys_rotated]\nmax_age_days = [\n  90\n]\n", "posture.toml:2: max_age_days"),
        ("check = 1\n", "posture.toml:1: "),
        ("[check]\niam_access_keys_rotated = 90\n", "posture.toml:2: "),
    ] {
        let run = scan(file, &[]);
        assert_eq!(run.code, 2, "{file}: {}", run.stderr);
        assert!(run.stderr.contains(words) && run.stdout.is_empty(), "{file}: {}", run.stderr);
    }
}

#[test]
fn settings_are_explained_and_listed() {
    let explained = Run::of(posture().args(["explain", "iam_access_keys_rotated"])).stdout;
    assert!(explained.contains("[check.iam_access_keys_rotated]"), "{explained}");
    assert!(
        explained.contains("- max_age_days, a whole number from 1 to 3650, default 90: an active key older"),
        "{explained}"
    );
    assert!(!Run::of(posture().args(["explain", "iam_root_mfa_enabled"])).stdout.contains("## Settings"));
    let run = Run::of(posture().args(["list", "--output", "json", "--check", "iam_access_keys_rotated"]));
    let rows: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let expected = serde_json::json!([{
        "name": "max_age_days", "type": "integer", "default": 90, "min": 1, "max": 3650,
        "doc": "an active key older than this many days fails",
    }]);
    assert_eq!(rows[0]["settings"], expected);
}
