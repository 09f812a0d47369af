//! Are those who administer a key others than those who use it? Powers are read from the key policy and the grants. The account
//! root principal stands for "whoever IAM allows", so a policy that names nobody else decides nothing here.

use super::{name, per_key};
use crate::policy::Zone;
use crate::policy::actions::expand;
use crate::prelude::*;
use aws_sdk_kms::types::{GrantListEntry, GrantOperation, KeyMetadata, KeyState};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Actions that change who may use the key, or whether anybody can.
const ADMINISTRATION: &[&str] = &[
    "kms:cancelkeydeletion",
    "kms:deleteimportedkeymaterial",
    "kms:disablekey",
    "kms:disablekeyrotation",
    "kms:enablekey",
    "kms:importkeymaterial",
    "kms:putkeypolicy",
    "kms:schedulekeydeletion",
    "kms:updateprimaryregion",
];

/// Cryptographic operations.
const USE: &[&str] = &[
    "kms:decrypt",
    "kms:derivesharedsecret",
    "kms:encrypt",
    "kms:generatedatakey",
    "kms:generatedatakeypair",
    "kms:generatedatakeypairwithoutplaintext",
    "kms:generatedatakeywithoutplaintext",
    "kms:generatemac",
    "kms:reencryptfrom",
    "kms:reencryptto",
    "kms:sign",
    "kms:verify",
    "kms:verifymac",
];

pub async fn probe(at: &Region) -> Outcome {
    let zone = &Zone::of(at.account_id(), at.partition());
    per_key(at, |arn, key| async move {
        if key.key_state() == Some(&KeyState::PendingDeletion) {
            return Ok(Verdict::not_applicable(format!("key {} is pending deletion and cannot be used", name(&key))));
        }
        let (policy, grants) = tokio::join!(at.key_policy(&arn), at.key_grants(&arn));
        Ok(judge(&key, &policy?, &grants?, zone))
    })
    .await
}

fn judge(key: &KeyMetadata, policy: &str, grants: &[GrantListEntry], zone: &Zone) -> Verdict {
    let id = name(key);
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return Verdict::undecided(format!("the policy of key {id} is not JSON"));
    };
    let powers = Powers::read(&policy, grants);
    let mut faults = Faults::new();
    let (mut administer, mut using) = (Vec::new(), Vec::new());
    for (principal, power) in &powers.held {
        match account_of(principal) {
            Some(account) if account != zone.account && !zone.trusted_accounts.iter().any(|t| t == account) => {
                faults.broken(format!("{principal} of another account, which is not listed, may {power} key {id}"));
            }
            Some(account) if account == zone.account && is_root(principal) => continue,
            _ => {}
        }
        if power.administer && power.use_ {
            match powers.denied_somewhere {
                true => {
                    faults.doubt(format!("{principal} may administer and use key {id} unless a Deny separates them"))
                }
                false => faults.broken(format!("{principal} may both administer and use key {id}")),
            }
        }
        administer.extend(power.administer.then_some(principal));
        using.extend(power.use_.then_some(principal));
    }
    if powers.root(zone) == (Power { administer: true, use_: true }) && (administer.is_empty() || using.is_empty()) {
        let left = match (administer.is_empty(), using.is_empty()) {
            (true, true) => "administration and use",
            (true, false) => "administration",
            (false, _) => "use",
        };
        faults.doubt(format!(
            "the policy of key {id} leaves {left} to the account's IAM policies, which this check does not read"
        ));
    }
    faults
        .verdict(|| {
            format!(
                "key {id} is administered by {} and used by {}, none of them both",
                count(&administer),
                count(&using)
            )
        })
        .evidence(json!({ "administer": administer, "use": using }))
}

fn count(principals: &[&String]) -> String {
    match principals.len() {
        0 => "the account".into(),
        1 => "1 named principal".into(),
        n => format!("{n} named principals"),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Power {
    administer: bool,
    use_: bool,
}

impl std::fmt::Display for Power {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.administer, self.use_) {
            (true, true) => "administer and use",
            (true, false) => "administer",
            _ => "use",
        })
    }
}

/// Who holds which power over the key, services left out.
struct Powers {
    held: BTreeMap<String, Power>,
    denied_somewhere: bool,
}

impl Powers {
    fn read(policy: &Value, grants: &[GrantListEntry]) -> Self {
        let mut powers = Self { held: BTreeMap::new(), denied_somewhere: false };
        for statement in list(&policy["Statement"]) {
            if statement["Effect"] != "Allow" {
                powers.denied_somewhere |= power_of(statement) != Power::default();
                continue;
            }
            let everyone = statement["Principal"] == "*";
            let named = if everyone { list(&statement["Principal"]) } else { list(&statement["Principal"]["AWS"]) };
            for principal in named.into_iter().filter_map(Value::as_str) {
                // Everyone under a condition is a kind of caller, not a named one; kms_key_policy_not_public judges it.
                if principal != "*" || statement["Condition"].is_null() {
                    powers.add(principal, power_of(statement));
                }
            }
        }
        for grant in grants {
            let uses = grant.operations().iter().any(is_use);
            if let Some(principal) = grant.grantee_principal().filter(|p| uses && !p.ends_with(".amazonaws.com")) {
                powers.add(principal, Power { administer: false, use_: true });
            }
        }
        powers
    }

    fn add(&mut self, principal: &str, power: Power) {
        if power != Power::default() {
            let held = self.held.entry(principal.to_owned()).or_default();
            held.administer |= power.administer;
            held.use_ |= power.use_;
        }
    }

    /// What the account itself holds, to hand on by IAM policies.
    fn root(&self, zone: &Zone) -> Power {
        let own = self.held.iter().filter(|(p, _)| is_root(p) && account_of(p) == Some(zone.account.as_str()));
        own.fold(Power::default(), |all, (_, p)| Power {
            administer: all.administer || p.administer,
            use_: all.use_ || p.use_,
        })
    }
}

fn is_use(operation: &GrantOperation) -> bool {
    USE.contains(&format!("kms:{}", operation.as_str().to_ascii_lowercase()).as_str())
}

fn power_of(statement: &Value) -> Power {
    Power { administer: speaks_of(statement, ADMINISTRATION), use_: speaks_of(statement, USE) }
}

/// Which of these actions the statement's `Action` or `NotAction` takes in.
fn speaks_of(statement: &Value, actions: &[&str]) -> bool {
    let named = |element: &Value| -> BTreeSet<String> {
        let patterns = list(element).into_iter().filter_map(Value::as_str);
        patterns.flat_map(expand).map(|action| action.to_ascii_lowercase()).collect()
    };
    let (only, except) = (named(&statement["Action"]), named(&statement["NotAction"]));
    let all_but = !statement["NotAction"].is_null();
    actions.iter().any(|action| if all_but { !except.contains(*action) } else { only.contains(*action) })
}

/// One or many, as policies write lists.
fn list(element: &Value) -> Vec<&Value> {
    match element {
        Value::Null => vec![],
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    }
}

/// The account in a principal: 12 digits, or the fifth field of an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let is_account = |s: &&str| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit());
    Some(principal).filter(is_account).or_else(|| principal.split(':').nth(4).filter(is_account))
}

fn is_root(principal: &str) -> bool {
    principal.ends_with(":root") || account_of(principal) == Some(principal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(principal: &str, action: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":{action},"Resource":"*"}}"#)
    }

    fn of(statements: &[String], grants: &[GrantListEntry]) -> Verdict {
        let key = KeyMetadata::builder().key_id("k").build().unwrap();
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        judge(&key, &policy, grants, &Zone::of("111122223333", "aws"))
    }

    fn root() -> String {
        statement("arn:aws:iam::111122223333:root", r#""kms:*""#)
    }

    const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
    const APP: &str = "arn:aws:iam::111122223333:role/app";
    const MANAGE: &str = r#"["kms:Put*","kms:ScheduleKeyDeletion"]"#;
    const CRYPT: &str = r#"["kms:Encrypt","kms:Decrypt","kms:GenerateDataKey*"]"#;

    fn grant(to: &str) -> GrantListEntry {
        GrantListEntry::builder().grantee_principal(to).operations(GrantOperation::Decrypt).build()
    }

    #[test]
    fn different_principals_pass_and_one_with_both_fails() {
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE), statement(APP, CRYPT)], &[]).status, Status::Pass);
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE), statement(ADMIN, CRYPT)], &[]).status, Status::Fail);
        assert_eq!(of(&[root(), statement(APP, r#""kms:*""#)], &[]).status, Status::Fail);
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE), statement(APP, r#""kms:d*""#)], &[]).status, Status::Fail);
    }

    #[test]
    fn a_grant_is_use() {
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE)], &[grant(APP)]).status, Status::Pass);
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE)], &[grant(ADMIN)]).status, Status::Fail);
        assert_eq!(
            of(&[root(), statement(ADMIN, MANAGE), statement(APP, CRYPT)], &[grant("rds.amazonaws.com")]).status,
            Status::Pass
        );
    }

    #[test]
    fn a_policy_that_names_only_the_account_decides_nothing() {
        assert_eq!(of(&[root()], &[]).status, Status::Unknown);
        assert_eq!(of(&[root(), statement(APP, CRYPT)], &[]).status, Status::Unknown);
        let roots_power = statement("111122223333", MANAGE);
        assert_eq!(of(&[roots_power, statement(APP, CRYPT)], &[]).status, Status::Pass);
    }

    #[test]
    fn other_accounts_must_be_listed() {
        assert_eq!(
            of(&[root(), statement(ADMIN, MANAGE), statement("arn:aws:iam::444455556666:root", CRYPT)], &[]).status,
            Status::Fail
        );
        let partner = grant("arn:aws:iam::444455556666:role/reader");
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE), statement(APP, CRYPT)], &[partner]).status, Status::Fail);
    }

    #[test]
    fn a_deny_leaves_doubt() {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#.to_owned();
        assert_eq!(of(&[root(), statement(APP, r#""kms:*""#), deny], &[]).status, Status::Unknown);
    }
}
