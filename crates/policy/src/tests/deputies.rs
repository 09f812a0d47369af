//! Services that may be used on behalf of anyone.

use super::Answer::{No, Unsure, Yes};
use super::*;

fn on(service: &str, action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
}

fn first(document: &Document) -> Decision {
    confused_deputy(document, &zone()).into_iter().next().map_or_else(|| Decision::No("none is judged".into()), |(_, d)| d)
}

#[test]
fn resource_policies() {
    let trail = |condition: &str| on("cloudtrail.amazonaws.com", "s3:PutObject", condition);
    let rows = [
        (Yes, trail(""), "no condition"),
        (Yes, trail(r#""StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}"#), "says nothing of the source"),
        (No, trail(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "a fixed account"),
        (No, trail(r#""StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}"#), "a fixed trail"),
        (No, trail(r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}"#), "AWS recommends wildcards for what is not known, the account fixed"),
        (No, trail(r#""StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}"#), "the same with StringLike"),
        (Yes, trail(r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/*"}"#), "any account"),
        (Yes, trail(r#""StringLike":{"aws:SourceAccount":"*"}"#), "any account"),
        (No, trail(r#""StringEquals":{"aws:SourceOrgID":"o-abcdef1234"}"#), "a fixed organization"),
        (No, trail(r#""StringEquals":{"aws:SourceOrgID":"${aws:ResourceOrgID}"}"#), "the owner's organization"),
        (Yes, trail(r#""Null":{"aws:SourceAccount":"false"}"#), "any source"),
        (Unsure, trail(r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#), "counts only where it is sent"),
        (Yes, trail(r#""StringNotEquals":{"aws:SourceAccount":"444455556666"}"#), "everyone but one"),
        (No, on("s3.amazonaws.com", "sns:Publish", r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"}"#), "a fixed bucket"),
        (No, on("lambda.amazonaws.com", "sqs:SendMessage", ""), "not a service that is known to send the keys"),
        (No, on("ec2.amazonaws.com", "s3:GetObject", ""), "EC2 sends none"),
        (No, on("logs.us-east-1.amazonaws.com", "kms:Decrypt", r#""ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:us-east-1:111122223333:*"}"#), "the documented form for log groups"),
        (Yes, on("logs.us-east-1.amazonaws.com", "kms:Decrypt", ""), "regional service names"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{{"StringNotEqualsIfExists":{{"aws:SourceOrgID":"o-abcdef1234"}},"Bool":{{"aws:PrincipalIsAWSService":"true"}}}}}}"#, trail("")), "a Deny on other sources"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"o-abcdef1234"}}}}}}"#, trail("")), "a Deny that hits services too: they are in no organization"),
        (Yes, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:SourceAccount":"111122223333"}},"Bool":{{"aws:PrincipalIsAWSService":"false"}}}}}}"#, trail("")), "a Deny that spares services"),
    ];
    check(&rows, first);
}

#[test]
fn trust_policies() {
    // semantics 41
    let role = |service: &str, condition: &str| on(service, "sts:AssumeRole", condition);
    let rows = [
        (No, on("scheduler.amazonaws.com", "sts:TagSession", ""), "opens no session"),
        (Yes, role("scheduler.amazonaws.com", ""), "documented to send the keys"),
        (No, role("scheduler.amazonaws.com", r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "a fixed account"),
        (No, role("ec2.amazonaws.com", ""), "EC2 sends none"),
        (No, role("lambda.amazonaws.com", ""), "Lambda sends none for execution roles"),
        (Yes, role("firehose.amazonaws.com", ""), "documented to send the keys"),
        (No, role("firehose.amazonaws.com", r#""StringEquals":{"sts:ExternalId":"111122223333"}"#), "Firehose's own form: it sets the external id to the account that it works for"),
        (Unsure, role("firehose.amazonaws.com", r#""StringEquals":{"sts:ExternalId":"secret"}"#), "an external id that does not say whose"),
        (No, role("redshift.amazonaws.com", r#""StringEquals":{"sts:ExternalId":"arn:aws:redshift:us-west-2:111122223333:dbuser:my-cluster/user1"}"#), "Redshift's own form: it sets the external id to the database user"),
        (Unsure, role("redshift.amazonaws.com", r#""StringLike":{"sts:ExternalId":"arn:aws:redshift:*:*:dbuser:my-cluster/user1"}"#), "a database user of any account"),
        (Unsure, role("scheduler.amazonaws.com", r#""StringEquals":{"sts:ExternalId":"111122223333"}"#), "other services do not say what they set it to"),
        (Yes, role("elasticmapreduce.amazonaws.com", ""), "EMR's documented trust policy has the keys"),
        (No, role("elasticmapreduce.amazonaws.com", r#""StringEquals":{"aws:SourceAccount":"111122223333"},"ArnLike":{"aws:SourceArn":"arn:aws:elasticmapreduce:us-east-1:111122223333:*"}"#), "EMR's documented trust policy"),
        (Yes, role("frauddetector.amazonaws.com", ""), "documented to send the keys"),
        (Unsure, role("batch.amazonaws.com", r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#), "counts only where it is sent"),
        (Unsure, role("batch.amazonaws.com", r#""ForAllValues:StringEquals":{"aws:SourceAccount":"111122223333"}"#), "true of an absent key, as IfExists is"),
        (Yes, role("batch.amazonaws.com", r#""ForAllValues:StringNotEquals":{"aws:SourceAccount":"444455556666"}"#), "everyone but one"),
        (Yes, role("batch.amazonaws.com", r#""Null":{"aws:SourceArn":"false"}"#), "any source"),
        (No, role("batch.amazonaws.com", r#""ForAnyValue:StringEquals":{"aws:SourceAccount":"111122223333"}"#), "false of an absent key"),
        (No, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:SourceAccount":"111122223333"}}}}}}"#, role("batch.amazonaws.com", "")), "a Deny of other sources and of none"),
        (Unsure, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{{"ForAnyValue:StringNotEquals":{{"aws:SourceAccount":"111122223333"}}}}}}"#, role("batch.amazonaws.com", "")), "ForAnyValue in a Deny is false of an absent key"),
        (Unsure, format!(r#"{},{{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{{"StringNotEqualsIfExists":{{"aws:SourceOrgID":"o-abcdef1234"}},"Null":{{"aws:SourceAccount":"false"}}}}}}"#, role("batch.amazonaws.com", "")), "spares calls without the key"),
        (No, role("codepipeline.amazonaws.com", ""), "CodePipeline's documented trust policy has no condition"),
    ];
    check(&rows, first);
}

#[test]
fn every_service_that_aws_tells_to_name_the_source_is_judged() {
    // semantics 81
    for service in ["batch", "storagegateway", "airflow", "airflow-env", "mediaconvert", "autoscaling", "spotfleet", "appstream", "redshift", "es", "lakeformation", "mgn", "healthlake"] {
        for ending in [".amazonaws.com", ".amazonaws.com.cn"] {
            let role = |condition: &str| on(&format!("{service}{ending}"), "sts:AssumeRole", condition);
            let of = |condition: &str| first(&document(&role(condition)));
            assert!(of("").is_yes(), "{service}{ending}");
            assert!(of(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#).is_no(), "{service}{ending}");
        }
    }
}

#[test]
fn cloudtrail_does_not_send_the_keys_when_it_takes_on_a_role() {
    // semantics 81
    let found = |action: &str| confused_deputy(&document(&on("cloudtrail.amazonaws.com", action, "")), &zone()).len();
    assert_eq!((found("sts:AssumeRole"), found("s3:PutObject")), (0, 1));
    for service in ["ec2", "lambda", "codepipeline", "codedeploy", "export.rds"] {
        let role = document(&on(&format!("{service}.amazonaws.com"), "sts:AssumeRole", ""));
        assert!(confused_deputy(&role, &zone()).is_empty(), "{service}");
    }
}

#[test]
fn a_service_that_may_only_tag_a_session_acts_for_nobody() {
    // semantics 79
    let found = |action: &str| confused_deputy(&document(&on("states.amazonaws.com", action, "")), &zone()).len();
    assert_eq!((found("sts:TagSession"), found("sts:AssumeRole"), found("sts:*")), (0, 1, 1));
}

#[test]
fn the_worst_statement_counts() {
    let text = format!("{},{}", on("cloudtrail.amazonaws.com", "s3:PutObject", r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), on("cloudtrail.amazonaws.com", "s3:GetBucketAcl", ""));
    let found = confused_deputy(&document(&text), &zone());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.reason(), "statement 2 lets cloudtrail.amazonaws.com call s3:GetBucketAcl on behalf of any account");
}
