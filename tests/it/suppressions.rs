//! Suppressions in `posture.toml`: exactly what they name stops counting, nothing stops being told, and none outlives its day.

use crate::support::{Report, Run, posture, repo};
use serde_json::{Value, json};
use std::path::Path;

const OPEN: &str = "ec2_sg_no_open_admin_ports";
const VIRGINIA: &str = "arn:aws:ec2:us-east-1:111122223333:security-group/sg-0546d2670b62dc8e6";

/// An entry by ana.
fn entry(conditions: &str, expires: &str) -> String {
    format!(
        "[[suppression]]\n{conditions}\nreason = \"a bastion, SEC-12\"\nowner = \"ana@example.com\"\nexpires = {expires}\n\n"
    )
}

fn scan_in(dir: &Path, fixture: &str, args: &[&str]) -> Run {
    Run::of(posture().args(["scan", "--replay"]).arg(repo("fixtures").join(fixture)).args(args).current_dir(dir))
}

/// A scan with a `posture.toml`, as JSON and as text.
fn scan(fixture: &str, file: &str, args: &[&str]) -> (Run, Report, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    let both = ["--output", "json", "--output", "text=report.txt"];
    let run = scan_in(dir.path(), fixture, &[&both, args].concat());
    let report = run.report();
    let schema: Value = serde_json::from_str(aws_posture::report::json::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = schema.iter_errors(&report.0).map(|error| format!("{error}")).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    (run, report, std::fs::read_to_string(dir.path().join("report.txt")).unwrap())
}

fn state(report: &Report, index: usize) -> (&str, u64) {
    let one = &report.0["suppressions"][index];
    (one["state"].as_str().unwrap(), one["findings"].as_u64().unwrap())
}

#[test]
fn exactly_what_is_named_stops_counting() {
    let (all, before, _) = scan("acme", "", &["--check", OPEN]);
    assert!(all.stderr.contains("exit 1: 4 failed findings"), "{}", all.stderr);
    let eu = entry(&format!("check = \"{OPEN}\"\nregions = [\"eu-*\"]"), "2027-03-31");
    let (run, report, text) = scan("acme", &eu, &["--check", OPEN]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("exit 1: 1 failed finding at"), "{}", run.stderr);
    assert_eq!(state(&report, 0), ("in_force", 3));
    let open: Vec<&Value> = report
        .findings()
        .iter()
        .filter(|finding| finding["status"] == "fail" && finding["suppression"].is_null())
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["resource"]["arn"], VIRGINIA);
    assert!(text.contains(VIRGINIA) && !text.contains("sg-ce7c21f53345fc680"), "{text}");
    assert!(text.contains("1 failed (1 high), 3 suppressed,"), "{text}");
    assert!(text.contains(&format!("{OPEN}: 3 findings, accepted by ana@example.com until 2027-03-31")), "{text}");
    assert_eq!(report.0["summary"]["findings"]["fail"], 4, "they still fail");
    assert_eq!(report.0["summary"]["findings"]["suppressed"], 3);
    assert_eq!(report.0["summary"]["suppressed_by_severity"], json!({ "high": 3 }));

    let both = eu + &entry(&format!("check = \"ec2_sg_*\"\nresource = \"{VIRGINIA}\""), "2027-03-31");
    let (run, report, text) = scan("acme", &both, &["--check", OPEN]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!((state(&report, 0), state(&report, 1)), (("in_force", 3), ("in_force", 1)));
    assert!(text.contains("0 failed, 4 suppressed,"), "{text}");

    // Nothing but the suppression differs.
    let mut findings = report.findings().clone();
    for finding in &mut findings {
        if finding["status"] == "fail" {
            let who = json!({ "reason": "a bastion, SEC-12", "owner": "ana@example.com", "expires": "2027-03-31" });
            assert_eq!(finding["suppression"].take(), who);
        }
    }
    assert_eq!(&findings, before.findings());
}

#[test]
fn a_part_of_an_arn_or_another_case_suppresses_nothing() {
    for resource in [&VIRGINIA[..VIRGINIA.len() - 1], &VIRGINIA.to_uppercase().replacen("ARN", "arn", 1)] {
        let (run, report, _) =
            scan("acme", &entry(&format!("check = \"{OPEN}\"\nresource = \"{resource}\""), "2027-03-31"), &[]);
        assert_eq!(run.code, 1);
        assert_eq!(report.0["summary"]["findings"]["suppressed"], 0);
    }
}

#[test]
fn a_practice_is_attested_when_all_that_fails_is_accepted() {
    let practice = |report: &Report| {
        let rows = report.0["practices"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == "SEC06-BP01").unwrap().clone();
        (row["status"].as_str().unwrap().to_owned(), row["reason"].as_str().unwrap().to_owned(), row)
    };
    let (_, report, _) = scan("acme", "", &[]);
    assert_eq!(practice(&report).0, "not_met");
    let checks = practice(&report).2["checks"].as_object().unwrap().clone();
    let failing = checks.iter().filter(|(_, status)| *status == "fail");
    let entries = failing.map(|(check, _)| entry(&format!("check = \"{check}\""), "2027-03-31"));
    let file = entries.collect::<Vec<_>>().join("\n");
    let (_, report, _) = scan("acme", &file, &[]);
    let (status, reason, row) = practice(&report);
    assert_eq!(status, "attested", "{reason}");
    assert!(reason.contains("suppressed"), "{reason}");
    assert_eq!(row["checks"]["ec2_instances_current"], "fail", "the check still fails");

    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    let table = Run::of(posture().args(["practices", "--replay"]).arg(repo("fixtures/acme")).current_dir(dir.path()));
    assert!(table.stdout.contains("SEC06-BP01    attested"), "{}", table.stdout);
}

#[test]
fn tags_narrow() {
    let with = |tags: &str| {
        let file = entry(&format!("check = \"ec2_*\"\ntags = {tags}"), "2027-03-31");
        let (_, report, _) = scan("acme", &file, &["--service", "ec2"]);
        let tagged = |finding: &&Value| !finding["suppression"].is_null();
        let names: Vec<String> = report
            .findings()
            .iter()
            .filter(tagged)
            .map(|finding| finding["resource"]["tags"]["Name"].as_str().unwrap().to_owned())
            .collect();
        (names, state(&report, 0).0.to_owned())
    };
    let (names, _) = with("{ Name = \"bastion\" }");
    assert!(!names.is_empty() && names.iter().all(|name| name == "bastion"), "{names:?}");
    let (names, state) = with("{ name = \"bastion\" }");
    assert!(names.is_empty() && state != "in_force", "{state}");
}

#[test]
fn what_is_unknown_stays_unknown() {
    let file = entry("check = \"*\"\naccounts = [\"111122223333\"]", "2027-03-31");
    let (run, report, _) = scan("acme", &file, &["--fail-on", "low"]);
    let of = |status: &str| report.findings().iter().filter(|one| one["status"] == status).collect::<Vec<_>>();
    assert!(of("fail").iter().all(|finding| !finding["suppression"].is_null()));
    assert!(!of("unknown").is_empty() && of("unknown").iter().all(|finding| finding["suppression"].is_null()));
    assert_eq!(run.code, 3, "{}", run.stderr);
}

#[test]
fn an_expired_one_stops_on_the_day_of_the_tape_and_is_named() {
    let conditions = format!("check = \"{OPEN}\"");
    let (run, _, text) = scan("acme", &entry(&conditions, "2026-11-22"), &["--check", OPEN]);
    assert_eq!(run.code, 0, "its last day is not over");
    assert!(text.contains(&format!("! the suppression of {OPEN} by ana@example.com (line 2) ends today")), "{text}");
    let (run, report, text) = scan("acme", &entry(&conditions, "2026-11-21"), &["--check", OPEN]);
    assert_eq!(run.code, 1);
    assert_eq!(state(&report, 0), ("expired", 4));
    assert!(report.findings().iter().all(|finding| finding["suppression"].is_null()));
    let what = format!("the suppression of {OPEN} by ana@example.com (line 2) expired on 2026-11-21");
    assert!(run.stderr.contains(&format!("warning: {what}; 4 failed findings count again")), "{}", run.stderr);
    assert!(text.contains(&what), "{text}");
}

#[test]
fn those_that_do_nothing_are_named() {
    let file = entry(
        "check = \"ec2_sg_*\"\nresource = \"arn:aws:ec2:us-east-1:444455556666:security-group/sg-gone\"",
        "2027-03-31",
    ) + &entry("check = \"ec2_sg_default_closed\"\nregions = \"us-east-1\"", "2027-03-31")
        + &entry("check = \"iam_root_mfa_enabled\"\naccounts = [\"111122223333\"]", "2027-03-31");
    let (run, report, text) = scan("hardened", &file, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!([0, 1, 2].map(|index| state(&report, index).0), ["unused", "not_needed", "not_judged"]);
    for said in [&run.stderr, &text] {
        assert!(said.contains("ec2_sg_* by ana@example.com (line 2) matches nothing in this scan"), "{said}");
        assert!(said.contains("(line 9) is no longer needed"), "{said}");
        assert!(!said.contains("(line 16)"), "{said}");
    }
    assert!(text.contains("the suppression of line 16 is about what this scan did not see"), "{text}");
    let (_, report, _) = scan("hardened", &file, &["--service", "s3"]);
    assert!([0, 1, 2].iter().all(|index| state(&report, *index).0 == "not_judged"), "{}", report.0["suppressions"]);
}

#[test]
fn a_malformed_file_stops_the_run_with_its_line() {
    let good = entry(&format!("check = \"{OPEN}\""), "2027-03-31");
    for (from, to, place) in [
        ("check = \"ec2_sg_no_open_admin_ports\"", "check = \"*\"", "posture.toml:2: check \"*\" with nothing else"),
        ("admin_ports", "admin_port", "posture.toml:2: no check matches"),
        ("reason", "raeson", "posture.toml:3: unknown key \"raeson\""),
        ("expires = 2027-03-31\n", "", "posture.toml:1: missing field `expires`"),
        ("2027-03-31", "2027-03-32", "posture.toml:5: "),
        ("[[suppression]]", "[[suppressions]]", "posture.toml:1: unknown key \"suppressions\""),
        ("[[suppression]]", "[suppression", "posture.toml:1: "),
    ] {
        assert!(good.contains(from), "{from}");
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("posture.toml"), good.replace(from, to)).unwrap();
        let run = scan_in(dir.path(), "acme", &["--output", "json"]);
        assert_eq!(run.code, 2, "{to}: {}", run.stderr);
        assert!(run.stdout.is_empty() && run.stderr.contains(place), "{to}: {}", run.stderr);
    }
}

#[test]
fn config_check_shows_who_accepts_what() {
    let dir = tempfile::tempdir().unwrap();
    let year = aws_smithy_types::DateTime::from(std::time::SystemTime::now()).to_string()[..4].parse::<u16>().unwrap();
    let next = format!("{}-01-01", year + 1);
    let file = entry("check = \"s3_*\"\nregions = \"eu-*\"", "2020-01-01")
        + &entry("check = \"ec2_sg_*\"\ntags = { env = \"\\u001b[1m\" }", &next);
    std::fs::write(dir.path().join("posture.toml"), file).unwrap();
    let check = |args: &[&str]| Run::of(posture().args(["config", "check"]).args(args).current_dir(dir.path()));
    let text = check(&[]).stdout;
    assert!(text.contains("  s3_*  in eu-*, by ana@example.com, EXPIRED on 2020-01-01\n"), "{text}");
    let json: Value = serde_json::from_str(&check(&["--output", "json"]).stdout).unwrap();
    let one = &json["suppressions"][0];
    assert_eq!((&one["line"], &one["check"], &one["expired"]), (&json!(2), &json!("s3_*"), &json!(true)));
    let until = format!("  ec2_sg_*  tagged env=\\u{{1b}}[1m, by ana@example.com, until {next}\n");
    assert!(text.contains(&until), "{text}");
    std::fs::write(dir.path().join("posture.toml"), entry("check = \"s3_*\"", &format!("{}-01-02", year + 3))).unwrap();
    let late = check(&[]);
    assert_eq!(late.code, 2, "{}", late.stdout);
    assert!(late.stderr.contains("posture.toml:5: expires is") && late.stderr.contains("two years"), "{}", late.stderr);
}

#[test]
fn what_a_file_says_does_not_steer_a_terminal() {
    let hostile = entry(&format!("check = \"{OPEN}\"\nresource = \"arn:*\\u001b[2J*\""), "2027-03-31")
        + &entry(&format!("check = \"{OPEN}\""), "2026-11-30");
    let hostile = hostile
        .replace("ana@example.com", "ana\\u001b[31m\\u202egro")
        .replace("a bastion", "one\\n\\u001b]0;two\\u0007\\u009b");
    let (run, report, text) = scan("acme", &hostile, &["--check", OPEN]);
    assert_eq!((state(&report, 0).0, state(&report, 1)), ("unused", ("in_force", 4)));
    for said in [&run.stderr, &text] {
        assert!(said.contains("ana\\u{1b}[31m\\u{202e}gro"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}']), "{said}");
    }
    assert!(text.contains("one\\n\\u{1b}]0;two"), "{text}");
    assert_eq!(report.0["suppressions"][1]["owner"], "ana\u{1b}[31m\u{202e}gro", "data is kept as it is");
}

#[test]
fn a_report_is_read_back_with_its_suppressions() {
    let file = entry(&format!("check = \"{OPEN}\"\nregions = \"eu-*\"\ntags = {{ a = \"*\" }}"), "2020-01-01")
        + &entry(&format!("check = \"{OPEN}\""), "2027-03-31");
    let (run, report, _) = scan("acme", &file, &["--check", OPEN]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    std::fs::write(&path, &run.stdout).unwrap();
    let read = aws_posture::report::read(&path).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), report.0);
    assert_eq!(Run::of(posture().arg("merge").arg(&path)).report().0, report.0);
    // An older report knows nothing of them.
    let mut older = report.0;
    older.as_object_mut().unwrap().remove("suppressions");
    older["summary"].as_object_mut().unwrap().remove("suppressed_by_severity");
    std::fs::write(&path, older.to_string()).unwrap();
    assert!(aws_posture::report::read(&path).unwrap().head.suppressions.is_empty());
}
