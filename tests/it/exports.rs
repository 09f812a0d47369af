//! OCSF and ASFF: held against OCSF's schema, and against botocore's model of what Security Hub takes.

use crate::support::{Run, posture, repo};
use aws_posture::formats::{self, Format, Options};
use aws_posture::report;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// A recorded account as a JSON report.
pub fn scanned(fixture: &str) -> Value {
    let run = Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(repo(fixture)));
    run.report().0
}

/// A JSON report in another format.
fn rendered(report: &Value, format: Format) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    std::fs::write(&path, report.to_string()).unwrap();
    let mut out = Vec::new();
    formats::write(&report::read(&path).unwrap(), format, Options { width: 100, colour: false }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Both fixtures, and a report of findings that nobody wishes for.
fn reports() -> [Value; 3] {
    let acme = scanned("fixtures/acme");
    let mut nasty = acme.clone();
    nasty["findings"] = hostile(&acme["findings"][0]).into();
    [acme, scanned("fixtures/hardened"), nasty]
}

/// Too long, blank, steering, many: what AWS may return and what Security Hub refuses.
fn hostile(finding: &Value) -> Vec<Value> {
    let many = |count: usize, value: &str| -> Value {
        (0..count).map(|index| (format!("key{index}\n{}", "k".repeat(200)), Value::from(value))).collect()
    };
    let gap = |kind: &str| json!({ "call": "s3:GetBucketPolicy", "action": "s3:GetBucketPolicy", "kind": kind, "message": "no\n" });
    let mut open = gap("denied");
    open["others"] = (0..40).map(|_| gap("timeout")).collect();
    let accepted = json!({ "reason": "r".repeat(3000), "owner": "ana\u{202e}", "expires": "2027-01-01" });
    let changes = [
        json!({ "message": "m\n\u{1b}[31m".repeat(900), "title": "ü".repeat(600) }),
        json!({ "message": " ", "title": "" }),
        json!({ "evidence": many(90, &"\u{1}\u{2}é".repeat(3000)) }),
        json!({ "evidence": { "": null, " ": [], "a": { "b": "c" }, "d": "" } }),
        json!({ "status": "unknown", "gap": open, "message": "could not be seen" }),
        json!({ "status": "unknown", "message": "two policies contradict each other" }),
        json!({ "suppression": accepted }),
        json!({ "check_id": "s3_no_longer_there", "practices": (0..60).map(|n| format!("SEC{n}")).collect::<Vec<_>>() }),
        json!({ "sub_key": "x".repeat(4000), "region": "a-region-that-nobody-has-heard-of" }),
    ];
    let resources = [
        json!({ "arn": "", "id": "<script>alert(1)</script>", "type": "AWS::New::Thing", "name": "", "tags": many(80, "v") }),
        json!({ "arn": format!("arn:aws-cn:s3:::{}", "b".repeat(2000)), "id": "b", "type": "AWS::S3::Bucket", "name": null,
            "tags": { "empty": "", "=cmd|' /C calc'!A0": "<img src=x onerror=alert(1)>", "aws:x": " " } }),
        json!({ "arn": "arn:aws-eusc:ec2:eusc-de-east-1:1:instance/i", "id": "i", "type": "AWS::EC2::Instance", "name": "n",
            "tags": {} }),
    ];
    let resources = resources.map(|resource| json!({ "resource": resource }));
    let apply = |(index, change): (usize, &Value)| {
        let mut finding = finding.clone();
        for (key, value) in change.as_object().unwrap() {
            finding[key] = value.clone();
        }
        finding["fingerprint"] = format!("{index:032x}").into();
        finding
    };
    changes.iter().chain(&resources).enumerate().map(apply).collect()
}

#[test]
fn ocsf_events_fit_the_schema_of_ocsf() {
    let schema = std::fs::read_to_string(repo("tests/schemas/ocsf/compliance_finding-1.8.0.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in reports() {
        let text = rendered(&report, Format::Ocsf);
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(events.len(), findings.len());
        for event in &events {
            let problems: Vec<String> =
                validator.iter_errors(event).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(problems.is_empty(), "{problems:?}: {event}");
        }
        for event in &events {
            let of_event = |finding: &&Value| finding["fingerprint"] == event["finding_info"]["uid"];
            agrees(event, findings.iter().find(of_event).unwrap());
        }
    }
    // What the schema has no word for is refused, or the test above would prove nothing.
    let mut event: Value =
        serde_json::from_str(rendered(&scanned("fixtures/acme"), Format::Ocsf).lines().next().unwrap()).unwrap();
    event["compliance"]["verdict"] = "bad".into();
    assert!(!validator.is_valid(&event));
}

/// The event says what the finding says.
fn agrees(event: &Value, finding: &Value) {
    let (id, word) = match finding["status"].as_str().unwrap() {
        "pass" => (1, "Pass"),
        "fail" => (3, "Fail"),
        "unknown" => (0, "Unknown"),
        _ => (99, "Not Applicable"),
    };
    let compliance = &event["compliance"];
    assert_eq!((&compliance["status_id"], &compliance["status"]), (&json!(id), &json!(word)));
    assert_eq!(compliance["requirements"], finding["practices"]);
    if finding["status"] == "fail" {
        let broken: Vec<&Value> =
            compliance["assessments"].as_array().unwrap()[1..].iter().map(|one| &one["name"]).collect();
        assert_eq!(json!(broken), finding["reasons"]);
    }
    assert_eq!(event["finding_info"]["uid"], finding["fingerprint"]);
    assert_eq!(event["metadata"]["event_code"], finding["check_id"]);
    assert_eq!(event["cloud"]["account"]["uid"], finding["account_id"]);
    assert_eq!(event["type_uid"], 200_301);
    assert_eq!(event["status_id"], if finding["suppression"].is_null() { 1 } else { 3 });
    if !finding["gap"].is_null() {
        let details = compliance["status_details"].to_string();
        assert!(details.contains(finding["gap"]["call"].as_str().unwrap()), "{details}");
        assert_eq!(event["unmapped"]["gaps"][0]["call"], finding["gap"]["call"]);
    }
}

#[test]
fn asff_findings_are_what_security_hub_takes() {
    if skipped() {
        return;
    }
    for report in reports() {
        let text = rendered(&report, Format::Asff);
        refusals(&text).unwrap();
        let findings: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(findings.len(), report["findings"].as_array().unwrap().len());
        for asff in &findings {
            let of_asff = |finding: &&Value| finding["fingerprint"] == asff["ProductFields"]["posture/Fingerprint"];
            let finding = report["findings"].as_array().unwrap().iter().find(of_asff).unwrap();
            let status = match finding["status"].as_str().unwrap() {
                "pass" => "PASSED",
                "fail" => "FAILED",
                "unknown" => "WARNING",
                _ => "NOT_AVAILABLE",
            };
            assert_eq!(asff["Compliance"]["Status"], status);
            let suppressed = asff["Workflow"]["Status"] == "SUPPRESSED";
            assert_eq!(suppressed, !finding["suppression"].is_null());
            if finding["region"] == "global" {
                assert!(asff["ProductArn"].as_str().unwrap().contains(":us-east-1:"), "{asff}");
            }
            assert_eq!(
                status == "WARNING",
                !asff["Compliance"]["StatusReasons"].is_null() && status != "NOT_AVAILABLE"
            );
        }
    }
    assert_eq!(
        rendered(
            &{
                let mut none = scanned("fixtures/hardened");
                none["findings"] = json!([]);
                none
            },
            Format::Asff
        ),
        "[]\n"
    );
}

#[test]
fn the_judge_of_asff_refuses_what_security_hub_would() {
    if skipped() {
        return;
    }
    let text = rendered(&scanned("fixtures/hardened"), Format::Asff);
    for (from, to, words) in [
        ("\"SchemaVersion\":\"2018-10-08\"", "\"SchemaVersion\":\"2018\"", "SchemaVersion"),
        ("\"Label\":\"INFORMATIONAL\"", "\"Label\":\"INFO\"", "none of"),
        ("\"Partition\":\"aws\"", "\"Partition\":\"\"", "Partition"),
        ("\"AwsAccountId\":", "\"Account\":", "AwsAccountId"),
        ("\"Type\":\"AwsAccount\"", "\"Type\":\"AWS::::Account\"", "Resource.Type"),
    ] {
        assert!(text.contains(from), "{from}");
        let problems = refusals(&text.replace(from, to)).unwrap_err();
        assert!(problems.contains(words), "{to}: {problems}");
    }
}

fn skipped() -> bool {
    let skipped = std::env::var_os("POSTURE_SKIP_MOTO").is_some_and(|value| value == "1");
    if skipped {
        eprintln!("skipped, POSTURE_SKIP_MOTO=1: ASFF against botocore's model");
    }
    skipped
}

/// What botocore's model and AWS's limits have against findings.
fn refusals(asff: &str) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), asff).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let output = Command::new("python3")
        .arg(repo("tests/aws/asff.py"))
        .arg(file.path())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("python3 3.11 or later, or POSTURE_SKIP_MOTO=1");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let noted = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{said}{noted}")) }
}
