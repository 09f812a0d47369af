//! The known misreadings of policies by scanners, each from both sides. The number is that of the list of pitfalls.

use super::Answer::{No, Unsure, Yes};
use super::*;

fn bucket(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}"#)
}

fn queue(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sqs:SendMessage","Resource":"*","Condition":{{{condition}}}}}"#)
}

#[test]
fn public_1_to_8() {
    // semantics 1, 2, 3, 4, 6, 7, 8
    let open = bucket("");
    let deny = |condition: &str| format!(r#"{open},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{{{condition}}}}}"#);
    let rows = [
        (Yes, bucket(r#""StringLike":{"aws:PrincipalArn":"*"}"#), "1: a wildcard PrincipalArn"),
        (No, bucket(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/r"}"#), "1: a fixed one, whatever the operator"),
        (Yes, bucket(r#""StringLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#), "1: a wildcard SourceArn"),
        (No, bucket(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::other"}"#), "1: a fixed one"),
        (Yes, bucket(r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#), "2: describes the resource"),
        (Yes, bucket(r#""StringEquals":{"s3:ResourceAccount":"111122223333"}"#), "2: describes the resource"),
        (No, bucket(r#""StringEquals":{"aws:PrincipalAccount":"111122223333"}"#), "2: describes the caller"),
        (Yes, r#"{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#.into(), "4: everyone but one"),
        (No, r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#.into(), "4: one"),
        (No, deny(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "6: a Deny for all outside of the organization"),
        (Yes, deny(r#""Bool":{"aws:SecureTransport":"false"}"#), "6: a Deny that leaves everyone a way"),
        (No, bucket(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/r-ab12/*"}"#), "7: a set operator"),
        (Yes, bucket(r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abcdef1234/r-ab12/*"}"#), "7: holds for the empty set"),
        (No, bucket(r#""StringEqualsIgnoreCase":{"aws:PrincipalOrgID":"O-ABCDEF1234"}"#), "7: IgnoreCase"),
        (Yes, bucket(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "7: IfExists"),
        (No, bucket(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdef1234"},"Null":{"aws:PrincipalOrgID":"false"}"#), "7: IfExists with Null"),
        (No, bucket(r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}"#), "8: an office's networks"),
        (Yes, bucket(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#), "8: everyone in two halves"),
    ];
    check(&rows, |d| public_bucket(d, &zone(), BUCKET));
    let key = |condition: &str| format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:*","Resource":"*","Condition":{{"StringEquals":{{{condition}}}}}}}"#);
    let rows = [
        (Yes, key(r#""kms:ViaService":"s3.eu-west-1.amazonaws.com""#), "3: a service that anyone can use"),
        (No, key(r#""kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333""#), "3: with the caller"),
    ];
    check(&rows, |d| public(d, &zone()));
}

#[test]
fn a_single_statement_is_a_list_of_one_5() {
    // semantics 5
    for principal in [r#""*""#, r#"{"AWS":"444455556666"}"#] {
        let statement = format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"*"}}"#);
        let single = Document::parse(&format!(r#"{{"Statement":{statement}}}"#)).unwrap();
        let list = Document::parse(&format!(r#"{{"Statement":[{statement}]}}"#)).unwrap();
        assert_eq!(public_bucket(&single, &zone(), BUCKET), public_bucket(&list, &zone(), BUCKET), "{principal}");
    }
}

#[test]
fn public_write_9() {
    // semantics 9
    let act = |actions: &str| format!(r#"{{"Effect":"Allow","Principal":"*",{actions},"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#);
    let rows = [
        (Yes, act(r#""Action":"s3:putobject""#), "9: no case"),
        (Yes, act(r#""Action":"s3:PutObjectAcl""#), "9: permissions"),
        (Yes, act(r#""Action":"s3:PutBucketPolicy""#), "9: permissions"),
        (Yes, act(r#""Action":"s3:P*""#), "9: a wildcard"),
        (Yes, act(r#""NotAction":"s3:Get*""#), "9: NotAction"),
        (No, act(r#""NotAction":"s3:*""#), "9: NotAction of all"),
        (No, act(r#""Action":["s3:getobject","s3:List*"]"#), "9: reading"),
    ];
    check(&rows, |d| public_write(d, &zone(), BUCKET));
}

#[test]
fn plain_http_12() {
    // semantics 12
    let deny = |principal: &str, action: &str, resource: &str, value: &str| {
        format!(r#"{{"Effect":"Deny","Principal":{principal},"Action":{action},"Resource":{resource},"Condition":{{"Bool":{{"aws:SecureTransport":{value}}}}}}}"#)
    };
    let both = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    let rows = [
        (Yes, deny(r#""*""#, r#""s3:*""#, both, r#"["false"]"#), "12: a list as value"),
        (Yes, deny(r#""*""#, r#""s3:*""#, both, r#""false""#).replace(r#""Bool":{"aws:SecureTransport":"false"}"#, r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#), "12: by the version of TLS"),
        (No, deny(r#""*""#, r#""s3:Get*""#, both, r#""false""#), "12: * in an action is not *"),
        (No, deny(r#"{"AWS":"111122223333"}"#, r#""s3:*""#, both, r#""false""#), "12: one principal"),
        (No, deny(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::b/*""#, r#""false""#), "12: the objects alone"),
        (No, deny(r#""*""#, r#""s3:*""#, both, r#""true""#), "12: refuses TLS"),
    ];
    check(&rows, |d| denies_http(d, BUCKET));
}

#[test]
fn sources_40() {
    // semantics 40, 41
    let star = r#""*""#;
    let rows = [
        (No, queue(star, r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "40: SourceAccount with *"),
        (No, queue(star, r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::bucket"}"#), "40: ARNs of S3 have no account"),
        (No, queue(star, r#""StringEquals":{"AWS:SourceOwner":"111122223333"}"#), "40: SourceOwner"),
        (No, queue(star, r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "40: PrincipalOrgID"),
        (Yes, queue(star, r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}"#), "40: any bucket"),
        (Yes, queue(star, r#""StringLike":{"aws:SourceAccount":"*"}"#), "40: any account"),
    ];
    check(&rows, |d| public(d, &zone()));
    let deputy = |d: &Document| confused_deputy(d, &zone()).pop().map_or_else(|| Decision::No("not judged".into()), |(_, d)| d);
    let service = r#"{"Service":"s3.amazonaws.com"}"#;
    let rows = [
        (Yes, queue(service, ""), "40: a service for anyone is the confused deputy"),
        (No, queue(service, r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "40: for one account"),
        (No, queue(r#"{"Service":"lambda.amazonaws.com"}"#, ""), "41: a service that does not send the keys"),
        (Unsure, queue(service, r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#), "41: only where it sends the key"),
    ];
    check(&rows, deputy);
    let role = |service: &str, condition: &str| format!(r#"{{"Effect":"Allow","Principal":{{"Service":"{service}.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{{{condition}}}}}"#);
    let rows = [
        (Yes, role("vpc-flow-logs", ""), "41: sends the keys"),
        (No, role("vpc-flow-logs", r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "41: limited"),
        (No, role("ec2", ""), "41: EC2 sends none"),
    ];
    check(&rows, deputy);
}

#[test]
fn admins_43() {
    // semantics 43
    let own = |d: &Document| is_admin(&Identity { policies: vec![("p".into(), d.clone())], ..Identity::default() });
    let rows = [
        (Yes, r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.into(), "43: *"),
        (Yes, r#"{"Effect":"Allow","Action":"*:*","Resource":"*"}"#.into(), "43: *:*"),
        (Yes, r#"{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}"#.into(), "43: by NotAction"),
        (No, r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}"#.into(), "43: a power user"),
        (No, r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}"#.into(), "43: denied"),
        (No, r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#.into(), "43: one service"),
    ];
    check(&rows, own);
}

#[test]
fn escalation_42() {
    // semantics 42
    let of = |policies: &[&str], boundary: Option<&str>| {
        let policies = policies.iter().enumerate().map(|(i, p)| (format!("p{i}"), document(p))).collect();
        let identity = Identity { policies, boundary: boundary.map(document), ..Identity::default() };
        escalations(&identity).unwrap().len()
    };
    let pass = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}"#;
    let run = r#"{"Effect":"Allow","Action":["lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"*"}"#;
    assert!(of(&[pass, run], None) > 0, "42: two policies together, as a group adds one");
    assert_eq!(of(&[run], None), 0, "42: without PassRole");
    assert!(of(&[r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#], None) > 0, "42: by NotAction");
    assert_eq!(of(&[pass, run], Some(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)), 0, "42: the boundary holds");
    assert_eq!(of(&[pass, run, r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#], None), 0, "42: denied");
}
