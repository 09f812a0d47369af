//! Organizations against a live emulator: each account ends in the ledger, checks of the organization run once, and parts, restarts and
//! deadlines give what one whole scan gives. Each test has an organization of its own.

mod recorded;

use crate::emulator::Lab;
use crate::support::{Report, Run, posture, repo};
use aws_posture::catalogue;
use aws_posture::report::json::SCHEMA;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

const ROLE: [&str; 5] = ["--org", "--role-name", "audit/inventory", "--output", "json"];
const REGIONS: [&str; 10] = [
    "--region",
    "us-east-1",
    "--region",
    "us-east-2",
    "--region",
    "us-west-2",
    "--region",
    "eu-west-1",
    "--region",
    "eu-central-1",
];
/// One call for each region, and a check of the organization.
const CHECKS: [&str; 4] =
    ["--check", "ec2_ebs_default_encryption_enabled", "--check", "organizations_scp_guardrails_attached"];
const REGIONAL: &str = "ec2_ebs_default_encryption_enabled";
const GUARDRAILS: &str = "organizations_scp_guardrails_attached";

struct Organization {
    lab: Lab,
    root: String,
    unit: String,
    /// Ids by name.
    members: BTreeMap<&'static str, String>,
}

impl Organization {
    /// The first two of the accounts are in a unit, the others in the root; each has its name as the tag `name`.
    async fn new(account: &'static str, names: &[&'static str]) -> Option<Organization> {
        let lab = Lab::new(account).await?;
        let ask =
            async |operation: &str, input| lab.ask("us-east-1", &format!("organizations:{operation}"), input).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ask("CreateOrganization", json!({})).await;
        let root = text(&ask("ListRoots", json!({})).await["Roots"][0]["Id"]);
        ask("EnablePolicyType", json!({ "RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY" })).await;
        let unit = ask("CreateOrganizationalUnit", json!({ "ParentId": root, "Name": "Workloads" })).await;
        let unit = text(&unit["OrganizationalUnit"]["Id"]);
        let mut members = BTreeMap::new();
        for (index, &name) in names.iter().enumerate() {
            let tags = json!([{ "Key": "name", "Value": name }]);
            let email = format!("{name}@{account}.example");
            let made = ask("CreateAccount", json!({ "AccountName": name, "Email": email, "Tags": tags })).await;
            let id = text(&made["CreateAccountStatus"]["AccountId"]);
            if index < 2 {
                let there = json!({ "AccountId": id, "SourceParentId": root, "DestinationParentId": unit });
                ask("MoveAccount", there).await;
            }
            members.insert(name, id);
        }
        Some(Organization { lab, root, unit, members })
    }

    fn id(&self, name: &str) -> &str {
        &self.members[name]
    }

    fn scan(&self, args: &[&str]) -> Run {
        self.lab.scan(&[&ROLE[..], args].concat())
    }

    /// A fault when the scan assumes the role of a member.
    fn at_the_door(&self, name: &str, fault: &Value) {
        let role = format!("arn:aws:iam::{}:role/audit/inventory", self.id(name));
        let mut whole = json!({ "account": self.lab.account, "service": "sts", "operation": "AssumeRole", "match": { "RoleArn": role } });
        whole.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        self.lab.control("fault", &whole);
    }

    fn fault(&self, name: &str, fault: &Value) {
        let mut whole = json!({ "account": self.id(name), "service": "ec2", "operation": "GetEbsEncryptionByDefault" });
        whole.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        self.lab.control("fault", &whole);
    }

    /// Gives each region of an account default encryption.
    async fn encrypt(&self, name: &str) {
        let lab = Lab::new(self.id(name).to_owned().leak()).await.unwrap();
        for region in REGIONS.iter().filter(|word| !word.starts_with("--")) {
            let config =
                aws_sdk_ec2::config::Builder::from(&lab.sdk).region(aws_sdk_ec2::config::Region::new(*region)).build();
            aws_sdk_ec2::Client::from_conf(config).enable_ebs_encryption_by_default().send().await.unwrap();
        }
    }
}

/// Status by account name or, without one, id.
fn ledger(report: &Report) -> BTreeMap<String, String> {
    let rows = report.0["scan"]["accounts"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(&row["name"]), text(&row["status"]))).collect()
}

/// How often a check of an account has each status.
fn counts(report: &Report, check: &str, account: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in report.findings() {
        if finding["check_id"] == check && finding["account_id"] == account {
            *counts.entry(finding["status"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}

fn accounts(report: &Report) -> Vec<String> {
    ledger(report).into_keys().collect()
}

fn only(status: &str, count: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([(status.to_owned(), count)])
}

/// What must not differ between a whole scan and one in parts.
fn comparable(report: &Report) -> String {
    let mut value = report.0.clone();
    let scan = value.as_object_mut().unwrap().remove("scan").unwrap();
    value["accounts"] = scan["accounts"].clone();
    serde_json::to_string_pretty(&value).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_is_in_the_ledger_and_judged_by_what_was_seen() {
    let names = ["fine", "locked", "closed", "expiring", "throttled"];
    let Some(org) = Organization::new("100000000501", &names).await else { return };
    org.encrypt("fine").await;
    org.lab.ask("us-east-1", "organizations:CloseAccount", json!({ "AccountId": org.id("closed") })).await;
    org.at_the_door("locked", &json!({ "fault": "denied" }));
    org.fault("expiring", &json!({ "fault": "expired", "after": 2 }));
    org.fault("throttled", &json!({ "fault": "throttled" }));
    let run = org.scan(&[&REGIONS[..], &CHECKS].concat());
    let report = run.report();
    let expected = [
        ("closed", "suspended"),
        ("expiring", "partly"),
        ("fine", "scanned"),
        ("locked", "denied"),
        ("master", "scanned"),
        ("throttled", "unreachable"),
    ];
    assert_eq!(
        ledger(&report),
        expected.map(|(name, status)| (name.to_owned(), status.to_owned())).into(),
        "{}",
        run.stderr
    );
    let of = |name: &str| counts(&report, REGIONAL, org.id(name));
    assert_eq!(of("fine"), only("pass", 5));
    assert_eq!(of("throttled"), only("unknown", 5));
    assert_eq!(of("locked"), only("unknown", 1), "nobody got in, so no region is known");
    assert_eq!(of("expiring"), BTreeMap::from([("fail".to_owned(), 2), ("unknown".to_owned(), 3)]));
    assert_eq!(of("closed"), BTreeMap::new());
    assert_eq!(counts(&report, REGIONAL, org.lab.account), only("fail", 5));
    // The root and the unit have accounts, and no policy but AWS's own.
    assert_eq!(counts(&report, GUARDRAILS, org.lab.account), only("fail", 2));
    let elsewhere =
        report.findings().iter().filter(|one| one["check_id"] == GUARDRAILS && one["account_id"] != org.lab.account);
    assert_eq!(elsewhere.count(), 0, "it runs once");
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::is_valid(&schema, &report.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_not_renewed_end_their_account_only() {
    let Some(org) = Organization::new("100000000502", &["fine", "expiring"]).await else { return };
    let role = format!("arn:aws:iam::{}:role/audit/inventory", org.id("expiring"));
    org.lab.control(
        "overlay",
        &json!({ "account": org.lab.account, "service": "sts", "operation": "AssumeRole", "match": { "RoleArn": role },
            "merge": { "Credentials": { "Expiration": "${now+2s}" } } }),
    );
    org.at_the_door("expiring", &json!({ "fault": "denied", "after": 1 }));
    let run = org.scan(&[&REGIONS[..], &CHECKS].concat());
    let report = run.report();
    let status = &ledger(&report)["expiring"];
    assert!(["partly", "denied", "unreachable"].contains(&status.as_str()), "{status}");
    assert_eq!(ledger(&report)["fine"], "scanned");
    let seen = counts(&report, REGIONAL, org.id("expiring"));
    assert!(seen.get("unknown").is_some_and(|unknown| *unknown > 0) && !seen.contains_key("pass"), "{seen:?}");
    assert_eq!(counts(&report, REGIONAL, org.id("fine")), only("fail", 5));
    let told = report
        .findings()
        .iter()
        .any(|one| one["message"].as_str().is_some_and(|text| text.contains("could not be assumed again")));
    assert!(told, "{:#}", report.0["gaps"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_chosen_and_the_session_is_narrowed() {
    let Some(org) = Organization::new("100000000503", &["one", "two", "three"]).await else { return };
    let short = ["--region", "us-east-1", "--check", REGIONAL, "--check", GUARDRAILS];
    let scan = |args: &[&str]| org.scan(&[&short[..], args].concat());

    let all = scan(&[]).report();
    assert_eq!(accounts(&all), ["master", "one", "three", "two"]);
    let calls = org.lab.calls();
    let assumed: Vec<&Value> = calls.iter().filter(|call| call["operation"] == "AssumeRole").collect();
    let with_policy = assumed.iter().filter(|call| {
        let policy = call["params"]["Policy"].as_str().unwrap_or_default();
        policy.contains("ec2:GetEbsEncryptionByDefault")
            && !policy.contains("organizations:")
            && !policy.contains("s3:")
    });
    assert_eq!(with_policy.count(), 3, "{assumed:?}");

    assert_eq!(accounts(&scan(&["--exclude-account", org.id("two")]).report()), ["master", "one", "three"]);
    assert_eq!(
        accounts(&scan(&["--account", org.id("two"), "--account", org.lab.account]).report()),
        ["master", "two"]
    );
    // Without the account that can see the organization its checks are no part of the scan, and that is said.
    for (args, expected) in [
        (["--ou", org.unit.as_str()], vec!["one", "two"]),
        (["--account-tag", "name=three"], vec!["three"]),
        (["--exclude-account", org.lab.account], vec!["one", "three", "two"]),
    ] {
        let run = scan(&args);
        let report = run.report();
        assert_eq!(accounts(&report), expected, "{args:?}");
        assert!(
            run.stderr.contains("1 check of the organization is not part of the scan: account 100000000503"),
            "{}",
            run.stderr
        );
        assert!(report.findings().iter().all(|one| one["check_id"] == REGIONAL));
        assert_eq!(report.0["scan"]["checks"], json!([REGIONAL]));
    }
    assert_eq!(accounts(&scan(&["--ou", org.root.as_str()]).report()), ["master", "one", "three", "two"]);

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("accounts");
    std::fs::write(&file, format!("{}, first\n{}\n", org.id("one"), org.id("two"))).unwrap();
    let listed = org.lab.scan(&[&["--accounts-file", file.to_str().unwrap()], &ROLE[1..], &short[..4]].concat());
    assert_eq!(accounts(&listed.report()), ["", "first"], "{}", listed.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_organization_to_scan_its_checks_need_their_own_name() {
    let Some(org) = Organization::new("100000000504", &["one"]).await else { return };
    let own = |args: &[&str]| org.lab.scan(&[&["--output", "json", "--region", "us-east-1"], args].concat());
    let all = own(&["--service", "ec2"]).report();
    let central = |report: &Report| {
        let of = |one: &Value| catalogue::find(one["check_id"].as_str().unwrap()).unwrap().is_of_organization();
        report.findings().iter().filter(|one| of(one)).count()
    };
    assert_eq!(central(&all), 0);
    let named = own(&["--check", GUARDRAILS]);
    assert_eq!((central(&named.report()), named.code), (1, 1), "{}", named.stderr);
    let none = own(&["--service", "identitycenter"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("scan with --org"), "{}", none.stderr);
    let some = own(&["--practice", "SEC03-BP05", "--service", "organizations", "--service", "ec2", "--service", "iam"]);
    assert!(some.stderr.contains("they need --org"), "{}", some.stderr);
    assert_eq!(central(&some.report()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_join_to_the_scan_of_one_machine() {
    let Some(org) = Organization::new("100000000505", &["one", "two", "three", "four"]).await else { return };
    org.encrypt("two").await;
    org.at_the_door("three", &json!({ "fault": "denied" }));
    let args = [&REGIONS[..], &CHECKS].concat();
    let whole = org.scan(&args).report();
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut central = 0;
    for index in 1..=3 {
        let run = org.scan(&[&args[..], &["--shard", &format!("{index}/3")]].concat());
        let file = dir.path().join(format!("{index}.json"));
        central += usize::from(!counts(&run.report(), GUARDRAILS, org.lab.account).is_empty());
        std::fs::write(&file, run.stdout).unwrap();
        files.push(file);
    }
    assert_eq!(central, 1, "checks of the organization run in the shard of its account");
    let merged = Run::of(posture().args(["merge", "--output", "json"]).args(&files));
    assert_eq!(comparable(&merged.report()), comparable(&whole), "{}", merged.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_was_killed_goes_on_to_the_same_findings() {
    let Some(org) = Organization::new("100000000506", &["one", "two", "three", "four"]).await else { return };
    org.encrypt("three").await;
    let args = [&ROLE[..], &REGIONS, &CHECKS].concat();
    let whole = org.lab.scan(&args).report();
    let dir = tempfile::tempdir().unwrap();
    let kept = [&args[..], &["--checkpoint", dir.path().to_str().unwrap()]].concat();
    // A few answers take their time, so that there is something to be killed in; when, is left to chance.
    for name in ["one", "four"] {
        org.fault(name, &json!({ "region": "us-west-2", "fault": "hang", "seconds": 20, "times": 2 }));
    }
    for _ in 0..2 {
        let mut child = org.lab.command();
        let mut child = child.arg("scan").args(&kept).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
        std::thread::sleep(Duration::from_millis(500 + u64::from(nanos % 3_000)));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was killed before its end");
    }
    org.lab.control("reset", &json!({ "account": org.id("one"), "what": ["faults"] }));
    org.lab.control("reset", &json!({ "account": org.id("four"), "what": ["faults"] }));
    let resumed = org.lab.scan(&kept);
    assert_eq!(comparable(&resumed.report()), comparable(&whole), "{}", resumed.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_deadline_cuts_off_is_unknown_and_not_a_clean_end() {
    let Some(org) = Organization::new("100000000507", &["one", "two"]).await else { return };
    for name in ["one", "two"] {
        org.encrypt(name).await;
    }
    org.fault("two", &json!({ "fault": "hang", "seconds": 60 }));
    let run = org.scan(
        &[
            &REGIONS[..],
            &["--check", REGIONAL, "--exclude-account", org.lab.account, "--fail-on", "low", "--deadline", "8s"],
        ]
        .concat(),
    );
    let report = run.report();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(ledger(&report)["two"], "out_of_time");
    assert_eq!(counts(&report, REGIONAL, org.id("two")), only("unknown", 5));
    let cut = report.findings().iter().filter(|one| one["account_id"] == org.id("two"));
    assert!(cut.into_iter().all(|one| one["message"].as_str().unwrap().starts_with("out of time")));
    assert_eq!(report.0["scan"]["complete"], false);
}
