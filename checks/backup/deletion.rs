//! Does the policy of a vault refuse to delete what is in it? Shortening the life of a recovery point deletes it as well. An ordinary role of
//! the account is asked about, so that a policy may spare the one that is there for emergencies.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_policy::{self as policy, Decision, Document, Level, Request, Value, Zone};

/// Either deletes recovery points.
/// <https://docs.aws.amazon.com/config/latest/developerguide/backup-recovery-point-manual-deletion-disabled.html>
const DELETING: [&str; 2] = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"];

/// Keys that a call of a role may have or not.
const OPEN: &[&str] =
    &["aws:principaltag/", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:useragent", "aws:vpcsourceip"];

/// Keys that it does not have.
const MISSING: &[&str] =
    &["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:username", "aws:principalservicename"];

/// Yes where both ways are refused; else what is said of the first that is not.
pub(super) fn refused(document: &Document, zone: &Zone) -> Decision {
    let ask = |action: &str| {
        let level = Level { documents: vec![document], whole: false };
        policy::refuses(&[level], &request(action, zone))
    };
    let answers = DELETING.map(ask);
    let certain =
        answers.iter().find(|answer| answer.is_no()).or_else(|| answers.iter().find(|answer| !answer.is_yes()));
    certain.or(answers.first()).cloned().unwrap_or_else(|| Decision::No("no policy denies it".into()))
}

fn request(action: &str, zone: &Zone) -> Request {
    let is = |value: &str| vec![Value::Is(value.to_owned())];
    let role = Arn::iam(&zone.partition, &zone.account, "role/q7z").to_string();
    let open = OPEN.iter().map(|key| (*key, vec![Value::Missing, Value::Unnamed, Value::Open]));
    let missing = MISSING.iter().map(|key| (*key, vec![Value::Missing]));
    let mut keys: std::collections::BTreeMap<&'static str, Vec<Value>> = open.chain(missing).collect();
    keys.extend([
        ("aws:principalarn", is(&role)),
        ("aws:principalaccount", is(&zone.account)),
        ("aws:resourceaccount", is(&zone.account)),
        ("aws:principaltype", is("AssumedRole")),
        ("aws:userid", is("AROAQ7ZQ7ZQ7ZQ7ZQ7ZQ7:q7z")),
        ("aws:principalisawsservice", is("false")),
        ("aws:viaawsservice", is("false")),
        ("aws:securetransport", is("true")),
        ("aws:multifactorauthpresent", vec![Value::Is("true".into()), Value::Is("false".into()), Value::Missing]),
    ]);
    if let Some(organization) = &zone.organization {
        keys.insert("aws:principalorgid", is(organization));
    }
    Request { action: action.to_owned(), keys }
}

/// Where a policy does not keep recovery points.
pub(super) fn told(vault: &str, decision: &Decision, reasons: &mut Reasons) {
    match decision {
        Decision::Yes(_) => {}
        Decision::No(_) => reasons.broken(
            "not_locked",
            format!("vault {vault} is not locked, and its policy does not refuse to delete recovery points or to shorten their life"),
        ),
        Decision::CannotTell(why) => {
            reasons.doubt(format!("vault {vault} is not locked, and whether its policy keeps recovery points cannot be decided: {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statement: &str) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let zone = Zone::of("111122223333", "aws");
        refused(&zone.parse(&text).unwrap(), &zone)
    }

    const BOTH: &str = r#""Action":["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle"]"#;

    #[test]
    fn both_ways_are_refused_to_everyone() {
        assert!(of(&format!(r#"{{"Effect":"Deny","Principal":"*",{BOTH},"Resource":"*"}}"#)).is_yes());
        assert!(of(&format!(r#"{{"Effect":"Deny","Principal":{{"AWS":"*"}},{BOTH},"Resource":"*"}}"#)).is_yes());
        for action in DELETING {
            let one = format!(r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"}}"#);
            assert!(of(&one).is_no(), "{action} alone");
        }
        assert!(of(&format!(r#"{{"Effect":"Allow","Principal":"*",{BOTH},"Resource":"*"}}"#)).is_no());
    }

    #[test]
    fn who_is_spared_is_named() {
        let but = |condition: &str| {
            of(&format!(r#"{{"Effect":"Deny","Principal":"*",{BOTH},"Resource":"*","Condition":{{{condition}}}}}"#))
        };
        assert!(but(r#""ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/break-glass"}"#).is_yes());
        assert!(but(r#""StringNotEquals":{"aws:userId":["AROAEXAMPLE:*","111122223333"]}"#).is_yes());
        assert!(but(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/intern"}"#).is_no());
        assert!(but(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#).is_no());
        assert!(but(r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#).is_no(), "with MFA it is allowed");
    }

    #[test]
    fn what_is_refused_for_some_only_is_not_decided() {
        let some = format!(
            r#"{{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::111122223333:role/intern"}},{BOTH},"Resource":"*"}}"#
        );
        assert!(matches!(of(&some), Decision::CannotTell(_)));
        let volumes = format!(r#"{{"Effect":"Deny","Principal":"*",{BOTH},"Resource":"arn:aws:ec2:*::snapshot/*"}}"#);
        assert!(matches!(of(&volumes), Decision::CannotTell(_)));
    }
}
