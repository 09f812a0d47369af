//! An organization that was recorded.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_organization_is_judged_as_the_live_one() {
    let Some(org) = Organization::new("999999999508", &["locked", "barred"]).await else { return };
    // The first account of the tape is one that nobody got into.
    for name in ["locked", "barred"] {
        org.at_the_door(name, &json!({ "fault": "denied" }));
    }
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("tape");
    let args = ["--region", "us-east-1", "--check", REGIONAL, "--check", "organizations_*"];
    let live = org.scan(&[&args[..], &["--record", tape.to_str().unwrap()]].concat()).report();
    let again = Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(&tape).args(&args[2..])).report();
    assert_eq!(live.findings(), again.findings());
    assert!(live.findings().iter().any(|one| one["check_id"] == GUARDRAILS));
    let head = std::fs::read_to_string(tape.join("tape.json")).unwrap();
    assert!(head.contains(r#""management_account": "999999999508""#), "{head}");
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let mut read = 0;
    for service in json(head)["services"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()) {
        let digests = std::fs::read_to_string(tape.join(format!("digests/{service}.json"))).unwrap();
        for file in json(digests)["files"].as_object().unwrap().keys() {
            let text = std::fs::read_to_string(tape.join(file)).unwrap();
            assert!(!text.contains("SecretAccessKey"), "{file} holds credentials");
            read += 1;
        }
    }
    assert!(read > 3);
}

#[test]
fn members_of_the_organization_are_no_strangers() {
    let scan = |args: &[&str]| {
        Run::of(
            posture()
                .args(["scan", "--output", "json", "--check", "s3_bucket_cross_account_restricted", "--replay"])
                .args(args),
        )
    };
    let report = scan(&[repo("fixtures/organization").to_str().unwrap()]).report();
    let of = |bucket: &str| report.statuses("s3_bucket_cross_account_restricted", bucket);
    assert_eq!(of("organization-shared-data"), ["pass"]);
    assert_eq!(of("organization-leaked-data"), ["fail"]);
}
