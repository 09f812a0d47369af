//! What a key policy leaves to whom.

use super::*;

const APP: &str = "arn:aws:iam::111122223333:role/app";

fn held(statements: &str, action: &'static str) -> Vec<String> {
    let powers = powers(&document(statements), &[action], &zone());
    assert_eq!(powers.doubts, [""; 0], "{statements}");
    powers.held.keys().map(ToString::to_string).collect()
}

fn to_app(action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{APP}"}},"Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
}

#[test]
fn grants_that_give_nothing_away_are_not_counted() {
    // semantics 99
    for free in [
        "",
        r#""Bool":{"kms:GrantIsForAWSResource":"false"}"#,
        r#""BoolIfExists":{"kms:GrantIsForAWSResource":"true"}"#,
        r#""Null":{"kms:GrantIsForAWSResource":"false"}"#,
        r#""ForAllValues:StringEquals":{"kms:GrantOperations":["Decrypt","DescribeKey"]}"#,
        r#""ForAllValues:StringEquals":{"kms:GrantOperations":["CreateGrant","DescribeKey"]}"#,
        r#""ForAllValues:StringLike":{"kms:GrantOperations":"*"}"#,
        r#""ForAnyValue:StringEquals":{"kms:GrantOperations":"DescribeKey"}"#,
        r#""StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::999999999999:root"}"#,
        r#""StringEquals":{"kms:GranteePrincipal":["arn:aws:iam::111122223333:role/worker","arn:aws:iam::999999999999:root"]}"#,
        r#""ArnLike":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:role/*"}"#,
        r#""StringEqualsIfExists":{"kms:ViaService":"ec2.eu-west-1.amazonaws.com"}"#,
        r#""StringNotEquals":{"kms:ViaService":"ec2.eu-west-1.amazonaws.com"}"#,
        r#""StringEquals":{"kms:GrantConstraintType":"EncryptionContextSubset"}"#,
        r#""StringEquals":{"kms:RetiringPrincipal":"arn:aws:iam::111122223333:role/app"}"#,
    ] {
        assert_eq!(held(&to_app("kms:CreateGrant", free), "kms:CreateGrant"), [APP], "{free}");
    }
    for tame in [
        r#""Bool":{"kms:GrantIsForAWSResource":"true"}"#,
        r#""Bool":{"kms:GrantIsForAWSResource":true}"#,
        r#""StringEquals":{"kms:ViaService":"ec2.eu-west-1.amazonaws.com"}"#,
        r#""StringLike":{"kms:ViaService":"ec2.*.amazonaws.com"}"#,
        r#""ForAllValues:StringEquals":{"kms:GrantOperations":["DescribeKey","RetireGrant"]}"#,
        r#""StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:role/worker"}"#,
        r#""StringEquals":{"kms:GranteeServicePrincipal":"rds.amazonaws.com"}"#,
        r#""Bool":{"aws:ViaAWSService":"true"}"#,
    ] {
        for action in ["kms:CreateGrant", "kms:RevokeGrant"] {
            assert_eq!(held(&to_app(action, tame), action), [""; 0], "{action} {tame}");
        }
        assert_eq!(held(&to_app("kms:PutKeyPolicy", tame), "kms:PutKeyPolicy"), [APP], "{tame}: of grants only");
    }
    let unless = |operator: &str| {
        let deny = format!(r#"{{"Effect":"Deny","Principal":"*","Action":"kms:CreateGrant","Resource":"*","Condition":{{"{operator}":{{"kms:GrantIsForAWSResource":"false"}}}}}}"#);
        held(&format!("{},{deny}", to_app("kms:*", "")), "kms:CreateGrant")
    };
    assert_eq!(unless("BoolIfExists"), [""; 0]);
    assert_eq!(unless("Bool"), [""; 0], "every request for a grant has the key: AWS's own policies deny it so");
}

#[test]
fn everyone_is_whom_the_conditions_name() {
    // semantics 98
    let on = |condition: &str| held(&format!(r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{{{condition}}}}}"#), "kms:Decrypt");
    for (condition, parties) in [
        ("", &["everyone"][..]),
        (r#""StringEquals":{"kms:CallerAccount":"444455556666"}"#, &["every principal of account 444455556666"]),
        (r#""StringEquals":{"aws:PrincipalOrgID":"o-abcdef1234"}"#, &["every principal of organization o-abcdef1234"]),
        (r#""ArnEquals":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/a","arn:aws:iam::111122223333:role/b"]}"#, &["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]),
        (r#""StringLike":{"aws:userid":"AROAEXAMPLE:*"}"#, &["AROAEXAMPLE"]),
        (r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#, &["everyone"]),
        (r#""StringEquals":{"aws:SourceVpce":"vpce-1","kms:CallerAccount":"111122223333"}"#, &["every principal of account 111122223333"]),
        (r#""StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}"#, &[]),
        (r#""StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}"#, &["everyone"]),
        (r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#, &[]),
        (r#""StringEquals":{"aws:SourceAccount":"444455556666"}"#, &["every principal of account 444455556666"]),
        (r#""StringEquals":{"aws:PrincipalServiceName":"logs.amazonaws.com"}"#, &[]),
        (r#""StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}"#, &["every principal of account 111122223333"]),
    ] {
        assert_eq!(on(condition), parties, "{condition}");
    }
}
