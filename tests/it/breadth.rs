//! Many services in many Regions: what an account that uses none of them costs, and what is said where AWS does not offer one.

use crate::emulator::Lab;
use crate::support::Run;
use std::collections::BTreeMap;

/// What the whole catalogue may ask of an account in which nothing is, in two Regions.
const MOST: usize = 330;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_in_two_regions_needs_at_most_330_calls_and_none_twice() {
    let Some(lab) = Lab::new("100000000901").await else { return };
    let run = lab.scan(&["--output", "json", "--region", "us-east-1", "--region", "eu-west-1"]);
    assert!([1, 3].contains(&run.code), "{}", run.stderr);
    let mut by_call: BTreeMap<String, usize> = BTreeMap::new();
    let mut questions: BTreeMap<String, usize> = BTreeMap::new();
    for call in lab.calls() {
        let name = format!("{}:{}", call["service"].as_str().unwrap(), call["operation"].as_str().unwrap());
        *questions.entry(format!("{} {name} {}", call["region"], call["params"])).or_default() += 1;
        *by_call.entry(name).or_default() += 1;
    }
    // Polled until it is made.
    let polled = |question: &str| question.contains("CredentialReport");
    let twice: Vec<_> = questions.iter().filter(|(question, count)| **count > 1 && !polled(question)).collect();
    assert!(twice.is_empty(), "asked twice: {twice:#?}");
    let all: usize = by_call.values().sum();
    assert!(all <= MOST, "{all} calls: {by_call:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_aws_does_not_offer_a_service_its_checks_are_not_applicable() {
    let Some(lab) = Lab::new("100000000902").await else { return };
    // botocore lists CodeArtifact in us-east-1 and not in ap-northeast-2; here it has an address in neither.
    let nowhere = ("AWS_ENDPOINT_URL_CODEARTIFACT", "http://codeartifact.posture.invalid");
    let args = [
        "scan",
        "--output",
        "json",
        "--check",
        "codeartifact_*",
        "--region",
        "us-east-1",
        "--region",
        "ap-northeast-2",
    ];
    let run = Run::of(lab.command().env(nowhere.0, nowhere.1).args(args));
    let report = run.report();
    let told = |region: &str| -> Vec<(String, String)> {
        let own = report.0["findings"].as_array().unwrap().iter().filter(|finding| finding["region"] == region);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        own.map(|finding| (text(&finding["status"]), text(&finding["message"]))).collect()
    };
    let absent = told("ap-northeast-2");
    assert!(absent.len() >= 2, "{absent:?}");
    for (status, message) in absent {
        assert_eq!(
            (status.as_str(), message.as_str()),
            ("not_applicable", "AWS does not offer CodeArtifact in ap-northeast-2")
        );
    }
    assert!(told("us-east-1").iter().all(|(status, _)| status == "unknown"), "{:?}", told("us-east-1"));
    let gaps = report.0["gaps"].as_array().unwrap();
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap["region"] == "us-east-1"), "{gaps:#?}");
}
