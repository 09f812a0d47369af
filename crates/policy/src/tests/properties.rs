//! What must hold of any documents: more Allows never make a policy less public, more Denies never more, order and
//! grouping do not matter, and nothing panics.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::*;

const ACTIONS: [&str; 10] = [
    "s3:GetObject",
    "s3:getobject*",
    "s3:Put*",
    "s3:*",
    "*",
    "s3:ListBucket",
    "s3:?etObject",
    "s3:DeleteObject",
    "S3:*Object",
    "s3:PutBucketPolicy",
];
const RESOURCES: [&str; 7] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/public/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/p?/*",
];
const PRINCIPALS: [&str; 7] = [
    r#""*""#,
    r#"{"AWS":"*"}"#,
    r#"{"AWS":"111122223333"}"#,
    r#"{"AWS":"arn:aws:iam::444455556666:role/r"}"#,
    r#"{"Service":"cloudtrail.amazonaws.com"}"#,
    r#"{"AWS":["*","444455556666"]}"#,
    r#"{"CanonicalUser":"79a5"}"#,
];
const CONDITIONS: [(&str, &str, &[&str]); 28] = [
    ("StringEquals", "aws:PrincipalOrgID", &["o-a"]),
    ("StringNotEquals", "aws:PrincipalOrgID", &["o-a"]),
    ("StringNotEqualsIfExists", "aws:PrincipalOrgID", &["o-a", "o-b"]),
    ("StringEqualsIfExists", "aws:PrincipalOrgID", &["o-a"]),
    ("StringLike", "aws:PrincipalOrgID", &["o-*"]),
    ("Null", "aws:PrincipalOrgID", &["true"]),
    ("Null", "aws:PrincipalOrgID", &["false"]),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-a/*"]),
    ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-a/*"]),
    ("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", &["o-a/*"]),
    ("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", &["o-a/*"]),
    ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"]),
    ("ArnNotLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"]),
    ("ArnLike", "aws:SourceArn", &["arn:aws:s3:::*"]),
    ("ArnNotLike", "aws:SourceArn", &["arn:aws:s3:::x"]),
    ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
    ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
    ("IpAddress", "aws:SourceIp", &["0.0.0.0/1", "128.0.0.0/1"]),
    ("Bool", "aws:SecureTransport", &["true"]),
    ("Bool", "aws:SecureTransport", &["false"]),
    ("BoolIfExists", "aws:PrincipalIsAWSService", &["false"]),
    ("StringEquals", "aws:SourceVpce", &["vpce-1"]),
    ("StringNotEquals", "aws:SourceVpce", &["vpce-1"]),
    ("StringEquals", "s3:authType", &["POST"]),
    ("StringNotEquals", "s3:authType", &["POST"]),
    ("StringEquals", "my:Unknown", &["x"]),
    ("StringNotEquals", "my:Unknown", &["x"]),
    ("NumericLessThan", "s3:TlsVersion", &["1.2"]),
];

fn subset(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(of), 1..3)
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let conditions = prop::collection::vec(select(&CONDITIONS[..]), 0..3);
    (
        (prop::bool::weighted(0.1), select(&PRINCIPALS[..])),
        (prop::bool::weighted(0.15), subset(&ACTIONS)),
        (prop::bool::weighted(0.15), subset(&RESOURCES)),
        conditions,
    )
        .prop_map(move |((not_p, p), (not_a, a), (not_r, r), c)| {
            let name = |not: bool, name: &str| format!("{}{name}", if not { "Not" } else { "" });
            let principal: Value = serde_json::from_str(p).unwrap();
            let mut condition = serde_json::Map::new();
            for (operator, key, values) in c {
                let keys = condition.entry(operator).or_insert_with(|| json!({}));
                keys[key] = json!(values);
            }
            json!({
                "Effect": effect,
                name(not_p, "Principal"): principal,
                name(not_a, "Action"): a,
                name(not_r, "Resource"): r,
                "Condition": condition,
            })
        })
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop_oneof![statement("Allow"), statement("Deny")], 0..5)
}

fn parse(statements: &[Value]) -> Document {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Document::parse(&text).unwrap()
}

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::No(_) => 0,
        Decision::CannotTell(_) => 1,
        Decision::Yes(_) => 2,
    }
}

/// The three public questions, as ranks.
fn ranks(statements: &[Value]) -> [u8; 3] {
    let document = parse(statements);
    [
        rank(&public_bucket(&document, &zone(), BUCKET)),
        rank(&public_write(&document, &zone(), BUCKET)),
        rank(&public(&document, &zone())),
    ]
}

/// A statement as one for each of its values.
fn split(statement: &Value) -> Vec<Value> {
    let mut parts = vec![statement.clone()];
    for name in ["Action", "Resource"] {
        if let Some(values) = statement[name].as_array() {
            parts = parts
                .iter()
                .flat_map(|part| {
                    values.iter().map(|value| {
                        let mut part = part.clone();
                        part[name] = value.clone();
                        part
                    })
                })
                .collect();
        }
    }
    parts
}

/// Every question, for those that only must not panic.
fn ask_all(document: &Document) {
    let zone = zone();
    let _ = public(document, &zone);
    let _ = public_bucket(document, &zone, BUCKET);
    let _ = public_write(document, &zone, BUCKET);
    let _ = external(document, &zone);
    let _ = denies_http(document, BUCKET);
    let _ = confused_deputy(document, &zone);
    let _ = wildcard_trust(document, &zone);
    let _ = oidc_trust(document);
    let _ = assumers(document, &zone);
    let _ = allows_everywhere(&[document], "kms:Decrypt", &Context::default());
    let identity = Identity {
        boundary_arn: None,
        policies: vec![("p".into(), document.clone())],
        boundary: Some(document.clone()),
        own: vec!["arn:aws:iam::111122223333:user/alice".into()],
        context: Context::of("111122223333", "aws"),
    };
    let _ = escalations(&identity);
    let _ = is_admin(&identity);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deny_never_makes_more_public(mut all in statements(), deny in statement("Deny"), at: Index) {
        let before = ranks(&all);
        all.insert(at.index(all.len() + 1), deny);
        let after = ranks(&all);
        for (before, after) in before.iter().zip(after) {
            prop_assert!(after <= *before);
        }
    }

    #[test]
    fn an_allow_never_makes_less_public(mut all in statements(), allow in statement("Allow"), at: Index) {
        // Not `public`: it learns from the statements which bucket the policy is about.
        let before = ranks(&all);
        all.insert(at.index(all.len() + 1), allow);
        let after = ranks(&all);
        for (before, after) in before.iter().zip(after).take(2) {
            prop_assert!(after >= *before);
        }
    }

    #[test]
    fn order_and_grouping_do_not_matter(all in statements(), shuffled in Just(()).prop_perturb(|(), rng| rng)) {
        let before = ranks(&all);
        let mut rng = shuffled;
        let mut other = all.clone();
        for i in (1..other.len()).rev() {
            let j = (rng.next_u32() as usize) % (i + 1);
            other.swap(i, j);
        }
        prop_assert_eq!(before, ranks(&other), "order");
        let parts: Vec<Value> = all.iter().flat_map(split).collect();
        prop_assert_eq!(before, ranks(&parts), "grouping");
    }

    #[test]
    fn refusing_http_only_grows_with_denies(mut all in statements(), deny in statement("Deny")) {
        let before = denies_http(&parse(&all), BUCKET).is_yes();
        all.push(deny);
        prop_assert!(denies_http(&parse(&all), BUCKET).is_yes() || !before);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Document::parse(&text);
    }

    #[test]
    fn no_document_panics(all in statements(), cut: Index, junk in ".{0,3}") {
        ask_all(&parse(&all));
        let text = json!({"Statement": all}).to_string();
        let mut at = cut.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let damaged = format!("{}{junk}{}", &text[..at], &text[at..]);
        if let Ok(document) = Document::parse(&damaged) {
            ask_all(&document);
        }
    }

    #[test]
    fn no_values_panic(key in "[a-zA-Z:/]{1,20}", value in "\\PC{0,30}", operator in select(&["StringLike", "ArnLike", "StringEquals", "ForAnyValue:ArnNotLike", "IpAddress", "Bool", "NumericEquals", "DateLessThan", "BinaryEquals", "Null"][..])) {
        let text = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
            "Resource": value, "Condition": {operator: {key: value, "aws:SourceArn": value}}}}).to_string();
        if let Ok(document) = Document::parse(&text) {
            ask_all(&document);
        }
    }
}
