//! What the command line says when it is given the wrong thing: exit 2 and one clear sentence.

use crate::support::{Run, posture, repo};
use std::path::Path;

fn refused(args: &[&str], words: &[&str]) {
    let run = Run::of(posture().args(args).current_dir(repo("")));
    assert_eq!(run.code, 2, "{args:?}: {}", run.stderr);
    assert!(run.stdout.is_empty(), "{args:?} wrote to stdout");
    for word in words {
        assert!(run.stderr.contains(word), "{args:?}: {word:?} is not in {}", run.stderr);
    }
    assert!(!run.stderr.contains("panicked") && !run.stderr.contains("backtrace"), "{}", run.stderr);
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    refused(&["scan", "--replay", "fixtures/acme", "--check", "iam_root_mfa_enabld"], &["iam_root_mfa_enabled"]);
    refused(&["scan", "--replay", "fixtures/acme", "--practice", "SEC01-BP99"], &["SEC01-BP99"]);
    refused(&["scan", "--replay", "fixtures/acme", "--service", "sqs"], &["sqs", "iam"]);
    refused(&["scan", "--replay", "fixtures/acme", "--region", "us-east-9"], &["us-east-9"]);
    refused(&["scan", "--replay", "fixtures/acme", "--output", "jsn"], &["jsn", "text, json"]);
    refused(&["scan", "--replay", "fixtures/acme", "--severity", "awful"], &["awful", "critical"]);
    refused(&["scan", "--profile", "nobody"], &["nobody"]);
    refused(&["explain", "iam_root_mfa"], &["iam_root_mfa_enabled"]);
}

#[test]
fn without_credentials_it_says_what_to_do() {
    refused(&["scan"], &["no AWS credentials", "--profile"]);
}

#[test]
fn tapes_that_are_none_are_refused() {
    refused(&["scan", "--replay", "no/such/dir"], &["no/such/dir"]);
    refused(&["scan", "--replay", "src"], &["tape.json"]);
    let dir = tempfile::tempdir().unwrap();
    copy(&repo("fixtures/acme"), dir.path());
    let place = dir.path().to_str().unwrap();
    let file = dir.path().join("111122223333/us-east-1/ec2.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    refused(&["scan", "--replay", place], &["ec2.jsonl", "cut short"]);
    std::fs::write(dir.path().join("tape.json"), "{").unwrap();
    refused(&["scan", "--replay", place], &["tape.json"]);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn places_that_cannot_be_written_are_refused_before_the_scan() {
    refused(&["scan", "--replay", "fixtures/acme", "--output", "json=/no/such/dir/report.json"], &["/no/such/dir"]);
    refused(&["scan", "--replay", "fixtures/acme", "--output", "json=src"], &["directory"]);
    refused(&["scan", "--replay", "fixtures/acme", "--output", "json", "--output", "text"], &["stdout"]);
    refused(&["scan", "--record", "/proc/nothing"], &["/proc/nothing"]);
    refused(&["scan", "--record", "src"], &["not empty"]);
    refused(&["scan", "--record", "fixtures/acme"], &["not empty"]);
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let status = posture().args(["list"]).stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn reports_go_to_files_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (json, html) = (dir.path().join("report.json"), dir.path().join("report.html"));
    let run = Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures/acme")).args([
        "--output",
        &format!("json={}", json.display()),
        "--output",
        &format!("html={}", html.display()),
        "--output",
        "text",
    ]));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.starts_with("posture "));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(report["schema_version"], aws_posture::report::json::SCHEMA_VERSION);
    let html = std::fs::read_to_string(html).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary file stays");
}

#[test]
fn the_gate_has_the_exit_codes_of_the_manual() {
    let scan = |args: &[&str]| Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures/acme")).args(args)).code;
    assert_eq!(scan(&[]), 1);
    assert_eq!(scan(&["--fail-on", "never"]), 0);
    assert_eq!(scan(&["--check", "iam_root_mfa_enabled", "--fail-on", "critical"]), 1);
    let hardened = Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures/hardened")));
    assert_eq!(hardened.code, 0, "{}", hardened.stderr);
}

#[test]
fn the_catalogue_is_listed_and_explained() {
    let list = Run::of(posture().args(["list"]));
    assert_eq!(list.code, 0);
    assert!(list.stdout.lines().count() >= 90);
    let json: serde_json::Value =
        serde_json::from_str(&Run::of(posture().args(["list", "--output", "json"])).stdout).unwrap();
    assert!(json.as_array().unwrap().len() >= 90);
    for id in ["iam_root_mfa_enabled", "SEC01-BP02", "sec_securely_operate_aws_account", "IAM.9"] {
        let run = Run::of(posture().args(["explain", id]));
        assert_eq!(run.code, 0, "{id}: {}", run.stderr);
        assert!(run.stdout.contains("iam_root_mfa_enabled"), "{id}");
    }
}

#[test]
fn what_is_printed_fits_the_terminal() {
    for args in
        [&["list"][..], &["practices"], &["explain", "SEC01-BP02"], &["explain", "ec2_instance_imdsv2_required"]]
    {
        let run = Run::of(posture().args(args).env("COLUMNS", "80"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mut fenced = false;
        for line in run.stdout.lines() {
            fenced ^= line.starts_with("```");
            let one_word = line.trim_start_matches([' ', '-']).split(' ').count() <= 2;
            assert!(fenced || one_word || line.chars().count() <= 80, "{args:?}: {line}");
        }
    }
}

#[test]
fn the_pillar_fits_the_terminal_and_unknown_practices_say_why() {
    let glance = |account: &str, args: &[&str]| {
        let scan = ["scan", "--replay", account, "--fail-on", "never", "--no-config"];
        let run = Run::of(posture().args(scan).args(args).current_dir(repo("")).env("COLUMNS", "80"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let table = run.stdout.split_once("\nSecurity Pillar, ").unwrap().1.split_once("\n\n").unwrap().0;
        table.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = glance("fixtures/organization", &[]);
    assert!(whole.iter().all(|line| line.chars().count() <= 80), "{whole:#?}");
    let rows = whole.iter().skip(1).take_while(|line| !line.starts_with("unknown: "));
    let unknown: usize = rows.map(|row| row.split_whitespace().nth_back(2).unwrap().parse::<usize>().unwrap()).sum();
    let numbers = |lines: &[String]| {
        let told: String = lines.iter().skip_while(|line| !line.starts_with("unknown: ")).cloned().collect();
        told.split_whitespace().filter_map(|word| word.parse::<usize>().ok()).sum::<usize>()
    };
    assert!(unknown > 0 && numbers(&whole) == unknown, "{whole:#?}");
    let part = glance("fixtures/hardened", &["--service", "S3"]).join(" ");
    assert!(part.contains("on checks that were not part of the scan"), "{part}");
}

/// A report that stands for a shard: the same scan, other accounts.
fn shard(whole: &serde_json::Value, index: u32, account: &str) -> serde_json::Value {
    let text = whole.to_string().replace("111122223333", account);
    let mut part: serde_json::Value = serde_json::from_str(&text).unwrap();
    part["scan"]["caller"] = whole["scan"]["caller"].clone();
    part["scan"]["shard"] = serde_json::json!({ "index": index, "count": 2 });
    part["scan"]["plan"] = "one".into();
    part
}

#[test]
fn only_the_shards_of_one_scan_are_merged() {
    let dir = tempfile::tempdir().unwrap();
    let scan =
        Run::of(posture().args(["scan", "--no-config", "--output", "json", "--replay"]).arg(repo("fixtures/acme")));
    let whole = scan.report().0;
    let (one, two) = (shard(&whole, 1, "111122223333"), shard(&whole, 2, "222233334444"));
    let file = |name: &str, report: &serde_json::Value| {
        let path = dir.path().join(name);
        std::fs::write(&path, report.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (first, second) = (file("1.json", &one), file("2.json", &two));
    let merge = |more: &[&str]| Run::of(posture().arg("merge").args(more));
    let merged = merge(&[&first, &second]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let count = |report: &serde_json::Value| report["findings"].as_array().unwrap().len();
    assert_eq!(count(&merged.report().0), 2 * count(&whole));
    assert_eq!(merge(&[&first, &second, "--fail-on", "high"]).code, 1, "it has a gate");

    let altered = |name: &str, change: &dyn Fn(&mut serde_json::Value)| {
        let mut report = two.clone();
        change(&mut report);
        file(name, &report)
    };
    let plain = file("plain.json", &whole);
    let cut = altered("cut.json", &|report| drop(report["findings"].as_array_mut().unwrap().pop()));
    let old = altered("old.json", &|report| report["scan"]["started_at"] = "2026-01-01T00:00:00Z".into());
    let other = altered("other.json", &|report| report["scan"]["plan"] = "two".into());
    let timeless = altered("timeless.json", &|report| report["scan"]["as_of"] = "".into());
    let twice = altered("twice.json", &|report| report["scan"]["shard"]["index"] = 1.into());
    for (reports, words) in [
        (vec![&first], "shard 2/2 is missing"),
        (vec![&first, &twice], "are both shard 1/2"),
        (vec![&plain, &plain], "not a shard"),
        (vec![&first, &cut], "not those that its summary counts"),
        (vec![&first, &old], "the day"),
        (vec![&first, &timeless], "is no time"),
        (vec![&first, &other], "the list of accounts or regions"),
    ] {
        let reports: Vec<&str> = reports.into_iter().map(String::as_str).collect();
        refused(&[&["merge"], reports.as_slice()].concat(), &[words]);
    }
}
