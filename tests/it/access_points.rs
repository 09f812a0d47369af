//! A bucket and its access points, layer by layer, against the emulator.

use crate::emulator::Lab;
use crate::support::{Report, Run};
use serde_json::{Value, json};

const CHECK: &str = "s3_bucket_not_public";

/// A bucket without block public access of its own, with this policy.
async fn bucket(lab: &Lab, name: &str, policy: Option<Value>) {
    let s3 = aws_sdk_s3::Client::new(&lab.sdk);
    s3.create_bucket().bucket(name).send().await.unwrap();
    s3.delete_public_access_block().bucket(name).send().await.unwrap();
    if let Some(policy) = policy {
        s3.put_bucket_policy().bucket(name).policy(policy.to_string()).send().await.unwrap();
    }
}

/// An access point of the bucket that lets everyone read; `restrict` is its RestrictPublicBuckets.
async fn point(lab: &Lab, name: &str, bucket: &str, restrict: bool, condition: Value) {
    let ask = async |operation: &str, input| lab.ask("us-east-1", &format!("s3control:{operation}"), input).await;
    let settings = json!({ "BlockPublicAcls": false, "IgnorePublicAcls": false, "BlockPublicPolicy": false,
        "RestrictPublicBuckets": restrict });
    let new =
        json!({ "AccountId": lab.account, "Name": name, "Bucket": bucket, "PublicAccessBlockConfiguration": settings });
    ask("CreateAccessPoint", new).await;
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Condition": condition,
        "Resource": format!("arn:aws:s3:us-east-1:{}:accesspoint/{name}/object/*", lab.account) });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    ask("PutAccessPointPolicy", json!({ "AccountId": lab.account, "Name": name, "Policy": policy })).await;
}

/// The bucket policy that AWS recommends: access points of the account decide.
fn delegating(lab: &Lab, bucket: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        "Condition": { "StringEquals": { "s3:DataAccessPointAccount": lab.account } } }] })
}

fn scan(lab: &Lab) -> Run {
    lab.scan(&["--output", "json", "--region", "us-east-1", "--check", CHECK])
}

fn finding<'a>(report: &'a Report, bucket: &str) -> &'a Value {
    let wanted = |f: &&Value| f["resource"]["id"] == bucket;
    report.findings().iter().find(wanted).unwrap_or_else(|| panic!("{bucket}: {:#}", report.0["findings"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_as_public_as_its_access_points() {
    let Some(lab) = Lab::new("100000000031").await else { return };
    for name in ["open", "set", "restricted", "endpoint", "private"] {
        let name = format!("{name}-100000000031");
        bucket(&lab, &name, Some(delegating(&lab, &name))).await;
    }
    bucket(&lab, "alone-100000000031", None).await;
    let everyone = || json!({});
    let set = json!({ "StringLike": { "s3:DataAccessPointArn": "arn:aws:s3:us-east-1:100000000031:accesspoint/*" } });
    let endpoint = json!({ "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } });
    point(&lab, "open-point", "open-100000000031", false, everyone()).await;
    point(&lab, "set-point", "set-100000000031", false, set).await;
    point(&lab, "restricted-point", "restricted-100000000031", true, everyone()).await;
    point(&lab, "endpoint-point", "endpoint-100000000031", false, endpoint).await;
    point(&lab, "alone-point", "alone-100000000031", false, everyone()).await;

    let report = scan(&lab).report();
    let open = finding(&report, "open-100000000031");
    assert_eq!(open["status"], "fail", "{open:#}");
    let message = open["message"].as_str().unwrap();
    assert!(message.contains("is public through access point open-point: statement 1 lets everyone call"), "{message}");
    assert!(open["evidence"]["policy"].as_str().unwrap().starts_with("shut: "), "{open:#}");
    let set = finding(&report, "set-100000000031");
    assert_eq!(set["status"], "fail", "{set:#}");
    assert!(set["message"].as_str().unwrap().contains("names a set of access points"), "{set:#}");
    for (bucket, why) in [("restricted", "RestrictPublicBuckets is on for it"), ("endpoint", "aws:SourceVpce")] {
        let shut = finding(&report, &format!("{bucket}-100000000031"));
        assert_eq!(shut["status"], "pass", "{shut:#}");
        let point = &shut["evidence"]["access_points"][0][format!("access point {bucket}-point")];
        assert!(point.as_str().is_some_and(|text| text.starts_with("shut: ") && text.contains(why)), "{shut:#}");
    }
    // Both policies must let everyone in, and this bucket has none.
    for bucket in ["private-100000000031", "alone-100000000031"] {
        assert_eq!(finding(&report, bucket)["status"], "pass", "{:#}", finding(&report, bucket));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multi_region_access_point_is_a_door_of_each_of_its_buckets() {
    let Some(lab) = Lab::new("100000000034").await else { return };
    let name = "near-100000000034";
    bucket(&lab, name, Some(delegating(&lab, name))).await;
    let reports = |restrict: bool| {
        json!({ "account": lab.account, "service": "s3control", "operation": "ListMultiRegionAccessPoints", "answer": {
            "AccessPoints": [{ "Name": "everywhere", "Alias": "aa11bb22cc33d.mrap", "Status": "READY",
                "PublicAccessBlock": { "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false,
                    "RestrictPublicBuckets": restrict },
                "Regions": [{ "Bucket": name, "Region": "us-east-1", "BucketAccountId": lab.account }] }] } })
    };
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3::{}:accesspoint/aa11bb22cc33d.mrap/object/*", lab.account) });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    lab.control(
        "overlay",
        &json!([{ "account": lab.account, "service": "s3control", "operation": "GetMultiRegionAccessPointPolicy",
            "answer": { "Policy": { "Established": { "Policy": policy } } } }, reports(false)]),
    );
    let report = scan(&lab).report();
    let near = finding(&report, name);
    assert_eq!(near["status"], "fail", "{near:#}");
    let message = near["message"].as_str().unwrap();
    assert!(message.contains("is public through Multi-Region access point everywhere: statement 1 lets"), "{message}");
    lab.fault("s3control", "GetMultiRegionAccessPointPolicy", "denied");
    assert_eq!(finding(&scan(&lab).report(), name)["status"], "unknown");
    lab.heal();
    lab.control("overlay", &reports(true));
    assert_eq!(finding(&scan(&lab).report(), name)["status"], "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_points_that_cannot_be_seen_are_unknown_only_where_they_matter() {
    let Some(lab) = Lab::new("100000000032").await else { return };
    bucket(&lab, "left-100000000032", Some(delegating(&lab, "left-100000000032"))).await;
    bucket(&lab, "plain-100000000032", None).await;
    point(&lab, "left-point", "left-100000000032", false, json!({})).await;
    for operation in ["ListAccessPoints", "GetAccessPointPolicy", "GetAccessPoint"] {
        lab.heal();
        lab.fault("s3control", operation, "denied");
        let report = scan(&lab).report();
        let left = finding(&report, "left-100000000032");
        assert_eq!(left["status"], "unknown", "{operation}: {left:#}");
        assert_eq!(left["gap"]["call"], format!("s3control:{operation}"), "{left:#}");
        assert_eq!(finding(&report, "plain-100000000032")["status"], "pass", "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_without_access_points_cost_no_call_more() {
    let Some(lab) = Lab::new("100000000033").await else { return };
    let reader = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::limited-100000000033/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } }] });
    bucket(&lab, "limited-100000000033", Some(reader)).await;
    bucket(&lab, "plain-100000000033", None).await;
    let before = lab.calls().len();
    let report = scan(&lab).report();
    let calls = lab.calls().split_off(before);
    let of = |operation: &str| calls.iter().filter(|call| call["operation"] == operation).count();
    for operation in ["ListAccessPoints", "ListMultiRegionAccessPoints", "GetAccessPointPolicy"] {
        assert_eq!(of(operation), 0, "{operation}");
    }
    assert_eq!(of("GetBucketPolicyStatus"), 1, "for the one policy that lets everyone in under conditions");
    let limited = finding(&report, "limited-100000000033");
    assert_eq!(limited["status"], "pass", "{limited:#}");
    let message = limited["message"].as_str().unwrap();
    assert!(
        message.contains("aws:SourceIp 203.0.113.0/24") && message.contains("S3 reports that the policy is not public"),
        "{message}"
    );
}
