//! `posture push security-hub` against the emulator: batches, regions, accounts, and what is archived when.

use crate::emulator::Lab;
use crate::exports::scanned;
use crate::support::Run;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CHECK: &str = "s3_bucket_not_public";

async fn enable(lab: &Lab, region: &str) {
    lab.ask(region, "securityhub:EnableSecurityHub", json!({})).await;
}

/// What the hub of a region has.
async fn findings(lab: &Lab, region: &str) -> Vec<Value> {
    let (mut all, mut token) = (Vec::new(), Value::Null);
    loop {
        let page = lab.ask(region, "securityhub:GetFindings", json!({ "NextToken": token })).await;
        all.extend(page["Findings"].as_array().unwrap().iter().cloned());
        token = page["NextToken"].clone();
        if token.as_str().is_none_or(str::is_empty) {
            return all;
        }
    }
}

/// A report of this account with these findings: number, region, status.
fn report(account: &str, as_of: &str, findings: &[(usize, &str, &str)]) -> Value {
    let mut report = scanned("fixtures/hardened");
    let found = report["findings"].as_array().unwrap().iter();
    let model = found.clone().find(|finding| finding["check_id"] == CHECK).unwrap().clone();
    report["scan"]["accounts"] = json!([{ "id": account, "name": "lab", "status": "scanned" }]);
    report["scan"]["regions"] = json!(["eu-central-1", "eu-west-1", "us-east-1"]);
    report["scan"]["as_of"] = as_of.into();
    let of = |(number, region, status): &(usize, &str, &str)| {
        let mut finding = model.clone();
        finding["account_id"] = account.into();
        finding["fingerprint"] = format!("{number:032x}").into();
        finding["region"] = (*region).into();
        finding["status"] = (*status).into();
        finding["message"] = format!("bucket b{number} is {status}").into();
        finding["resource"]["arn"] = format!("arn:aws:s3:::b{number}").into();
        finding
    };
    report["findings"] = findings.iter().map(of).collect();
    report
}

fn push(lab: &Lab, report: &Value, args: &[&str]) -> Run {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    std::fs::write(&path, report.to_string()).unwrap();
    Run::of(lab.command().args(["push", "security-hub"]).arg(&path).args(args))
}

/// How many findings each import had, by region.
fn imports(lab: &Lab) -> BTreeMap<String, Vec<usize>> {
    let mut sizes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for call in lab.calls().iter().filter(|call| call["operation"] == "BatchImportFindings") {
        let size = call["params"]["Findings"].as_array().unwrap().len();
        sizes.entry(call["region"].as_str().unwrap().to_owned()).or_default().push(size);
    }
    sizes
}

/// Number, record state and compliance of what the hub of a region has.
async fn states(lab: &Lab, region: &str) -> BTreeMap<u128, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let state = |finding: &Value| {
        let id = text(&finding["Id"]);
        let fingerprint = u128::from_str_radix(id.rsplit('/').next().unwrap(), 16).unwrap();
        (fingerprint, (text(&finding["RecordState"]), text(&finding["Compliance"]["Status"])))
    };
    findings(lab, region).await.iter().map(state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_go_to_their_regions_in_batches_and_a_closed_region_stops_no_other() {
    let Some(lab) = Lab::new("100000000065").await else { return };
    enable(&lab, "us-east-1").await;
    enable(&lab, "eu-west-1").await;
    let mut findings: Vec<(usize, &str, &str)> = (0..250).map(|number| (number, "eu-west-1", "fail")).collect();
    findings.extend((250..500).map(|number| (number, if number % 2 == 0 { "us-east-1" } else { "global" }, "fail")));
    findings.extend([(500, "eu-central-1", "fail"), (501, "eu-west-1", "pass"), (502, "eu-west-1", "not_applicable")]);
    let mut report = report(lab.account, "2026-11-22T07:00:00Z", &findings);
    let mut foreign = report["findings"][0].clone();
    foreign["account_id"] = "999999999999".into();
    report["findings"].as_array_mut().unwrap().push(foreign);

    let dry = push(&lab, &report, &["--dry-run", "--region", "eu-west-1"]);
    assert_eq!(
        (dry.code, dry.stdout.as_str()),
        (0, "eu-west-1: 250 would be imported, 0 would be archived\n"),
        "{}",
        dry.stderr
    );
    assert!(imports(&lab).is_empty(), "a dry run writes nothing");

    let run = push(&lab, &report, &[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(run.stdout, "eu-west-1: 250 imported, 0 archived\nus-east-1: 250 imported, 0 archived\n");
    assert!(
        run.stderr.contains("not enabled in eu-central-1")
            && run.stderr.contains("enable-security-hub --region eu-central-1")
    );
    assert!(run.stderr.contains("account 999999999999: 1 finding is not sent"), "{}", run.stderr);
    let expected = [("eu-west-1", vec![100, 100, 50]), ("us-east-1", vec![100, 100, 50])];
    assert_eq!(imports(&lab), expected.map(|(region, sizes)| (region.to_owned(), sizes)).into());
    assert_eq!((states(&lab, "us-east-1").await.len(), states(&lab, "eu-west-1").await.len()), (250, 250));
    let operations: Vec<Value> = lab.calls().iter().map(|call| call["operation"].clone()).collect();
    let known = ["BatchImportFindings", "GetFindings", "GetCallerIdentity", "EnableSecurityHub", "AssumeRole"];
    assert!(operations.iter().all(|one| known.contains(&one.as_str().unwrap())), "{operations:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fixed_is_archived_and_what_is_unknown_never() {
    let Some(lab) = Lab::new("100000000066").await else { return };
    enable(&lab, "us-east-1").await;
    enable(&lab, "eu-west-1").await;
    let before: Vec<_> =
        (1..=3).map(|number| (number, "eu-west-1", "fail")).chain([(4, "us-east-1", "fail")]).collect();
    assert_eq!(push(&lab, &report(lab.account, "2026-11-22T07:00:00Z", &before), &[]).code, 0);

    // Bucket 1 passes now, bucket 2 still fails, 3 is gone; in us-east-1 the check could not see, so 4 may still be there.
    let after = [(1, "eu-west-1", "pass"), (2, "eu-west-1", "fail"), (9, "us-east-1", "unknown")];
    let later = report(lab.account, "2026-11-22T09:00:00Z", &after);
    // Neither an incomplete scan, nor one without the check, nor an older one archives anything.
    for (place, value) in [
        ("complete", json!(false)),
        ("checks", json!(["iam_root_mfa_enabled"])),
        ("as_of", json!("2026-11-21T00:00:00Z")),
    ] {
        let mut other = later.clone();
        other["scan"][place] = value;
        other["findings"] = json!([]);
        let run = push(&lab, &other, &[]);
        assert_eq!(run.code, 0, "{place}: {}", run.stderr);
        assert!(states(&lab, "eu-west-1").await.values().all(|(state, _)| state == "ACTIVE"), "{place}");
    }

    let run = push(&lab, &later, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "eu-west-1: 1 imported, 2 archived\nus-east-1: 1 imported, 0 archived\n");
    let of = |state: &str, compliance: &str| (state.to_owned(), compliance.to_owned());
    let [archived, failed, warning] = [of("ARCHIVED", "FAILED"), of("ACTIVE", "FAILED"), of("ACTIVE", "WARNING")];
    assert_eq!(states(&lab, "eu-west-1").await, [(1, archived.clone()), (2, failed.clone()), (3, archived)].into());
    assert_eq!(states(&lab, "us-east-1").await, [(4, failed), (9, warning)].into());
    let kept = findings(&lab, "eu-west-1").await;
    let kept = kept.iter().find(|finding| finding["Id"].as_str().unwrap().ends_with('2')).unwrap();
    assert_eq!(
        (&kept["CreatedAt"], &kept["UpdatedAt"]),
        (&json!("2026-11-22T07:00:00Z"), &json!("2026-11-22T09:00:00Z"))
    );

    // A report that is older than what is there changes nothing.
    let run = push(&lab, &report(lab.account, "2026-11-22T08:00:00Z", &[(2, "eu-west-1", "unknown")]), &[]);
    assert!(run.stderr.contains("a newer scan"), "{}", run.stderr);
    assert_eq!(states(&lab, "eu-west-1").await[&2].1, "FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_named() {
    let Some(lab) = Lab::new("100000000062").await else { return };
    enable(&lab, "us-east-1").await;
    let findings = [(1, "us-east-1", "fail")];
    let run = push(&lab, &report("123456789999", "2026-11-22T07:00:00Z", &findings), &[]);
    assert!(
        run.code == 2 && run.stderr.contains("is about 123456789999") && run.stderr.contains(lab.account),
        "{}",
        run.stderr
    );
    let own = report(lab.account, "2026-11-22T07:00:00Z", &findings);
    let run = push(&lab, &own, &["--region", "af-*"]);
    assert!(run.code == 2 && run.stderr.contains("matches no region"), "{}", run.stderr);

    lab.fault("securityhub", "BatchImportFindings", "denied");
    let run = push(&lab, &own, &[]);
    assert!(run.code == 2 && run.stderr.contains("IAM action securityhub:BatchImportFindings"), "{}", run.stderr);
    lab.heal();
    let failed = json!({ "FailedCount": 1, "SuccessCount": 0, "FailedFindings": [
    { "Id": "posture/1", "ErrorCode": "InvalidInput", "ErrorMessage": "no\u{1b}[31m" }] });
    lab.control("overlay", &json!({ "account": lab.account, "service": "securityhub", "operation": "BatchImportFindings", "answer": failed }));
    let run = push(&lab, &own, &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("posture/1 was refused: InvalidInput: no\\u{1b}"), "{}", run.stderr);
}
