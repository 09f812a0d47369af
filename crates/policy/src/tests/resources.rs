//! Policies of other resources (topics, queues, keys, functions): public as Access Analyzer means it.

use super::Answer::{No, Unsure, Yes};
use super::*;

fn on(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:111122223333:t","Condition":{{{condition}}}}}"#)
}

fn key(condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{{{condition}}}}}"#)
}

#[test]
fn topics_and_queues() {
    // semantics 40
    let rows = [
        (Yes, on(""), "everyone"),
        (No, on(r#""StringEquals":{"AWS:SourceOwner":"111122223333"}"#), "SNS's default policy"),
        (No, on(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#), "a fixed account"),
        (No, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:us-east-1:111122223333:alarm:*"}"#), "the account is fixed, whatever the rest"),
        (No, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"}"#), "bucket names are unique: ARNs of S3 have no account"),
        (No, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}"#), "S3's own example"),
        (Yes, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:*"}"#), "any bucket"),
        (Yes, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::logs-*"}"#), "any bucket whose name begins so"),
        (Yes, on(r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:*:t"}"#), "any account"),
        (Yes, on(r#""StringLike":{"aws:SourceArn":"arn:aws:sns:*"}"#), "any account"),
        (Yes, on(r#""StringLike":{"aws:SourceAccount":"1111*"}"#), "other accounts begin so too"),
        (No, on(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#), "the account is fixed"),
        (Yes, on(r#""StringLike":{"aws:PrincipalArn":"arn:aws*:iam::111122223333:role/x"}"#), "StringLike lets * run over colons: a role's path can hold the rest"),
        (No, on(r#""ArnLike":{"aws:PrincipalArn":"arn:aws*:iam::111122223333:role/x"}"#), "ArnLike does not"),
        (No, on(r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#), "the owner's organization"),
        (No, on(r#""StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}"#), "the same the other way round"),
        (Yes, on(r#""StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalOrgID}"}"#), "always true of members"),
        (Yes, on(r#""StringEquals":{"sns:Protocol":"https"}"#), "describes the request"),
        (Yes, on(r#""StringLike":{"sns:Endpoint":"*@example.com"}"#), "describes the request"),
        (Unsure, on(r#""StringEquals":{"my:Key":"x"}"#), "no key of AWS"),
        (Yes, on(r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#), "every service, for anyone"),
        (No, on(r#""Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}"#), "EFS's default policy"),
        (No, on(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"StringEquals":{"aws:PrincipalAccount":"444455556666"}"#), "one narrowing condition is enough"),
        (No, r#"{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}"#.into(), "a service is not the public"),
        (No, r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sqs:*","Resource":"*"}"#.into(), "another account is not the public"),
        (Yes, r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"*","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}"#.into(), "a public function URL"),
    ];
    check(&rows, |d| public(d, &zone()));
}

#[test]
fn keys() {
    let rows = [
        (Yes, key(r#""StringEquals":{"kms:ViaService":"ec2.us-east-1.amazonaws.com"}"#), "everyone can use a service"),
        (No, key(r#""StringEquals":{"kms:ViaService":"ec2.us-east-1.amazonaws.com","kms:CallerAccount":"111122223333"}"#), "AWS-managed keys' policy"),
        (No, key(r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#), "a fixed caller"),
        (Yes, key(r#""StringLike":{"kms:CallerAccount":"*"}"#), "any caller"),
        (Yes, key(r#""Bool":{"kms:GrantIsForAWSResource":"true"}"#), "describes the request"),
        (Yes, key(r#""StringEquals":{"kms:EncryptionContext:app":"x"}"#), "describes the request"),
        (No, r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#.into(), "the default key policy"),
    ];
    check(&rows, |d| public(d, &zone()));
}

#[test]
fn the_meaning_follows_the_document() {
    // A wildcard behind a fixed account: public by S3's rule, not by Access Analyzer's.
    let policy = |action: &str, resource: &str| {
        let text = format!(r#"{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"{resource}","Condition":{{"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}}}}}"#);
        public(&document(&text), &zone())
    };
    assert!(policy("s3:GetObject", "arn:aws:s3:::b/*").is_yes());
    assert!(policy("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q").is_no());
}

#[test]
fn variables_are_text_in_the_old_version() {
    let text = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}}}}"#;
    assert!(public(&Document::parse(text).unwrap(), &zone()).is_no());
    let new = text.replace("2008-10-17", "2012-10-17");
    assert!(public(&Document::parse(&new).unwrap(), &zone()).is_yes());
}
