//! Which texts are policy documents.

use super::*;

fn parse(text: &str) -> Result<Document, String> {
    Document::parse(text).map_err(|e| e.to_string())
}

const ALLOW: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}"#;

#[test]
fn forms_that_aws_accepts() {
    // semantics 5
    for text in [
        format!(r#"{{"Version":"2012-10-17","Statement":[{ALLOW}]}}"#),
        format!(r#"{{"Statement":{ALLOW}}}"#),
        format!(r#"{{"version":"2008-10-17","id":"x","STATEMENT":{ALLOW}}}"#),
        format!("\u{feff} {{\"Statement\":[{ALLOW}]}}\n"),
        format!(r#"{{"Statement":{}}}"#, ALLOW.replace("\"s3:GetObject\"", "[\"s3:GetObject\",\"s3:List*\"]")),
    ] {
        let document = parse(&text).unwrap();
        assert_eq!(document.statements().len(), 1);
        assert!(document.statements()[0].is_allow());
        let encoded: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
        assert_eq!(parse(&encoded), Ok(document), "percent-encoded");
    }
}

#[test]
fn what_is_not_a_document_is_named() {
    for (text, place) in [
        ("", "not JSON"),
        ("null", "null"),
        ("[]", "a list"),
        ("{}", "no Statement"),
        (r#"{"Statement":"x"}"#, "Statement is a string"),
        (r#"{"Statement":[{}]}"#, "statement 1 has no Effect"),
        (r#"{"Version":"2020-01-01","Statement":[]}"#, "Version 2020-01-01"),
        (r#"{"Statement":[],"Statment":[]}"#, "unknown element Statment"),
        (r#"{"Statement":[],"statement":[]}"#, "twice"),
        (r#"{"Statement":[{"Effect":"allow","Action":"*"}]}"#, "Effect is allow"),
        (r#"{"Statement":[{"Effect":"Allow"}]}"#, "neither Action nor NotAction"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*"}]}"#, "both Action and NotAction"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}]}"#, "both Resource"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Principal":"*","NotPrincipal":"*"}]}"#, "both Principal"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"GetObject"}]}"#, "not an action"),
        (r#"{"Statement":[{"Effect":"Allow","Action":[1]}]}"#, "Action holds a number"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Principal":"alice"}]}"#, "no type"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"User":"x"}}]}"#, "unknown element User"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"AWS":"alice"}}]}"#, "no principal"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Conditions":{}}]}"#, "unknown element Conditions"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":[]}]}"#, "Condition is a list"),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEqual":{"a":"b"}}}]}"#,
            "unknown condition operator StringEqual",
        ),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a":{}}}}]}"#, "has no value"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a":"b","A":"c"}}}]}"#, "twice"),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a":"b"},"StringEquals":{"a":"c"}}}]}"#,
            "twice",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}]}"#,
            "10.0.0.0/33",
        ),
        ("%7B%22Statement%22%3A", "not JSON"),
        ("%FF", "UTF-8"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(place), "{text}: {error}");
    }
}

#[test]
fn two_operators_on_one_key_are_two_conditions() {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":
        {"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::*"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"}}}}"#;
    assert!(public(&parse(text).unwrap(), &zone()).is_no());
}
