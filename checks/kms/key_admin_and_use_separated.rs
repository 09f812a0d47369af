//! Are those who administer a key others than those who use it? Powers are read from the key policy and the grants. The account
//! root principal stands for "whoever IAM allows": what a policy leaves to it alone, the account's IAM policies decide, and those
//! are read then.

use super::{name, per_key};
use crate::prelude::*;
use aws_sdk_kms::types::{KeyMetadata, KeyState};
use posture_estate::key_powers::{ByIam, People, Power, Powers, is_stranger};
use posture_estate::text::{counted, few};
use posture_policy::Zone;
use tokio::sync::OnceCell;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(key_admin_and_use_separated.trusted_accounts);

/// Names in a message; the evidence has them all.
const NAMED: usize = 3;

pub async fn probe(at: &Region) -> Outcome {
    let zone = &Zone::of(at.account_id(), at.partition()).trusting(at.setting(TRUSTED_ACCOUNTS));
    let people = &OnceCell::new();
    per_key(at, |arn, key| async move {
        if key.key_state() == Some(&KeyState::PendingDeletion) {
            return Ok(Verdict::not_applicable(format!("key {} is pending deletion and cannot be used", name(&key))));
        }
        let (policy, grants) = join!(at.kms().key_policy(&arn), at.kms().key_grants(&arn));
        let powers = match Powers::read(&policy?, &grants?) {
            Ok(powers) => powers,
            Err(why) => return Ok(Verdict::undecided(format!("the policy of key {} {why}", name(&key)))),
        };
        if powers.left_to_iam(zone) == Power::default() {
            return Ok(judge(&key, &powers, zone, None));
        }
        Ok(match people.get_or_init(|| People::ask(at.account())).await {
            Ok(people) => judge(&key, &powers, zone, Some(&people.on(&arn, &powers, zone))),
            // What the key policy breaks by itself is broken whatever IAM says.
            Err(gap) => match judge(&key, &powers, zone, None) {
                broken if broken.status == Status::Fail => broken,
                _ => Verdict::unseen(gap),
            },
        })
    })
    .await
}

/// `by_iam`: what IAM policies add, where the key policy leaves a half to them.
fn judge(key: &KeyMetadata, powers: &Powers, zone: &Zone, by_iam: Option<&ByIam>) -> Verdict {
    let id = name(key);
    let mut reasons = Reasons::new();
    for (principal, power) in powers.named(zone) {
        if is_stranger(principal, zone) {
            reasons.broken(
                "other_account_holds_power",
                format!("{principal} of another account, which is not listed, may {power} key {id}"),
            );
        }
        if power == Power::BOTH {
            reasons.broken("administers_and_uses", format!("{principal} may both administer and use key {id}"));
        }
    }
    let with = |half: fn(Power) -> bool| -> Vec<&str> {
        powers.named(zone).filter(|(_, power)| half(*power)).map(|(principal, _)| principal).collect()
    };
    let (administer, using) = (with(|power| power.administer), with(|power| power.use_));
    let none = ByIam::default();
    let found = by_iam.unwrap_or(&none);
    if !found.both.is_empty() {
        reasons.broken(
            "administers_and_uses_by_iam",
            format!("{} may both administer and use key {id}, by IAM policies", few(&found.both, NAMED)),
        );
    }
    for doubt in &found.doubts {
        reasons.doubt(format!("IAM policies decide on key {id}: {doubt}"));
    }
    reasons
        .or_pass(|| match by_iam {
            Some(_) => format!(
                "the policy of key {id} leaves {} to IAM policies, by which nobody but administrators may both administer and use it",
                powers.left_to_iam(zone).parts()
            ),
            None => format!(
                "key {id} is administered by {} and used by {}, none of them both",
                count(&administer),
                count(&using)
            ),
        })
        .evidence(json!({ "administer": administer, "use": using, "both_by_iam": found.both }))
}

fn count(principals: &[&str]) -> String {
    match principals.len() {
        0 => "the account".into(),
        some => counted(some, "named principal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::types::{GrantListEntry, GrantOperation};
    use posture_estate::identities::fixtures::{allowing, role};
    use posture_estate::key_powers::ADMINISTRATION;
    use posture_estate::services::iam::AuthorizationDetails;

    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/k";

    fn statement(principal: &str, action: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":{action},"Resource":"*"}}"#)
    }

    fn deny(principal: &str, action: &str, rest: &str) -> String {
        format!(r#"{{"Effect":"Deny","Principal":{principal},"Action":{action},"Resource":"*"{rest}}}"#)
    }

    fn with(statements: &[String], grants: &[GrantListEntry], details: &AuthorizationDetails) -> Verdict {
        let zone = &Zone::of("111122223333", "aws");
        let key = KeyMetadata::builder().key_id("k").build().unwrap();
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let powers = Powers::read(&policy, grants).unwrap();
        if powers.left_to_iam(zone) == Power::default() {
            return judge(&key, &powers, zone, None);
        }
        judge(&key, &powers, zone, Some(&People::of(details).on(KEY, &powers, zone)))
    }

    fn of(statements: &[String], grants: &[GrantListEntry]) -> Verdict {
        with(statements, grants, &AuthorizationDetails::default())
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
        let lower = statement(APP, r#"["KMS:putkeypolicy","kms:decrypt"]"#).replace("Principal", "principal");
        assert_eq!(of(&[root(), lower], &[]).status, Status::Fail);
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

    fn people(actions: &str, resource: &str) -> AuthorizationDetails {
        AuthorizationDetails { roles: vec![role("app", &allowing(actions, resource))], ..Default::default() }
    }

    #[test]
    fn what_is_left_to_the_account_iam_policies_decide() {
        let default = &[root()];
        let verdict = of(default, &[]);
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("administration and use to IAM policies"), "{}", verdict.message);
        assert_eq!(with(default, &[], &people("kms:*", "*")).status, Status::Fail);
        assert_eq!(with(default, &[], &people("kms:*", KEY)).status, Status::Fail);
        assert_eq!(with(default, &[], &people("kms:*", &KEY.replace("/k", "/other"))).status, Status::Pass);
        assert_eq!(with(default, &[], &people("kms:Decrypt kms:Encrypt", "*")).status, Status::Pass);
        assert_eq!(with(default, &[], &people("*", "*")).status, Status::Pass, "administrators have everything");
        let mut unread = people("kms:*", "*");
        unread.roles[0] = role("app", "{");
        assert_eq!(with(default, &[], &unread).status, Status::Unknown);
    }

    #[test]
    fn halves_may_come_from_the_key_policy_and_from_iam() {
        let users = &[root(), statement(APP, CRYPT)];
        assert_eq!(with(users, &[], &people("kms:PutKeyPolicy", "*")).status, Status::Fail);
        assert_eq!(with(users, &[], &people("kms:Encrypt", "*")).status, Status::Pass);
        let roots_power = statement("111122223333", MANAGE);
        assert_eq!(of(&[roots_power, statement(APP, CRYPT)], &[]).status, Status::Pass);
    }

    #[test]
    fn tags_leave_doubt() {
        let tagged = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}"#;
        let details = AuthorizationDetails { roles: vec![role("app", tagged)], ..Default::default() };
        assert_eq!(with(&[root()], &[], &details).status, Status::Unknown);
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
    fn a_deny_counts_for_what_it_denies() {
        let both = || vec![root(), statement(ADMIN, MANAGE), statement(APP, r#""kms:*""#)];
        let and = |deny: String| of(&[both(), vec![deny]].concat(), &[]).status;
        let app = format!(r#"{{"AWS":"{APP}"}}"#);
        let administration = ADMINISTRATION.iter().map(|a| format!("\"{a}\"")).collect::<Vec<_>>().join(",");
        let administration = format!("[{administration}]");
        assert_eq!(and(deny(&app, &administration, "")), Status::Pass);
        assert_eq!(and(deny(&app, r#"["kms:Put*","kms:*Deletion"]"#, "")), Status::Fail, "disabling is left");
        assert_eq!(and(deny(r#""*""#, r#""kms:ScheduleKeyDeletion""#, "")), Status::Fail, "the rest is left");
        let others = format!(r#","Condition":{{"ArnNotEquals":{{"aws:PrincipalArn":"{ADMIN}"}}}}"#);
        assert_eq!(and(deny(r#""*""#, &administration, &others)), Status::Pass);
    }
}
