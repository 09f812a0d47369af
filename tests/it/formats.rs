//! What other programs read: each format against its own schema and its reader's rules, whatever AWS put into names.

mod baseline;

use crate::many::{HOSTILE, Made};
use crate::snapshots::sarif_in_parts;
use crate::support::{Run, posture, repo};
use aws_posture::formats::{self, Format, Options};
use aws_posture::report::Report;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn render(report: &Report, name: &str) -> String {
    let format = Format::ALL.iter().find(|(known, _)| *known == name).unwrap().1;
    let mut out = Vec::new();
    formats::write(report, format, Options { width: 100, colour: false }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A recorded account in a format.
fn fixture(name: &str, format: &str) -> String {
    let run = Run::of(posture().args(["scan", "--output", format, "--replay"]).arg(repo("fixtures").join(name)));
    assert!([0, 1, 3].contains(&run.code), "exit {}: {}", run.code, run.stderr);
    run.stdout
}

/// The fixtures, and reports that are empty, small and interrupted.
fn of_all(format: &str, check: impl Fn(&str, &str)) {
    for name in ["acme", "hardened"] {
        check(name, &fixture(name, format));
    }
    check("none", &render(&Made::of(0).report(), format));
    check("interrupted", &render(&Made::of(500).interrupted().report(), format));
    check("compared", &render(&Made::of(500).compared().report(), format));
}

/// One report for all formats: making it takes longer than rendering it.
#[test]
fn fifty_thousand_findings_are_accepted_too() {
    let report = Made::of(50_000).report();
    let name = "fifty thousand";
    csv_is_safe(name, &render(&report, "csv"));
    annotations_are_safe(name, &render(&report, "github"));
    page_is_safe(name, &render(&report, "markdown"));
    junit_is_valid(name, &render(&report, "junit"), xml_validator().as_deref());
    let sarif = render(&report, "sarif");
    sarif_is_accepted(name, &sarif);
    sarif_says_what_it_leaves_out(&report, &serde_json::from_str(&sarif).unwrap());
}

#[test]
fn sarif_keeps_to_its_schema_and_to_the_limits_of_its_readers() {
    of_all("sarif", sarif_is_accepted);
}

fn sarif_is_accepted(name: &str, text: &str) {
    let schema = std::fs::read_to_string(repo("tests/schemas/sarif-schema-2.1.0.json")).unwrap();
    // One regular expression has a stray bracket, which a strict reader refuses; it is of `language`, which is not written.
    let schema: Value = serde_json::from_str(&schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$")).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let log: Value = serde_json::from_str(text).unwrap();
    let errors = validator.iter_errors(&log).take(5).map(|error| format!("{}: {error}", error.instance_path()));
    let errors: Vec<String> = errors.collect();
    assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
    accepted_by_code_scanning(name, &log);
}

/// What GitHub's documentation demands beyond the schema.
fn accepted_by_code_scanning(name: &str, log: &Value) {
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "two runs of one category are refused");
    let rules = runs[0]["tool"]["driver"]["rules"].as_array().unwrap();
    let results = runs[0]["results"].as_array().unwrap();
    assert!(results.len() <= 25_000 && rules.len() <= 25_000, "{name}");
    for rule in rules {
        for pointer in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text"] {
            let text = rule.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "{name}: {pointer} of {}", rule["id"]);
            assert!(pointer == "/help/text" || text.chars().count() <= 1024, "{name}: {pointer} of {}", rule["id"]);
        }
        let tags = rule["properties"]["tags"].as_array().unwrap();
        assert!(tags.len() <= 10 && tags.contains(&"security".into()));
        if let Some(score) = rule["properties"].get("security-severity") {
            assert!((0.1..=10.0).contains(&score.as_str().unwrap().parse::<f64>().unwrap()));
        }
    }
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap()));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("aws/") && uri.split('/').count() == 5, "{uri}");
        assert!(uri.split('/').all(|segment| !segment.chars().all(|c| c == '.')), "{uri}");
        assert!(uri.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%/".contains(c)), "{uri}");
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("](") && !text.chars().any(char::is_control), "{text}");
    }
}

fn sarif_says_what_it_leaves_out(report: &Report, log: &Value) {
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let failed = usize::try_from(report.head.summary.findings.by_status.fail).unwrap();
    assert!(failed > 25_000 && results.len() == 25_000);
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let left_out = notes.iter().find(|note| note["descriptor"]["id"] == "results-left-out").unwrap();
    let text = left_out["message"]["text"].as_str().unwrap();
    assert!(text.starts_with(&format!("{} failed findings are left out", failed - 25_000)), "{text}");
    // The worst first, and what is accepted last.
    let rank = |result: &Value| {
        let severity = ["critical", "high", "medium", "low", "info"];
        let severity = severity.iter().position(|one| result["properties"]["severity"] == *one).unwrap();
        (!result["suppressions"].as_array().unwrap().is_empty(), severity)
    };
    assert!(results.is_sorted_by_key(rank));
}

#[test]
fn sarif_takes_what_is_unknown_for_no_alert_and_an_interruption_for_no_success() {
    let log: Value = serde_json::from_str(&render(&Made::of(100).interrupted().report(), "sarif")).unwrap();
    let run = &log["runs"][0];
    assert!(run["results"].as_array().unwrap().iter().all(|result| result["kind"] == "fail"));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
    let ids: BTreeSet<&str> = notes.iter().filter_map(|note| note["descriptor"]["id"].as_str()).collect();
    assert_eq!(ids, BTreeSet::from(["account-not-scanned", "call-unseen", "check-undecided", "scan-interrupted"]));
    let unseen = notes.iter().find(|note| note["descriptor"]["id"] == "call-unseen").unwrap();
    assert!(unseen["message"]["text"].as_str().unwrap().contains("needs the IAM action s3:GetBucketPolicy"));
    let suppressed =
        run["results"].as_array().unwrap().iter().filter(|result| result["suppressions"] != serde_json::json!([]));
    assert_eq!(suppressed.count(), 2);
}

#[test]
fn junit_keeps_to_its_schema_and_its_counts_are_right() {
    let validator = xml_validator();
    of_all("junit", |name, text| junit_is_valid(name, text, validator.as_deref()));
    let interrupted = render(&Made::of(0).interrupted().report(), "junit");
    assert_eq!(
        junit_counted(&interrupted),
        [3, 0, 2, 1],
        "an interrupted scan is no success, and neither is an account that was not seen"
    );
}

fn junit_is_valid(name: &str, text: &str, validate: Option<&dyn Fn(&Path)>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    match validate {
        Some(validate) => validate(file.path()),
        None => eprintln!("skipped, no xmllint and POSTURE_SKIP_MOTO=1: the schema of the JUnit report {name}"),
    }
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(legal), "{name} has a character that XML 1.0 does not");
    let (written, counted) = (junit_said(text), junit_counted(text));
    assert_eq!(written, counted, "{name}");
    assert!(counted[0] > 0, "{name}: no test case at all is an error to CI systems");
}

/// Tests, failures, errors and skipped: the sums of what the suites say.
fn junit_said(text: &str) -> [usize; 4] {
    let suites = text.lines().filter(|line| line.trim_start().starts_with("<testsuite "));
    suites.fold([0; 4], |sums, line| {
        let count = |name: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.parse::<usize>().unwrap()
        };
        let own = ["tests", "failures", "errors", "skipped"].map(count);
        std::array::from_fn(|index| sums[index] + own[index])
    })
}

fn junit_counted(text: &str) -> [usize; 4] {
    ["<testcase ", "<failure ", "<error ", "<skipped "].map(|tag| text.matches(tag).count())
}

type Validate = Box<dyn Fn(&Path)>;

/// `xmllint` where it is installed, else the Python environment of the emulator; `None` where neither may be used.
fn xml_validator() -> Option<Validate> {
    let schema = repo("tests/schemas/junit-10.xsd");
    let run = |mut command: Command, file: &Path| {
        let output = command.arg(file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    if Command::new("xmllint").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(Box::new(move |file| {
            let mut command = Command::new("xmllint");
            command.args(["--noout", "--huge", "--schema"]).arg(&schema);
            run(command, file);
        }));
    }
    let python = crate::emulator::python()?;
    Some(Box::new(move |file| {
        let mut command = Command::new(&python);
        let script = "import sys, xmlschema; xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])";
        command.args(["-c", script]).arg(&schema);
        run(command, file);
    }))
}

#[test]
fn csv_is_a_row_a_finding_and_runs_nothing() {
    of_all("csv", csv_is_safe);
}

fn csv_is_safe(name: &str, text: &str) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(columns, formats::csv::COLUMNS, "{name}");
    let mut rows = 0;
    for row in reader.records() {
        for cell in &row.unwrap() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{name}: {cell:?}");
            assert!(!cell.chars().any(char::is_control), "{name}: {cell:?}");
        }
        rows += 1;
    }
    assert_eq!(text.matches("\r\n").count(), rows + 1, "{name}: a finding is a line");
    // A spreadsheet that splits at semicolons takes no notice of quotes inside a cell.
    for part in text.split([';', '\n']) {
        assert!(!part.trim_start().trim_start_matches('"').starts_with('='), "{name}: {part}");
    }
}

#[test]
fn markdown_fits_a_job_summary_and_nothing_in_it_is_markup_of_a_stranger() {
    of_all("markdown", page_is_safe);
    let interrupted = render(&Made::of(20).interrupted().report(), "markdown");
    assert!(interrupted.contains("**The scan is incomplete:**"));
}

fn page_is_safe(name: &str, text: &str) {
    assert!(text.len() <= 900_000, "{name}: {} bytes", text.len());
    let bare = without_code(text);
    let count = |tag: &str| bare.matches(tag).count();
    assert_eq!((count("<details"), count("<summary>")), (count("</details>"), count("</summary>")), "{name}");
    for forbidden in ["<img", "<script", "@everyone", "@all", "](javascript", "![](", "<b>fine", "\n# heading"] {
        assert!(!bare.contains(forbidden), "{name}: {forbidden} is markup");
    }
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}");
}

/// The page without its code spans and code blocks, by CommonMark's rule: a run of backticks ends at the next run of that
/// length.
fn without_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let run = rest.len() - rest.trim_start_matches('`').len();
        let fence = &rest[..run];
        rest = &rest[run..];
        let mut at = 0;
        let end = loop {
            let found = rest[at..].find(fence).map(|found| at + found).expect("every code span ends");
            let longer = rest[found..].len() - rest[found..].trim_start_matches('`').len();
            if longer == run {
                break found;
            }
            at = found + longer;
        };
        rest = &rest[end + run..];
    }
    out + rest
}

#[test]
fn a_page_that_is_full_says_what_it_leaves_out() {
    let long: Vec<String> = HOSTILE.iter().map(|text| format!("{}{text}", "long ".repeat(80))).collect();
    for baseline in [false, true] {
        let hostile = long.iter().map(String::as_str).collect();
        let report = Made { hostile, baseline, ..Made::of(9_000) }.report();
        let text = render(&report, "markdown");
        assert!((800_000..900_000).contains(&text.len()), "{} bytes", text.len());
        let note = text.lines().find(|line| line.contains("did not fit on this page")).expect("a note");
        let left_out: u64 = note.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(left_out > 0 && left_out < report.head.summary.findings.by_status.fail, "{note}");
    }
}

#[test]
fn annotations_are_as_many_as_are_shown_and_nobody_else_gives_commands() {
    of_all("github", annotations_are_safe);
    let interrupted = render(&Made::of(20).interrupted().report(), "github");
    assert!(interrupted.starts_with("::error title=posture%3A the scan is INCOMPLETE::"), "{interrupted}");
}

fn annotations_are_safe(name: &str, text: &str) {
    for line in text.lines() {
        let (command, rest) = line.strip_prefix("::").and_then(|line| line.split_once(' ')).expect(line);
        assert!(["error", "warning", "notice"].contains(&command), "{name}: {line}");
        let (properties, _) = rest.split_once("::").expect(line);
        assert!(properties.starts_with("title=") && !properties.contains([':', ',']), "{name}: {line}");
        assert!(!line.chars().any(char::is_control), "{name}: {line}");
    }
    for level in ["error", "warning", "notice"] {
        let count = text.lines().filter(|line| line.starts_with(&format!("::{level} "))).count();
        assert!(count <= 10, "{name}: GitHub shows ten of a kind, not {count}");
    }
    assert!(text.lines().last().unwrap().starts_with("::notice title=posture%3A "), "{name}: the summary comes last");
}

/// What a person sees of each format in review.
#[test]
fn a_short_report_in_every_format() {
    let report = Made {
        findings: 16,
        complete: false,
        baseline: false,
        hostile: HOSTILE[..8].to_vec(),
        checks: vec!["iam_root_mfa_enabled", "s3_check_of_the_future"],
    }
    .report();
    for format in ["junit", "csv", "markdown", "github"] {
        insta::assert_snapshot!(format!("short_{format}"), render(&report, format));
    }
    let sarif = serde_json::from_str(&render(&report, "sarif")).unwrap();
    for (part, text) in sarif_in_parts(sarif) {
        insta::assert_snapshot!(format!("short_sarif{part}"), text);
    }
}

/// What a person sees of a compared report in review.
#[test]
fn a_short_compared_report() {
    let hostile = HOSTILE[..8].to_vec();
    let checks = vec!["iam_root_mfa_enabled", "s3_check_of_the_future"];
    let report = Made { findings: 16, complete: true, baseline: true, hostile, checks }.report();
    for format in ["junit", "markdown", "github"] {
        insta::assert_snapshot!(format!("short_compared_{format}"), render(&report, format));
    }
}
