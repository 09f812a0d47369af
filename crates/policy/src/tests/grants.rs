//! Grants to principals outside the zone of trust.

use super::*;

fn grants(statements: &str) -> Vec<(Grantee, String)> {
    external(&document(statements), &zone()).unwrap().into_iter().map(|g| (g.kind, g.principal)).collect()
}

fn on(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sqs:SendMessage","Resource":"*","Condition":{{{condition}}}}}"#)
}

#[test]
fn who_is_outside() {
    use Grantee::{Account, Canonical, Everyone, Federated, Organization, Service};
    type Row = (&'static str, &'static str, &'static [(Grantee, &'static str)]);
    let rows: &[Row] = &[
        (r#"{"AWS":"111122223333"}"#, "", &[]),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/r"}"#, "", &[]),
        (r#"{"AWS":"AROAJQABLZS4A3QDU576Q"}"#, "", &[]),
        (r#"{"AWS":["444455556666","111122223333"]}"#, "", &[(Account, "444455556666")]),
        (r#"{"AWS":"arn:aws:iam::444455556666:role/r"}"#, "", &[(Account, "arn:aws:iam::444455556666:role/r")]),
        (r#""*""#, "", &[(Everyone, "*")]),
        (r#""*""#, r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#, &[(Organization, "o-abcdef1234")]),
        (r#""*""#, r#""StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}"#, &[(Account, "444455556666")]),
        (r#""*""#, r#""StringEquals":{"aws:PrincipalAccount":"111122223333"}"#, &[]),
        (r#""*""#, r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#, &[]),
        (r#""*""#, r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, &[(Everyone, "*")]),
        (r#"{"Service":"events.amazonaws.com"}"#, "", &[(Service, "events.amazonaws.com")]),
        (r#"{"Service":"events.amazonaws.com"}"#, r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#, &[]),
        (r#"{"Federated":"accounts.google.com"}"#, "", &[(Federated, "accounts.google.com")]),
        (r#"{"CanonicalUser":"79a5"}"#, "", &[(Canonical, "79a5")]),
        (r#"{"AWS":"444455556666"}"#, r#""StringEquals":{"aws:PrincipalAccount":"777788889999"}"#, &[]),
    ];
    for (principal, condition, expected) in rows {
        let found = grants(&on(principal, condition));
        let expected: Vec<(Grantee, String)> = expected.iter().map(|(k, p)| (*k, (*p).to_owned())).collect();
        assert_eq!(found, expected, "{principal} {condition}");
    }
}

#[test]
fn the_zone_can_be_larger() {
    let mut zone = zone();
    zone.organization = Some("o-abcdef1234".into());
    zone.trusted_accounts.push("444455556666".into());
    let inside = format!("{},{}", on(r#""*""#, r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#), on(r#"{"AWS":"444455556666"}"#, ""));
    assert_eq!(external(&document(&inside), &zone), Ok(Vec::new()));
}

#[test]
fn denies_take_grants_back() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}}"#;
    assert_eq!(grants(&format!("{},{deny}", on(r#"{"AWS":"444455556666"}"#, ""))), []);
    assert_eq!(grants(&format!("{},{deny}", on(r#""*""#, ""))), []);
    let account = r#"{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"sqs:*","Resource":"*"}"#;
    assert_eq!(grants(&format!("{},{account}", on(r#"{"AWS":"arn:aws:iam::444455556666:role/r"}"#, ""))), []);
    assert_eq!(grants(&format!("{},{account}", on(r#""*""#, ""))), [(Grantee::Everyone, "*".to_owned())]);
}

#[test]
fn what_limits_a_grant_is_told() {
    let found = external(&document(&on(r#""*""#, r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#)), &zone()).unwrap();
    assert_eq!(found[0].limited_by, ["aws:SourceIp 203.0.113.0/24"]);
    assert_eq!(found[0].actions, ["sqs:SendMessage"]);
    assert!(external(&document(&on(r#""*""#, r#""StringEquals":{"my:Key":"x"}"#)), &zone()).is_err());
}
