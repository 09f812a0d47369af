//! Who may administer a KMS key, and who may use it. Powers are read from the key policy and the grants. The account root principal
//! stands for "whoever IAM allows": what a policy leaves to it alone, the account's IAM policies decide.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>

use crate::arn::{self, is_account};
use crate::finding::Gap;
use crate::identities::{Holder, principals};
use crate::place::Account;
use crate::services::iam::AuthorizationDetails;
use aws_sdk_kms::types::{GrantListEntry, GrantOperation};
use posture_policy::{self as policy, Decision, Document, Identity, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// Actions that change who may use the key, or whether anybody can.
pub const ADMINISTRATION: &[&str] = &[
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
pub const USE: &[&str] = &[
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

/// One half of what can be done with a key, both, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Power {
    pub administer: bool,
    pub use_: bool,
}

impl Power {
    pub const BOTH: Self = Self { administer: true, use_: true };

    fn or(self, other: Self) -> Self {
        Self { administer: self.administer || other.administer, use_: self.use_ || other.use_ }
    }

    /// As nouns, for a message.
    pub fn parts(self) -> &'static str {
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
pub struct Powers {
    pub held: BTreeMap<String, Power>,
    /// What the policy gives to the account's root principal, to hand on by IAM policies.
    to_root: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Powers {
    /// From the key policy, JSON, and the grants.
    ///
    /// # Errors
    /// Why the policy cannot be read or decided, ready for a message.
    pub fn read(policy: &str, grants: &[GrantListEntry]) -> Result<Self, String> {
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

    /// Who is named for a power: everyone but the account itself, whose power its IAM policies hand on.
    pub fn named<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = (&'a str, Power)> {
        let own = |p: &str| is_root(p) && account_of(p) == Some(zone.account.as_str());
        self.held.iter().filter(move |(p, _)| !own(p)).map(|(p, power)| (p.as_str(), *power))
    }

    /// What the account itself may hand on by IAM policies.
    fn handed_on(&self, zone: &Zone) -> BTreeSet<&'static str> {
        let own = self.to_root.iter().filter(|(root, _)| account_of(root) == Some(zone.account.as_str()));
        own.flat_map(|(_, actions)| actions.iter().copied()).collect()
    }

    /// The halves that the account may hand on and that no principal is named for; nothing where it may not hand on both.
    pub fn left_to_iam(&self, zone: &Zone) -> Power {
        let all = |some: &mut dyn Iterator<Item = Power>| some.fold(Power::default(), Power::or);
        let named = all(&mut self.named(zone).map(|(_, power)| power));
        let own = |p: &str| is_root(p) && account_of(p) == Some(zone.account.as_str());
        let root = all(&mut self.held.iter().filter(|(p, _)| own(p)).map(|(_, power)| *power));
        if root == Power::BOTH { Power { administer: !named.administer, use_: !named.use_ } } else { Power::default() }
    }
}

/// The users, roles and empty groups that IAM policies give some action of KMS, administrators left out: that they have both powers is
/// what makes them administrators, and other checks judge it.
#[derive(Debug)]
pub struct People {
    known: Vec<(String, Option<String>, Identity)>,
    unread: Vec<String>,
}

/// What IAM policies decide for one key.
#[derive(Debug, Default)]
pub struct ByIam {
    pub both: Vec<String>,
    pub doubts: Vec<String>,
}

impl People {
    /// From the account's authorization details.
    ///
    /// # Errors
    /// The gap, when they were not answered.
    pub async fn ask(at: &Account) -> Result<Self, Gap> {
        at.iam().authorization_details().await.map(|details| Self::of(&details))
    }

    pub fn of(details: &AuthorizationDetails) -> Self {
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
    pub fn on(&self, arn: &str, powers: &Powers, zone: &Zone) -> ByIam {
        let handed_on = powers.handed_on(zone);
        let mut found = ByIam { both: Vec::new(), doubts: self.unread.clone() };
        for (label, own_arn, identity) in &self.known {
            let named = own_arn.as_ref().and_then(|own| powers.held.get(own)).copied().unwrap_or_default();
            let may = |actions: &[&str], named: bool| {
                if named {
                    return Decision::Yes(String::new());
                }
                any(identity, actions.iter().filter(|a| handed_on.contains(*a)), arn)
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

/// The account of a principal: twelve digits, or that of an ARN.
pub fn account_of(principal: &str) -> Option<&str> {
    Some(principal).filter(|id| is_account(id)).or_else(|| arn::account_of(principal))
}

/// Whether the principal is of an account that is neither this one nor trusted.
pub fn is_stranger(principal: &str, zone: &Zone) -> bool {
    account_of(principal).is_some_and(|id| id != zone.account && !zone.trusted_accounts.iter().any(|t| t == id))
}

/// Whether the principal is an account as a whole.
pub fn is_root(principal: &str) -> bool {
    principal.ends_with(":root") || account_of(principal) == Some(principal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:Decrypt","Resource":"*"}]}"#;

    #[test]
    fn the_account_is_not_named_and_what_no_one_is_named_for_is_left_to_it() {
        let powers = Powers::read(POLICY, &[]).unwrap();
        let of = |account: &str| {
            let zone = Zone::of(account, "aws");
            (powers.named(&zone).map(|(_, power)| power).collect::<Vec<_>>(), powers.left_to_iam(&zone))
        };
        let using = Power { administer: false, use_: true };
        assert_eq!(of("111122223333"), (vec![using], Power { administer: true, use_: false }));
        assert_eq!(
            of("444455556666"),
            (vec![Power::BOTH, using], Power::default()),
            "another account hands on nothing here"
        );
    }

    #[test]
    fn a_grant_of_a_service_is_no_power() {
        let grant =
            |to: &str| GrantListEntry::builder().grantee_principal(to).operations(GrantOperation::Decrypt).build();
        let held = |to| Powers::read(r#"{"Version":"2012-10-17","Statement":[]}"#, &[grant(to)]).unwrap().held;
        assert!(held("rds.amazonaws.com").is_empty());
        assert_eq!(
            held("444455556666").values().copied().collect::<Vec<_>>(),
            [Power { administer: false, use_: true }]
        );
        assert!(Powers::read("{", &[]).is_err());
    }

    #[test]
    fn accounts_are_digits_or_in_an_arn() {
        assert!(is_root("111122223333") && is_root("arn:aws:iam::111122223333:root"));
        assert!(!is_root("arn:aws:iam::111122223333:role/app"));
        assert_eq!(account_of("arn:aws:iam::111122223333:role/app"), Some("111122223333"));
    }
}
