//! Are those who administer a key others than those who use it? Powers are read from the key policy and the grants. The account
//! root principal stands for "whoever IAM allows": what a policy leaves to it alone, the account's IAM policies decide, and those
//! are read then.

use super::{name, per_key};
use crate::prelude::*;
use aws_sdk_kms::types::{GrantListEntry, GrantOperation, KeyMetadata, KeyState};
use posture_estate::identities::{Holder, principals};
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{self as policy, Decision, Document, Identity, Zone};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::OnceCell;

/// Actions that change who may use the key, or whether anybody can.
const ADMINISTRATION: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:ImportKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:UpdatePrimaryRegion",
];

/// Cryptographic operations.
const USE: &[&str] = &[
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(key_admin_and_use_separated.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let zone = &Zone::of(at.account_id(), at.partition()).trusting(at.setting(TRUSTED_ACCOUNTS));
    let people = &OnceCell::new();
    per_key(at, |arn, key| async move {
        if key.key_state() == Some(&KeyState::PendingDeletion) {
            return Ok(Verdict::not_applicable(format!("key {} is pending deletion and cannot be used", name(&key))));
        }
        let (policy, grants) = tokio::join!(at.kms().key_policy(&arn), at.kms().key_grants(&arn));
        let powers = match Powers::read(&policy?, &grants?) {
            Ok(powers) => powers,
            Err(why) => return Ok(Verdict::undecided(format!("the policy of key {} {why}", name(&key)))),
        };
        let left = powers.left_to_iam(zone);
        if left == Power::default() {
            return Ok(judge(&key, &powers, zone, None));
        }
        let people = people
            .get_or_init(|| async {
                at.account().iam().authorization_details().await.map(|details| People::of(&details))
            })
            .await;
        Ok(match people {
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
    let (mut administer, mut using) = (Vec::new(), Vec::new());
    for (principal, power) in &powers.held {
        match account_of(principal) {
            Some(account) if account != zone.account && !zone.trusted_accounts.iter().any(|t| t == account) => {
                reasons.broken(
                    "other_account_holds_power",
                    format!("{principal} of another account, which is not listed, may {power} key {id}"),
                );
            }
            Some(account) if account == zone.account && is_root(principal) => continue,
            _ => {}
        }
        if *power == Power::BOTH {
            reasons.broken("administers_and_uses", format!("{principal} may both administer and use key {id}"));
        }
        administer.extend(power.administer.then_some(principal));
        using.extend(power.use_.then_some(principal));
    }
    let none = ByIam::default();
    let found = by_iam.unwrap_or(&none);
    if !found.both.is_empty() {
        reasons.broken(
            "administers_and_uses_by_iam",
            format!("{} may both administer and use key {id}, by IAM policies", some(&found.both)),
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

/// The first few.
fn some(names: &[String]) -> String {
    const MOST: usize = 3;
    match names.len().saturating_sub(MOST) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..MOST].join(", ")),
    }
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

impl Power {
    const BOTH: Self = Self { administer: true, use_: true };

    fn or(self, other: Self) -> Self {
        Self { administer: self.administer || other.administer, use_: self.use_ || other.use_ }
    }

    fn parts(self) -> &'static str {
        match (self.administer, self.use_) {
            (true, true) => "administration and use",
            (true, false) => "administration",
            _ => "use",
        }
    }
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
#[derive(Debug, Default)]
struct Powers {
    held: BTreeMap<String, Power>,
    /// What the policy gives to the account's root principal, to hand on by IAM policies.
    to_root: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Powers {
    fn read(policy: &str, grants: &[GrantListEntry]) -> Result<Self, String> {
        let document = Document::parse(policy).map_err(|error| format!("cannot be read: {error}"))?;
        let all: Vec<&'static str> = [ADMINISTRATION, USE].concat();
        let mut powers = Self::default();
        // Everyone under a condition is a kind of caller, not a named one; kms_key_policy_not_public judges it.
        let held = policy::powers(&document, &all).map_err(|why| format!("cannot be decided: {why}"))?;
        for (principal, actions) in held {
            let has = |some: &[&str]| some.iter().any(|action| actions.contains(action));
            powers.add(&principal, Power { administer: has(ADMINISTRATION), use_: has(USE) });
            if is_root(&principal) {
                powers.to_root.entry(principal).or_default().extend(actions);
            }
        }
        for grant in grants {
            let uses = grant.operations().iter().any(is_use);
            if let Some(principal) = grant.grantee_principal().filter(|p| uses && !p.ends_with(".amazonaws.com")) {
                powers.add(principal, Power { administer: false, use_: true });
            }
        }
        Ok(powers)
    }

    fn add(&mut self, principal: &str, power: Power) {
        let held = self.held.entry(principal.to_owned()).or_default();
        *held = held.or(power);
    }

    /// What the account itself may hand on by IAM policies.
    fn handed_on(&self, zone: &Zone) -> BTreeSet<&'static str> {
        let own = self.to_root.iter().filter(|(root, _)| account_of(root) == Some(zone.account.as_str()));
        own.flat_map(|(_, actions)| actions.iter().copied()).collect()
    }

    /// The halves that the account may hand on and that no principal is named for; nothing where it may not hand on both.
    fn left_to_iam(&self, zone: &Zone) -> Power {
        let own = |p: &str| is_root(p) && account_of(p) == Some(zone.account.as_str());
        let (root, named): (Vec<_>, Vec<_>) = self.held.iter().partition(|(p, _)| own(p));
        let all = |some: Vec<(&String, &Power)>| some.into_iter().fold(Power::default(), |all, (_, p)| all.or(*p));
        let (root, named) = (all(root), all(named));
        match root == Power::BOTH {
            true => Power { administer: !named.administer, use_: !named.use_ },
            false => Power::default(),
        }
    }
}

/// The users, roles and empty groups that IAM policies give some action of KMS, administrators left out: that they have both powers is
/// what makes them administrators, and other checks judge it.
struct People {
    known: Vec<(String, Option<String>, Identity)>,
    unread: Vec<String>,
}

/// What IAM policies decide for one key.
#[derive(Debug, Default)]
struct ByIam {
    both: Vec<String>,
    doubts: Vec<String>,
}

impl People {
    fn of(details: &AuthorizationDetails) -> Self {
        let mut people = Self { known: Vec::new(), unread: Vec::new() };
        for holder in principals(details) {
            match holder.identity(details) {
                Err(why) => people.unread.push(format!("what {} may do is not known: {why}", holder.label())),
                Ok(identity) if touches_keys(&identity) && !policy::is_admin(&identity).is_yes() => {
                    people.known.push((holder.label(), arn_of(&holder), identity));
                }
                Ok(_) => {}
            }
        }
        people
    }

    /// Who has both powers over a key, by IAM alone or together with what the key policy names them for.
    fn on(&self, arn: &str, powers: &Powers, zone: &Zone) -> ByIam {
        let handed_on = powers.handed_on(zone);
        let mut found = ByIam { both: Vec::new(), doubts: self.unread.clone() };
        for (label, own_arn, identity) in &self.known {
            let named = own_arn.as_ref().and_then(|own| powers.held.get(own)).copied().unwrap_or_default();
            let may = |actions: &[&str], named: bool| match named {
                true => Decision::Yes(String::new()),
                false => any(identity, actions.iter().filter(|a| handed_on.contains(*a)), arn),
            };
            match (may(ADMINISTRATION, named.administer), may(USE, named.use_)) {
                // Both by name: told already.
                _ if named == Power::BOTH => {}
                (Decision::No(_), _) | (_, Decision::No(_)) => {}
                (Decision::Yes(_), Decision::Yes(_)) => found.both.push(label.clone()),
                (Decision::CannotTell(why), _) | (_, Decision::CannotTell(why)) => {
                    found.doubts.push(format!("whether {label} may both administer and use it is not known: {why}"));
                }
            }
        }
        found
    }
}

fn touches_keys(identity: &Identity) -> bool {
    let documents: Vec<&Document> = identity.policies.iter().map(|(_, document)| document).collect();
    [ADMINISTRATION, USE].concat().iter().any(|action| !policy::allows_anywhere(&documents, action).is_no())
}

fn arn_of(holder: &Holder<'_>) -> Option<String> {
    match holder {
        Holder::User(user) => user.arn.clone(),
        Holder::Role(role) => role.arn.clone(),
        Holder::Group(_) => None,
    }
}

/// Whether one of the actions is allowed on the key.
fn any<'a>(identity: &Identity, actions: impl Iterator<Item = &'a &'a str>, arn: &str) -> Decision {
    let mut answer = Decision::No("none of the actions".into());
    for action in actions {
        match policy::allows_on(identity, action, arn) {
            yes @ Decision::Yes(_) => return yes,
            unsure @ Decision::CannotTell(_) => answer = unsure,
            Decision::No(_) => {}
        }
    }
    answer
}

fn is_use(operation: &GrantOperation) -> bool {
    USE.iter().any(|action| action.strip_prefix("kms:") == Some(operation.as_str()))
}

/// The account in a principal: 12 digits, or the fifth field of an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let is_account = |id: &&str| posture_estate::arn::is_account(id);
    Some(principal).filter(is_account).or_else(|| posture_estate::arn::account_of(principal))
}

fn is_root(principal: &str) -> bool {
    principal.ends_with(":root") || account_of(principal) == Some(principal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{allowing, role};

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
        match powers.left_to_iam(zone) == Power::default() {
            true => judge(&key, &powers, zone, None),
            false => judge(&key, &powers, zone, Some(&People::of(details).on(KEY, &powers, zone))),
        }
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
