//! Against a live emulator: state is arranged with the SDK, and scanned as a person would. Each test has an account.

use crate::emulator::Lab;
use crate::support::{Run, posture};
use aws_posture::catalogue::{checks, reads};
use aws_sdk_ec2::types::{IpPermission, IpRange};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const JSON: [&str; 2] = ["--output", "json"];

async fn group(lab: &Lab, name: &str, cidr: Option<&str>) -> String {
    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let vpc = vpcs.vpcs().first().unwrap().vpc_id().unwrap().to_owned();
    let group = ec2.create_security_group().group_name(name).description("test").vpc_id(vpc).send().await.unwrap();
    let id = group.group_id.unwrap();
    if let Some(cidr) = cidr {
        let range = IpRange::builder().cidr_ip(cidr).build();
        let rule = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).ip_ranges(range).build();
        ec2.authorize_security_group_ingress().group_id(&id).ip_permissions(rule).send().await.unwrap();
    }
    id
}

async fn bucket(lab: &Lab, name: &str) {
    aws_sdk_s3::Client::new(&lab.sdk).create_bucket().bucket(name).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_security_group_fails_and_a_closed_one_passes() {
    let Some(lab) = Lab::new("100000000001").await else { return };
    let open = group(&lab, "open", Some("0.0.0.0/0")).await;
    let office = group(&lab, "office", Some("203.0.113.0/24")).await;
    let run = lab.scan(&[&JSON[..], &["--region", "us-east-1", "--check", "ec2_sg_no_open_admin_ports"]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("account 100000000001 as arn:aws:sts::"), "{}", run.stderr);
    let report = run.report();
    assert_eq!(report.statuses("ec2_sg_no_open_admin_ports", &open), ["fail"]);
    assert_eq!(report.statuses("ec2_sg_no_open_admin_ports", &office), ["pass"]);
    assert_eq!(report.0["scan"]["regions"], serde_json::json!(["us-east-1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_answer_is_unknown_and_the_gate_ends_with_3() {
    let Some(lab) = Lab::new("100000000002").await else { return };
    bucket(&lab, "one-100000000002").await;
    bucket(&lab, "two-100000000002").await;
    let select = ["--region", "us-east-1", "--check", "s3_bucket_block_public_access"];
    lab.fault("s3control", "GetPublicAccessBlock", "denied");
    lab.fault("s3", "GetPublicAccessBlock", "denied_by_scp");
    let run = lab.scan(&[&JSON[..], &select].concat());
    let report = run.report();
    assert_eq!(report.statuses("s3_bucket_block_public_access", "two-100000000002"), ["unknown"], "{:#}", report.0);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let gaps = report.0["gaps"].as_array().unwrap();
    let scp = gaps.iter().find(|gap| gap["call"] == "s3:GetPublicAccessBlock").unwrap();
    assert_eq!(scp["kind"], "denied");
    assert_eq!(scp["action"], "s3:GetBucketPublicAccessBlock");
    assert!(scp["message"].as_str().unwrap().contains("service control policy"), "{scp}");
    let allowed = lab.scan(&[&JSON[..], &select, &["--allow-unknown"]].concat());
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    let text = lab.scan(&select);
    assert!(text.stdout.contains("needs the IAM action s3:GetBucketPublicAccessBlock"), "{}", text.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_denied_bucket_leaves_the_other_judged() {
    let Some(lab) = Lab::new("100000000003").await else { return };
    bucket(&lab, "seen-100000000003").await;
    bucket(&lab, "unseen-100000000003").await;
    lab.control(
        "fault",
        &serde_json::json!({ "account": lab.account, "service": "s3", "operation": "GetBucketVersioning",
            "match": { "Bucket": "unseen-100000000003" }, "fault": "denied" }),
    );
    let select = ["--region", "us-east-1", "--check", "s3_bucket_versioning_enabled"];
    let report = lab.scan(&[&JSON[..], &select].concat()).report();
    assert_eq!(report.statuses("s3_bucket_versioning_enabled", ":seen-100000000003"), ["fail"]);
    assert_eq!(report.statuses("s3_bucket_versioning_enabled", ":unseen-100000000003"), ["unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_middle_size_needs_at_most_450_calls_and_none_twice() {
    let Some(lab) = Lab::new("100000000004").await else { return };
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    for index in 0..20 {
        let name = format!("user-{index}");
        iam.create_user().user_name(&name).send().await.unwrap();
        if index % 2 == 0 {
            iam.create_access_key().user_name(&name).send().await.unwrap();
        }
    }
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    for index in 0..5 {
        iam.create_role().role_name(format!("role-{index}")).assume_role_policy_document(trust).send().await.unwrap();
    }
    for index in 0..21 {
        bucket(&lab, &format!("bucket-{index}-100000000004")).await;
    }
    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    for index in 0..40 {
        group(&lab, &format!("group-{index}"), (index % 2 == 0).then_some("10.0.0.0/8")).await;
    }
    let zone = "us-east-1a";
    let volume = ec2.create_volume().size(1).availability_zone(zone).send().await.unwrap().volume_id.unwrap();
    for _ in 0..10 {
        ec2.create_snapshot().volume_id(&volume).send().await.unwrap();
    }
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    for _ in 0..10 {
        kms.create_key().send().await.unwrap();
    }

    let before = lab.calls().len();
    let run = lab.scan(&[&JSON[..], &["--region", "us-east-1", "--region", "eu-west-1"]].concat());
    let report = run.report();
    let calls = lab.calls().split_off(before);
    assert!(calls.len() <= 450, "{} calls", calls.len());
    assert_eq!(report.0["scan"]["calls"], calls.len(), "the report counts what was sent");

    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for call in &calls {
        *times.entry(call.to_string()).or_default() += 1;
    }
    // The credential report is asked for, generated, and asked for again: that is how the API works.
    let twice: Vec<_> = times.iter().filter(|(call, n)| **n > 1 && !call.contains("GetCredentialReport")).collect();
    assert!(twice.is_empty(), "asked twice: {twice:#?}");

    let allowed = reads(checks());
    for call in &calls {
        let service = call["service"].as_str().unwrap().replace("accessanalyzer", "access-analyzer");
        let name = format!("{service}:{}", call["operation"].as_str().unwrap());
        assert!(allowed.contains(&name), "{name} is no declared read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_judged_the_same_again() {
    let Some(lab) = Lab::new("100000000005").await else { return };
    bucket(&lab, "tape-100000000005").await;
    group(&lab, "open", Some("0.0.0.0/0")).await;
    lab.fault("kms", "ListKeys", "denied");
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("tape");
    let live = lab.scan(&[&JSON[..], &["--region", "us-east-1", "--record", tape.to_str().unwrap()]].concat());
    let again = Run::of(posture().args(["scan", "--output", "json", "--replay"]).arg(&tape));
    let (live, again) = (live.report().0, again.report().0);
    assert_eq!(live["findings"], again["findings"]);
    assert_eq!(live["gaps"], again["gaps"]);
    assert_eq!(again["scan"]["replayed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbled_cut_and_empty_answers_are_malformed() {
    let Some(lab) = Lab::new("100000000006").await else { return };
    group(&lab, "open", Some("0.0.0.0/0")).await;
    for fault in ["garbled", "cut", "empty"] {
        lab.heal();
        lab.fault("ec2", "DescribeSecurityGroups", fault);
        let report = lab
            .scan(&[&JSON[..], &["--region", "us-east-1", "--check", "ec2_sg_no_open_admin_ports"]].concat())
            .report();
        assert_eq!(report.0["summary"]["findings"]["unknown"], 1, "{fault}: {:#}", report.0["findings"]);
        assert_eq!(report.0["summary"]["findings"]["pass"], 0, "{fault}");
        assert_eq!(report.0["gaps"][0]["kind"], "malformed", "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_be_reached_is_given_up_and_the_rest_goes_on() {
    let Some(lab) = Lab::new("100000000007").await else { return };
    bucket(&lab, "reached-100000000007").await;
    let started = Instant::now();
    // Port 9 is the discard service: nothing listens there.
    let run = Run::of(lab.command().env("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:9").args([
        "scan",
        "--output",
        "json",
        "--region",
        "us-east-1",
        "--service",
        "ec2",
        "--service",
        "s3",
    ]));
    assert!(started.elapsed() < Duration::from_secs(60));
    let report = run.report();
    assert_eq!(report.statuses("s3_bucket_versioning_enabled", "reached-100000000007"), ["fail"]);
    let ec2 = report.findings().iter().filter(|finding| finding["check_id"].as_str().unwrap().starts_with("ec2_"));
    for finding in ec2 {
        assert_eq!(finding["status"], "unknown", "{finding}");
        assert_eq!(finding["gap"]["kind"], "unavailable", "{finding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_scan_writes_what_it_has() {
    let Some(lab) = Lab::new("100000000008").await else { return };
    stopped_by("-INT", &lab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_scan_writes_what_it_has() {
    let Some(lab) = Lab::new("100000000018").await else { return };
    stopped_by("-TERM", &lab).await;
}

async fn stopped_by(signal: &str, lab: &Lab) {
    bucket(lab, &format!("slow-{}", lab.account)).await;
    lab.control(
        "fault",
        &serde_json::json!({ "account": lab.account, "service": "s3", "operation": "GetBucketVersioning", "fault": "hang", "seconds": 60 }),
    );
    let child = lab
        .command()
        .args([
            "scan",
            "--output",
            "json",
            "--region",
            "us-east-1",
            "--check",
            "s3_bucket_versioning_enabled",
            "--check",
            "s3_bucket_acl_disabled",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !lab.calls().iter().any(|call| call["operation"] == "GetBucketVersioning") {
        assert!(Instant::now() < deadline, "the scan never came to the call that hangs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a whole report");
    assert_eq!(report["scan"]["complete"], false);
    let unknown =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["status"] == "unknown").count();
    assert_eq!(unknown, 1, "{:#}", report["findings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_do_not_steer_the_terminal() {
    let Some(lab) = Lab::new("100000000009").await else { return };
    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    let id = group(&lab, "plain", Some("0.0.0.0/0")).await;
    let tag = aws_sdk_ec2::types::Tag::builder().key("Name").value("\u{202e}owned").build();
    ec2.create_tags().resources(&id).tags(tag).send().await.unwrap();
    let run = lab.scan(&["--region", "us-east-1", "--check", "ec2_sg_no_open_admin_ports"]);
    assert!(!run.stdout.contains('\u{202e}') && run.stdout.contains("\\u{202e}owned"), "{:?}", run.stdout);
    let report =
        lab.scan(&[&JSON[..], &["--region", "us-east-1", "--check", "ec2_sg_no_open_admin_ports"]].concat()).report();
    assert_eq!(report.statuses("ec2_sg_no_open_admin_ports", &id), ["fail"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_out_of_reach_does_not_close_its_region() {
    let Some(lab) = Lab::new("100000000020").await else { return };
    let open = group(&lab, "open", Some("0.0.0.0/0")).await;
    // The first to be asked in the home region is the list of regions; nothing listens on the discard port.
    let run = Run::of(
        lab.command()
            .env("AWS_ENDPOINT_URL_ACCOUNT", "http://127.0.0.1:9")
            .args(["scan", "--output", "json", "--region", "us-*-1"])
            .args(["--check", "ec2_sg_no_open_admin_ports", "--check", "account_security_contact_registered"]),
    );
    let report = run.report();
    assert_eq!(report.statuses("ec2_sg_no_open_admin_ports", &open), ["fail"]);
    assert_eq!(report.statuses("account_security_contact_registered", ""), ["unknown"]);
    let message = report.0["gaps"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("account in us-east-1 given up after 3 failed connections"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_region_that_refuses_hides_only_its_own_trails() {
    let Some(lab) = Lab::new("100000000021").await else { return };
    bucket(&lab, "trails-100000000021").await;
    let trails = aws_sdk_cloudtrail::Client::new(&lab.sdk);
    let create = trails.create_trail().name("main").s3_bucket_name("trails-100000000021");
    create.is_multi_region_trail(true).enable_log_file_validation(true).send().await.unwrap();
    trails.start_logging().name("main").send().await.unwrap();
    lab.control(
        "fault",
        &serde_json::json!({ "account": lab.account, "region": "us-east-1", "service": "cloudtrail", "operation": "DescribeTrails", "fault": "denied_by_scp" }),
    );
    let checks =
        ["--check", "cloudtrail_multi_region_trail_enabled", "--check", "cloudtrail_log_file_validation_enabled"];
    let regions = ["--region", "us-east-1", "--region", "eu-west-1"];
    let report = lab.scan(&[&JSON[..], &checks, &regions].concat()).report();
    assert_eq!(report.statuses("cloudtrail_multi_region_trail_enabled", ""), ["pass"]);
    assert_eq!(report.statuses("cloudtrail_log_file_validation_enabled", "trail/main"), ["pass"]);
    assert_eq!(report.statuses("cloudtrail_log_file_validation_enabled", ":root"), ["unknown"]);

    lab.fault("cloudtrail", "DescribeTrails", "denied");
    let report = lab.scan(&[&JSON[..], &checks, &regions].concat()).report();
    assert_eq!(report.statuses("cloudtrail_multi_region_trail_enabled", ""), ["unknown"]);
    assert_eq!(report.statuses("cloudtrail_log_file_validation_enabled", ""), ["unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_of_other_accounts_are_not_judged() {
    let Some(lab) = Lab::new("100000000022").await else { return };
    let snapshot =
        |id: &str, owner: &str| serde_json::json!({ "SnapshotId": id, "OwnerId": owner, "Encrypted": false });
    let both = [snapshot("snap-own", lab.account), snapshot("snap-amazon", "amazon")];
    lab.control(
        "overlay",
        &serde_json::json!({ "account": lab.account, "region": "us-east-1", "service": "ec2", "operation": "DescribeSnapshots", "answer": { "Snapshots": both } }),
    );
    let report = lab.scan(&[&JSON[..], &["--region", "us-east-1", "--check", "ec2_ebs_*snapshots*"]].concat()).report();
    assert_eq!(report.statuses("ec2_ebs_volumes_and_snapshots_encrypted", "snap-own"), ["fail"]);
    assert_eq!(report.statuses("ec2_ebs_snapshots_not_public", "snap-own"), ["fail"]);
    assert!(report.findings().iter().all(|finding| finding["resource"]["id"] != "snap-amazon"));
}
