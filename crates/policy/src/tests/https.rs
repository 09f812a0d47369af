//! Bucket policies that refuse plain HTTP, or seem to.

use super::Answer::{No, Yes};
use super::*;

const BOTH: &str = r#""Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
const HTTP: &str = r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#;

fn deny(members: &str) -> String {
    format!(r#"{{"Effect":"Deny",{members}}}"#)
}

fn full(condition: &str) -> String {
    deny(&format!(r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{{condition}}}"#))
}

#[test]
fn refusals() {
    // semantics 12
    let rows = [
        (Yes, full(r#""Bool":{"aws:SecureTransport":"false"}"#), "the documented form"),
        (Yes, full(r#""Bool":{"aws:SecureTransport":false}"#), "a JSON boolean"),
        (Yes, full(r#""Bool":{"aws:SecureTransport":["false"]}"#), "a list"),
        (Yes, full(r#""Bool":{"AWS:securetransport":"False"}"#), "no case"),
        (Yes, full(r#""BoolIfExists":{"aws:SecureTransport":"false"}"#), "IfExists"),
        (Yes, full(r#""StringEquals":{"aws:SecureTransport":"false"}"#), "compared as text"),
        (Yes, full(r#""StringNotEquals":{"aws:SecureTransport":"true"}"#), "not true is false"),
        (Yes, full(r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#), "TLS 1.2"),
        (Yes, full(r#""NumericLessThan":{"s3:TlsVersion":1.3}"#), "TLS 1.3"),
        (Yes, full(r#""Bool":{"aws:SecureTransport":["true","false"]}"#), "refuses everything, HTTP too"),
        (Yes, deny(&format!(r#""Principal":{{"AWS":"*"}},"Action":"*",{BOTH},{HTTP}"#)), "* of AWS, * of actions"),
        (Yes, deny(&format!(r#""Principal":"*","Action":"S3:*","Resource":"*",{HTTP}"#)), "resource *"),
        (Yes, deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b*",{HTTP}"#)), "one pattern for both"),
        (Yes, deny(&format!(r#""Principal":"*","NotAction":"iam:*",{BOTH},{HTTP}"#)), "NotAction of another service"),
        (Yes, deny(&format!(r#""Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::other",{HTTP}"#)), "NotResource of another bucket"),
        (Yes, format!("{},{}", deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b",{HTTP}"#)), deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",{HTTP}"#))), "two statements together"),
        (Yes, format!("{},{}", deny(&format!(r#""Principal":"*","Action":"s3:Get*",{BOTH},{HTTP}"#)), deny(&format!(r#""Principal":"*","NotAction":"s3:Get*",{BOTH},{HTTP}"#))), "two statements together"),
        (No, deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",{HTTP}"#)), "the bucket is open"),
        (No, deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b",{HTTP}"#)), "the objects are open"),
        (No, deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*",{HTTP}"#)), "some objects are open"),
        (No, deny(&format!(r#""Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::other","arn:aws:s3:::other/*"],{HTTP}"#)), "another bucket"),
        (No, deny(&format!(r#""Principal":"*","Action":"s3:Get*",{BOTH},{HTTP}"#)), "only reading"),
        (No, deny(&format!(r#""Principal":"*","Action":["s3:GetObject","s3:PutObject"],{BOTH},{HTTP}"#)), "only two actions"),
        (No, deny(&format!(r#""Principal":"*","NotAction":"s3:GetObject",{BOTH},{HTTP}"#)), "reading is open"),
        (No, deny(&format!(r#""Principal":{{"AWS":"444455556666"}},"Action":"s3:*",{BOTH},{HTTP}"#)), "only one account"),
        (No, deny(&format!(r#""NotPrincipal":{{"AWS":"111122223333"}},"Action":"s3:*",{BOTH},{HTTP}"#)), "one account may"),
        (No, full(r#""Bool":{"aws:SecureTransport":"true"}"#), "refuses TLS"),
        (No, full(r#""NumericLessThan":{"s3:TlsVersion":"1.1"}"#), "TLS 1.1 is too old"),
        (No, full(r#""NumericGreaterThan":{"s3:TlsVersion":"1.2"}"#), "the wrong way round"),
        (No, full(r#""Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "the organization may"),
        (No, full(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), "not about HTTP"),
        (Yes, full(r#""Bool":{"aws:SecureTransport":"false"},"NumericLessThan":{"s3:TlsVersion":"1.2"}"#), "plain HTTP meets both, as it meets each"),
        (Yes, full(r#""Bool":{"aws:SecureTransport":"false"},"NumericLessThanIfExists":{"s3:TlsVersion":"1.3"}"#), "and with IfExists"),
        (Yes, full(r#""NumericLessThanIfExists":{"s3:TlsVersion":"1.2"}"#), "missing or below"),
        (Yes, full(r#""NumericLessThanEquals":{"s3:TlsVersion":"1.2"}"#), "below is also at most"),
        (Yes, full(r#""NumericNotEquals":{"s3:TlsVersion":"1.3"}"#), "all but 1.3"),
        (Yes, full(r#""NumericNotEquals":{"s3:TlsVersion":["1.2","1.3"]}"#), "all but 1.2 and 1.3"),
        (No, full(r#""NumericEquals":{"s3:TlsVersion":"1.2"}"#), "refuses TLS 1.2"),
        (No, full(r#""Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"s3:TlsVersion":"1.2"}"#), "AWS's form for who needs HTTP"),
        (No, full(r#""Bool":{"aws:SecureTransport":"false"},"NumericLessThan":{"s3:TlsVersion":"1.1"}"#), "below 1.1 only"),
        (No, r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#.into(), "a Deny without a principal is none"),
        (No, full(r#""Bool":{"aws:SecureTransport":"false"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#), "services may"),
        (No, full(r#""Null":{"aws:SecureTransport":"true"}"#), "the key is always there"),
        (No, format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Bool":{{"aws:SecureTransport":"true"}}}}}}"#), "an Allow refuses nobody"),
        (No, String::new(), "an empty policy"),
    ];
    check(&rows, |d| denies_http(d, BUCKET));
}

#[test]
fn messages() {
    let text = deny(&format!(r#""Sid":"Tls","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*",{HTTP}"#));
    assert_eq!(denies_http(&document(&text), BUCKET).reason(), "statement 1 (Tls) leaves the bucket open to plain HTTP");
}

#[test]
fn the_version_of_tls_says_the_same_of_http_alone_and_beside_secure_transport() {
    // semantics 121
    for operator in ["NumericLessThan", "NumericLessThanEquals", "NumericNotEquals", "NumericGreaterThan", "NumericEquals"] {
        for version in ["1.0", "1.1", "1.2", "1.3"] {
            let alone = format!(r#""{operator}":{{"s3:TlsVersion":"{version}"}}"#);
            let beside = format!(r#""Bool":{{"aws:SecureTransport":"false"}},{alone}"#);
            let ask = |condition: &str| answer(&denies_http(&document(&full(condition)), BUCKET));
            assert_eq!(ask(&alone), ask(&beside), "{alone}");
        }
    }
}
