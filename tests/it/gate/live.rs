//! The gate over a scan of the emulator.

use super::*;

async fn open(lab: &Lab, name: &str, ports: &[i32]) -> String {
    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let vpc = vpcs.vpcs().first().unwrap().vpc_id().unwrap().to_owned();
    let group = ec2.create_security_group().group_name(name).description("test").vpc_id(vpc).send().await.unwrap();
    let id = group.group_id.unwrap();
    for port in ports {
        allow(lab, &id, *port).await;
    }
    id
}

async fn allow(lab: &Lab, group: &str, port: i32) {
    let range = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let rule = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).ip_ranges(range).build();
    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    ec2.authorize_security_group_ingress().group_id(group).ip_permissions(rule).send().await.unwrap();
}

/// The findings that are new or worse, as check and resource id.
fn worse(report: &Report) -> Vec<(&str, &str, &str)> {
    report
        .findings()
        .iter()
        .filter(|finding| ["new", "reopened", "worsened"].iter().any(|change| finding["change"] == *change))
        .map(|finding| {
            let at = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            (at("/change"), at("/check_id"), at("/resource/id"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_that_opens_one_security_group_fails_with_exactly_that_finding() {
    let Some(lab) = Lab::new("100000000060").await else { return };
    let known = open(&lab, "known", &[22]).await;
    let closed = open(&lab, "closed", &[]).await;
    let dir = tempfile::tempdir().unwrap();
    let baseline = dir.path().join("baseline.json");
    let select = ["--region", "us-east-1", "--check", "ec2_sg_*", "--check", "s3_account_*"];
    let first = lab.scan(&[&select[..], &["--output", &format!("json={}", baseline.display())]].concat());
    assert_eq!(first.code, 1, "{}", first.stderr);
    let gate = || {
        lab.scan(
            &[&select[..], &["--output", "json", "--baseline", baseline.to_str().unwrap(), "--fail-on", "high"]]
                .concat(),
        )
    };

    let same = gate();
    assert_eq!(same.code, 0, "{}", same.stderr);
    assert_eq!(worse(&same.report()), []);

    allow(&lab, &closed, 22).await;
    let opened = gate();
    assert_eq!(opened.code, 1, "{}", opened.stderr);
    let report = opened.report();
    let admin: Vec<_> = worse(&report).into_iter().filter(|(_, check, _)| *check == GROUPS).collect();
    assert_eq!(admin, [("reopened", GROUPS, closed.as_str())]);
    assert!(worse(&report).iter().all(|(_, _, id)| *id == closed), "{:?}", worse(&report));

    let ec2 = aws_sdk_ec2::Client::new(&lab.sdk);
    ec2.delete_security_group().group_id(&closed).send().await.unwrap();
    assert_eq!(gate().code, 0);

    // The accepted group opens one port more.
    allow(&lab, &known, 3389).await;
    let worsened = gate();
    assert_eq!(worsened.code, 1, "{}", worsened.stderr);
    let report = worsened.report();
    assert!(worse(&report).contains(&("worsened", GROUPS, known.as_str())), "{:?}", worse(&report));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_operation_behind_a_high_check_ends_with_3_whatever_the_baseline() {
    let Some(lab) = Lab::new("100000000061").await else { return };
    let group = open(&lab, "known", &[22]).await;
    let dir = tempfile::tempdir().unwrap();
    let baseline = dir.path().join("baseline.json");
    let select = ["--region", "us-east-1", "--check", GROUPS];
    lab.scan(&[&select[..], &["--output", &format!("json={}", baseline.display())]].concat());
    let gate = |more: &[&str]| {
        lab.scan(&[&select[..], &["--output", "json", "--baseline", baseline.to_str().unwrap()], more].concat())
    };
    assert_eq!(gate(&[]).code, 0);
    lab.fault("ec2", "DescribeSecurityGroups", "denied");
    let denied = gate(&[]);
    assert_eq!(denied.code, 3, "{}", denied.stderr);
    assert!(denied.stderr.contains(GROUPS), "{}", denied.stderr);
    let counts = denied.report().0["baseline"]["counts"].clone();
    assert_eq!((&counts["gone"], &counts["fixed"]), (&json!(0), &json!(0)), "{counts}");
    assert!(counts["became_unknown"].as_u64().unwrap() >= 2, "{counts}");
    assert_eq!(gate(&["--allow-unknown"]).code, 0);
    assert_eq!(gate(&["--fail-on", "never"]).code, 0);
    assert_eq!(gate(&["--fail-on", "never", "--fail-on-unknown"]).code, 3);
    assert_eq!(gate(&["--fail-on", "critical"]).code, 0);
    assert_eq!(gate(&["--fail-on", "critical", "--fail-on-unknown", "high"]).code, 3);
    // Unknown in the baseline too, unknown still.
    lab.scan(&[&select[..], &["--output", &format!("json={}", baseline.display())]].concat());
    assert_eq!(gate(&[]).code, 3);
    // Seen again: the failure is not in the baseline.
    lab.heal();
    let seen = gate(&[]);
    assert_eq!(seen.code, 1, "{}", seen.stderr);
    assert!(worse(&seen.report()).contains(&("new", GROUPS, group.as_str())));
}
