//! Reasons: what a failed finding says is broken, by slugs that the cards declare. People name them in suppressions and
//! programs in queries, so they stay, and mean what the probe means.

use crate::support::{Run, posture, repo};
use aws_posture::catalogue::{Check, checks, find};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const RECORDED: [&str; 3] = ["acme", "hardened", "organization"];

#[test]
fn slugs_change_only_on_purpose() {
    let mut services: BTreeMap<&str, String> = BTreeMap::new();
    for check in checks() {
        let text = services.entry(check.service).or_default();
        writeln!(text, "{}", check.id).unwrap();
        for (slug, what) in &check.card.reasons {
            writeln!(text, "    {slug}: {what}").unwrap();
            assert!(!what.ends_with('.') && what.len() <= 120, "{}: {slug}: {what}", check.id);
        }
    }
    for (service, text) in services {
        insta::assert_snapshot!(format!("reasons_{service}"), text);
    }
}

/// The code of a file, without its tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// The slugs that a text gives to a verdict.
fn given(text: &str) -> BTreeSet<String> {
    let calls = text
        .split("Verdict::fail(")
        .skip(1)
        .chain(text.split(".broken(").skip(1))
        .chain(text.split(".broken_at(").skip(1));
    let literals = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    literals.map(str::to_owned).collect()
}

/// The slugs of some card that a text holds; for those that go to a verdict by a name.
fn quoted(text: &str) -> BTreeSet<String> {
    let slugs = checks().iter().flat_map(|check| check.card.reasons.keys());
    slugs.filter(|slug| text.contains(&format!("\"{slug}\""))).cloned().collect()
}

/// Code outside the folders of checks that gives slugs for several of them, by the name of its module.
fn shared() -> BTreeMap<String, BTreeSet<String>> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for path in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let passed_over = dir == repo("checks") || ["target", "tests", "benches"].contains(&&*name);
            if path.is_dir() && !passed_over && !name.starts_with('.') {
                walk(&path, into);
            } else if name.ends_with(".rs") {
                into.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&repo(""), &mut files);
    let judges = files.into_iter().filter_map(|path| {
        let text = code(&path);
        let judges = text.contains("reasons.broken(") || !given(&text).is_empty();
        let slugs: BTreeSet<String> = given(&text).union(&quoted(&text)).cloned().collect();
        (judges && !slugs.is_empty()).then(|| (path.file_stem().unwrap().to_string_lossy().into_owned(), slugs))
    });
    judges.collect()
}

fn probe(check: &Check) -> PathBuf {
    let stem = check.id.strip_prefix(check.service).and_then(|rest| rest.strip_prefix('_')).unwrap();
    repo("checks").join(check.service).join(stem).with_extension("rs")
}

/// The code of a probe, and of the modules of its folder that are no probes and that it uses, by another of them too.
fn code_of(check: &Check) -> String {
    let path = probe(check);
    let mut text = code(&path);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let mut helpers: Vec<(String, PathBuf)> = files
        .filter(|file| file.extension().is_some_and(|kind| kind == "rs") && !file.with_extension("md").exists())
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), file))
        .filter(|(stem, _)| stem != "mod")
        .collect();
    while let Some(at) = helpers.iter().position(|(stem, _)| text.contains(&format!("{stem}::"))) {
        text.push_str(&code(&helpers.remove(at).1));
    }
    text
}

#[test]
fn cards_declare_what_probes_give_and_no_more() {
    let shared = shared();
    assert!(shared.len() >= 3, "shared judges are not found: {shared:?}");
    let mut of_services: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for check in checks() {
        let text = code_of(check);
        let declared: BTreeSet<String> = check.card.reasons.keys().cloned().collect();
        let own = given(&text);
        wrong.extend(own.difference(&declared).map(|slug| format!("{}: the card does not declare {slug}", check.id)));
        let module = given(&code(&probe(check).with_file_name("mod.rs")));
        let seen = of_services.entry(check.service).or_insert_with(|| (module, BTreeSet::new()));
        seen.1.extend(declared.intersection(&seen.0).cloned());
        let mut explained: BTreeSet<String> = own.union(&quoted(&text)).cloned().collect();
        explained.extend(seen.0.iter().cloned());
        for (module, slugs) in &shared {
            if text.contains(&format!("{module}::")) && slugs.intersection(&declared).next().is_some() {
                let lacks = slugs.difference(&declared);
                wrong.extend(lacks.map(|slug| format!("{}: {module} gives {slug} too", check.id)));
                explained.extend(slugs.iter().cloned());
            }
        }
        wrong.extend(declared.difference(&explained).map(|slug| format!("{}: nothing gives {slug}", check.id)));
    }
    for (service, (given, declared)) in of_services {
        wrong.extend(given.difference(&declared).map(|slug| format!("{service}: no card declares {slug}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_failure_names_reasons_of_its_card_and_nothing_else_does() {
    let mut seen = BTreeSet::new();
    for name in RECORDED {
        let run = Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(repo("fixtures").join(name)));
        for finding in run.report().findings() {
            let slugs: Vec<&str> =
                finding["reasons"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            let check = find(finding["check_id"].as_str().unwrap()).unwrap();
            assert_eq!(finding["status"] == "fail", !slugs.is_empty(), "{finding:#}");
            assert!(slugs.iter().all(|slug| check.card.reasons.contains_key(*slug)), "{finding:#}");
            assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len(), "{finding:#}");
            seen.extend(slugs.into_iter().map(|slug| (check.id, slug.to_owned())));
        }
    }
    let declared: usize = checks().iter().map(|check| check.card.reasons.len()).sum();
    assert!(seen.len() * 2 > declared, "the recorded accounts show {} of {declared} reasons", seen.len());
}

/// A report of acme with the findings of one check only, changed.
fn changed(dir: &Path, name: &str, change: impl Fn(&mut Value)) -> PathBuf {
    let path = dir.join(name);
    let scan = ["scan", "--no-config", "--fail-on", "never", "--check", "iam_password_policy_strong"];
    let run = Run::of(posture().args(scan).args(["--output", "json", "--replay"]).arg(repo("fixtures/acme")));
    let mut report = run.report().0;
    change(&mut report);
    std::fs::write(&path, report.to_string()).unwrap();
    path
}

#[test]
fn a_reason_that_was_not_there_is_worse_and_an_older_report_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let reasons = |slugs: Value| move |report: &mut Value| report["findings"][0]["reasons"] = slugs.clone();
    let less = changed(dir.path(), "less.json", reasons(json!(["too_short"])));
    let more = changed(dir.path(), "more.json", reasons(json!(["too_short", "never_expires"])));
    let old = changed(dir.path(), "old.json", |report| {
        report["schema_version"] = "1.2".into();
        let findings = report["findings"].as_array_mut().unwrap();
        findings.iter_mut().for_each(|finding| drop(finding.as_object_mut().unwrap().remove("reasons")));
    });
    let counts = |before: &Path, after: &Path| {
        let run = Run::of(posture().args(["diff", "--output", "json"]).arg(before).arg(after));
        serde_json::from_str::<Value>(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))["counts"].clone()
    };
    assert_eq!(counts(&less, &more)["worsened"], 1);
    assert_eq!(counts(&more, &less)["worsened"], 0);
    assert_eq!(counts(&old, &more)["worsened"], 0);
}

#[test]
fn a_suppression_with_conditions_ends_with_another_reason() {
    let dir = tempfile::tempdir().unwrap();
    let scan = |conditions: &str| {
        let config = dir.path().join("posture.toml");
        let text = format!(
            "[[suppression]]\ncheck = \"iam_password_policy_strong\"\nconditions = [{conditions}]\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-03-31\n"
        );
        std::fs::write(&config, text).unwrap();
        let args = ["scan", "--fail-on", "never", "--check", "iam_password_policy_strong", "--output", "json"];
        Run::of(posture().args(args).arg("--config").arg(config).arg("--replay").arg(repo("fixtures/acme")))
    };
    let all = checks().iter().find(|check| check.id == "iam_password_policy_strong").unwrap();
    let all = all.card.reasons.keys().map(|slug| format!("\"{slug}\"")).collect::<Vec<_>>().join(", ");
    let accepted = scan(&all).report().0;
    assert_eq!(accepted["findings"][0]["suppression"]["owner"], "o", "{accepted:#}");
    assert_eq!(accepted["suppressions"][0]["state"], "in_force");
    let run = scan("\"expires_too_late\"");
    let lifted = run.report().0;
    assert_eq!(lifted["findings"][0]["suppression"], Value::Null);
    assert_eq!(
        (&lifted["suppressions"][0]["state"], &lifted["suppressions"][0]["beyond"]),
        (&json!("unused"), &json!(1))
    );
    assert!(run.stderr.contains("does not hold for 1 failed finding"), "{}", run.stderr);
    let wrong = scan("\"no_flow_log\"");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("has the condition \"no_flow_log\""), "{}", wrong.stderr);
}
