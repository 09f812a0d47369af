//! Are those who administer a key others than those who use it? Powers are read from the key policy and the grants. The account
//! root principal stands for "whoever IAM allows": what a policy leaves to it alone, the account's IAM policies decide, and those
//! are read then.

use super::{name, per_key};
use crate::prelude::*;
use aws_sdk_kms::types::KeyMetadata;
use posture_estate::key_powers::{ByIam, People, Power, Powers, Standing, standing};
use posture_estate::text::{counted, few};
use posture_policy::Zone;
use tokio::sync::OnceCell;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(key_admin_and_use_separated.trusted_accounts);

/// Names in a message; the evidence has them all.
const NAMED: usize = 3;

pub async fn probe(at: &Region) -> Outcome {
    let zone = &at.account().zone().trusting(at.setting(TRUSTED_ACCOUNTS));
    let people = &OnceCell::new();
    per_key(at, |arn, key| async move {
        let (policy, grants) = join!(at.kms().key_policy(&arn), at.kms().key_grants(&arn));
        let powers = match Powers::read(&policy?, &grants?, zone) {
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
pub(super) fn judge(key: &KeyMetadata, powers: &Powers, zone: &Zone, by_iam: Option<&ByIam>) -> Verdict {
    let id = name(key);
    let mut reasons = Reasons::new();
    for (party, power) in powers.named(zone) {
        match standing(party, zone) {
            Standing::Ours => {}
            Standing::Stranger => reasons.broken(
                "other_account_holds_power",
                format!("{party}, from outside and not listed, may {power} key {id}"),
            ),
            Standing::Unknown(why) => reasons.doubt(format!("{party} may {power} key {id}, and {why}")),
        }
        if power == Power::BOTH {
            reasons.broken("administers_and_uses", format!("{party} may both administer and use key {id}"));
        }
    }
    for doubt in &powers.doubts {
        reasons.doubt(format!("the policy of key {id} cannot be decided: {doubt}"));
    }
    let with = |half: fn(Power) -> bool| -> Vec<String> {
        powers.named(zone).filter(|(_, power)| half(*power)).map(|(party, _)| party.to_string()).collect()
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

fn count(principals: &[String]) -> String {
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
        let powers = Powers::read(&policy, grants, zone).unwrap();
        if powers.left_to_iam(zone) == Power::default() {
            return judge(&key, &powers, zone, None);
        }
        judge(&key, &powers, zone, Some(&People::of(details, zone).on(KEY, &powers, zone)))
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
        let unread = AuthorizationDetails { roles: vec![role("app", "{")], ..Default::default() };
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

    fn everyone(actions: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":"*","Action":{actions},"Resource":"*","Condition":{{{condition}}}}}"#)
    }

    #[test]
    fn everyone_under_a_condition_is_whom_the_condition_names() {
        for condition in [
            r#""StringEquals":{"kms:CallerAccount":"999999999999"}"#,
            r#""StringLike":{"kms:CallerAccount":"999999999999"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"999999999999"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":["111122223333","999999999999"]}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-stranger"}"#,
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-stranger/*"}"#,
            r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/x"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/*"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"111122223333"}"#,
            r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#,
            r#""StringEquals":{"aws:userid":"AIDASOMEBODY"}"#,
            r#""StringEquals":{"aws:SourceAccount":"999999999999"}"#,
            r#""StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#,
            r#""StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}"#,
            r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-ours/*"}"#,
        ] {
            for actions in [r#""kms:*""#, r#"["kms:Decrypt","kms:PutKeyPolicy"]"#] {
                assert_eq!(of(&[root(), everyone(actions, condition)], &[]).status, Status::Fail, "{condition}");
            }
        }
        let unless = |condition: &str| {
            let but = format!(r#","Condition":{{{condition}}}"#);
            of(&[root(), everyone(r#""kms:*""#, ""), deny(r#""*""#, r#""kms:*""#, &but)], &[]).status
        };
        assert_eq!(unless(r#""StringNotEquals":{"aws:PrincipalAccount":"999999999999"}"#), Status::Fail);
        let but_one = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"kms:*","Resource":"*"}"#;
        assert_eq!(of(&[root(), but_one.into()], &[]).status, Status::Fail);
        for doubtful in [
            (CRYPT, r#""StringEquals":{"aws:PrincipalOrgID":"o-whose"}"#),
            (CRYPT, r#""StringLike":{"aws:userid":"AROASOMEROLE12345678:*"}"#),
            (r#""kms:*""#, r#""StringEqualsIfExists":{"aws:PrincipalAccount":"111122223333"}"#),
        ] {
            assert_eq!(of(&[root(), everyone(doubtful.0, doubtful.1)], &[]).status, Status::Unknown, "{}", doubtful.1);
        }
    }

    #[test]
    fn everyone_of_the_account_with_one_half_is_not_both() {
        let own = r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#;
        let through =
            r#""StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"rds.eu-west-1.amazonaws.com"}"#;
        let service = r#"["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:CreateGrant","kms:ListGrants","kms:DescribeKey"]"#;
        assert_eq!(of(&[root(), everyone(CRYPT, own)], &[]).status, Status::Pass);
        assert_eq!(of(&[root(), everyone(service, through)], &[]).status, Status::Pass, "as AWS documents for RDS");
        assert_eq!(of(&[root(), statement(ADMIN, MANAGE), everyone(service, through)], &[]).status, Status::Pass);
        let stranger = through.replace("111122223333", "999999999999");
        assert_eq!(of(&[root(), everyone(service, &stranger)], &[]).status, Status::Fail);
        assert_eq!(
            of(&[root(), statement(APP, CRYPT), everyone(MANAGE, own)], &[]).status,
            Status::Fail,
            "the app too"
        );
        let by_arn = |arn: &str| format!(r#""ArnLike":{{"aws:PrincipalArn":"{arn}"}}"#);
        let split = |administer: &str, use_: &str| {
            of(&[root(), everyone(MANAGE, &by_arn(administer)), everyone(CRYPT, &by_arn(use_))], &[]).status
        };
        assert_eq!(split(ADMIN, APP), Status::Pass);
        assert_eq!(split(ADMIN, ADMIN), Status::Fail);
        assert_eq!(split("arn:aws:iam::111122223333:role/*", APP), Status::Fail);
        assert_eq!(
            split("arn:aws:iam::111122223333:role/admin-*", "arn:aws:iam::111122223333:role/app-*"),
            Status::Pass
        );
        let logs = r#"{"Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"kms:*","Resource":"*"}"#;
        assert_eq!(of(&[root(), logs.into()], &[]).status, Status::Pass, "services are not counted");
        let bucket =
            r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"aws:SourceAccount":"111122223333"}"#;
        assert_eq!(of(&[root(), everyone(r#""kms:*""#, bucket)], &[]).status, Status::Pass, "nor by a condition");
    }

    #[test]
    fn the_organization_of_the_scan_is_no_stranger() {
        let ours = Zone {
            organization: Some("o-ours".into()),
            trusted_accounts: vec!["444455556666".into()],
            ..Zone::of("111122223333", "aws")
        };
        let of = |statement: String| {
            let key = KeyMetadata::builder().key_id("k").build().unwrap();
            let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{},{statement}]}}"#, root());
            judge(&key, &Powers::read(&policy, &[], &ours).unwrap(), &ours, None).status
        };
        assert_eq!(of(statement("arn:aws:iam::444455556666:root", CRYPT)), Status::Pass);
        assert_eq!(of(statement("arn:aws:iam::999999999999:root", CRYPT)), Status::Fail);
        assert_eq!(of(everyone(CRYPT, r#""StringEquals":{"aws:PrincipalOrgID":"o-ours"}"#)), Status::Pass);
        assert_eq!(of(everyone(CRYPT, r#""StringEquals":{"aws:PrincipalOrgID":"o-stranger"}"#)), Status::Fail);
        assert_eq!(
            of(everyone(CRYPT, r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#)),
            Status::Pass
        );
    }

    #[test]
    fn who_may_make_grants_hands_the_key_on() {
        let with_grants = |condition: &str| {
            let grants = everyone(r#""kms:CreateGrant""#, condition)
                .replace(r#""*","Action""#, &format!(r#"{{"AWS":"{APP}"}},"Action""#));
            of(&[root(), statement(ADMIN, MANAGE), statement(APP, CRYPT), grants], &[]).status
        };
        assert_eq!(with_grants(""), Status::Fail);
        assert_eq!(with_grants(r#""Bool":{"kms:GrantIsForAWSResource":"true"}"#), Status::Pass, "as for key users");
    }

    #[test]
    fn who_may_make_grants_by_iam_hands_the_key_on() {
        let of_role = |more: &str| {
            let policy = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}},
                {{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*"{more}}}]}}"#
            );
            let details = AuthorizationDetails { roles: vec![role("app", &policy)], ..Default::default() };
            with(&[root()], &[], &details).status
        };
        assert_eq!(of_role(""), Status::Fail);
        assert_eq!(of_role(r#","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#), Status::Pass);
        let deny = r#"},{"Effect":"Deny","Action":"kms:CreateGrant","Resource":"*","Condition":{"BoolIfExists":{"kms:GrantIsForAWSResource":"false"}}"#;
        assert_eq!(of_role(deny), Status::Pass);
    }
}
