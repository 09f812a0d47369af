//! Who may administer a KMS key, and who may use it. Powers are read from the key policy and the grants. The account root principal
//! stands for "whoever IAM allows": what a policy leaves to it alone, the account's IAM policies decide.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>

use crate::arn::Arn;
use crate::finding::Gap;
use crate::identities::{Holder, principals};
use crate::place::Account;
use crate::services::iam::AuthorizationDetails;
use aws_sdk_kms::types::{GrantListEntry, GrantOperation};
use posture_policy::{self as policy, Decision, Document, Identity, Party, Zone};
use std::collections::{BTreeMap, BTreeSet};

use actions::BY_GRANT;
pub use actions::{ADMINISTRATION, USE};

mod actions;

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
    pub held: BTreeMap<Party, Power>,
    /// What cannot be told of the policy.
    pub doubts: Vec<String>,
    /// What the policy gives to the account's root principal, to hand on by IAM policies.
    handed_on: BTreeSet<&'static str>,
}

impl Powers {
    /// From the key policy, JSON, and the grants.
    ///
    /// # Errors
    /// Why the policy cannot be read, ready for a message.
    pub fn read(policy: &str, grants: &[GrantListEntry], zone: &Zone) -> Result<Self, String> {
        let document = zone.parse(policy).map_err(|error| format!("cannot be read: {error}"))?;
        let all: Vec<&'static str> = [ADMINISTRATION.as_slice(), USE].concat();
        let read = policy::powers(&document, &all, zone);
        let mut powers = Self { doubts: read.doubts, ..Self::default() };
        let of_service = |party: &Party| matches!(party, Party::Principal(arn) if is_of_service(arn) && Arn::parse(arn).is_some_and(|arn| zone.has(arn.account)));
        for (party, actions) in read.held.into_iter().filter(|(party, _)| !of_service(party)) {
            let has = |some: &[&str]| some.iter().any(|action| actions.contains(action));
            let power = Power { administer: has(&ADMINISTRATION), use_: has(USE) };
            if is_own_root(&party, zone) {
                powers.handed_on.extend(actions);
            }
            powers.add(party, power);
        }
        for grant in grants {
            let use_ = grant.operations().iter().any(is_use);
            let grantee = grant.grantee_principal().filter(|grantee| use_ && !is_of_service(grantee));
            if let Some(grantee) = grantee {
                // Who holds both may give the use to anyone.
                let administer = grant.operations().contains(&GrantOperation::CreateGrant);
                powers.add(Party::named(grantee), Power { administer, use_ });
            }
        }
        Ok(powers.spread(zone))
    }

    fn add(&mut self, party: Party, power: Power) {
        let held = self.held.entry(party).or_default();
        *held = held.or(power);
    }

    /// What a party holds, each user and role of it that is named beside it holds as well.
    fn spread(mut self, zone: &Zone) -> Self {
        let before = self.held.clone();
        for (party, power) in &mut self.held {
            if let Party::Principal(arn) = party {
                let wider = before.iter().filter(|(wider, _)| wider.includes(arn, zone));
                *power = wider.fold(*power, |sum, (_, more)| sum.or(*more));
            }
        }
        self
    }

    /// Who is named for a power: everyone but the account itself, whose power its IAM policies hand on.
    pub fn named<'a>(&'a self, zone: &'a Zone) -> impl Iterator<Item = (&'a Party, Power)> {
        self.held.iter().filter(move |(party, _)| !is_own_root(party, zone)).map(|(party, power)| (party, *power))
    }

    /// What the policy and the grants give to the user or role with this ARN, by whatever name.
    fn of(&self, arn: &str, zone: &Zone) -> Power {
        let of_it = self.held.iter().filter(|(party, _)| party.includes(arn, zone));
        of_it.fold(Power::default(), |sum, (_, power)| sum.or(*power))
    }

    /// The halves that the account may hand on and that no principal is named for; nothing where it may not hand on both.
    pub fn left_to_iam(&self, zone: &Zone) -> Power {
        let all = |some: &mut dyn Iterator<Item = Power>| some.fold(Power::default(), Power::or);
        let named = all(&mut self.named(zone).map(|(_, power)| power));
        let root = all(&mut self.held.iter().filter(|(party, _)| is_own_root(party, zone)).map(|(_, power)| *power));
        if root == Power::BOTH { Power { administer: !named.administer, use_: !named.use_ } } else { Power::default() }
    }
}

/// The users, roles and empty groups that IAM policies give some action of KMS, administrators left out: that they have both powers is
/// what makes them administrators, and other checks judge it.
#[derive(Debug)]
pub struct People {
    known: Vec<Person>,
    unread: Vec<String>,
}

#[derive(Debug)]
struct Person {
    label: String,
    arn: Option<String>,
    identity: Identity,
    /// The same without grants that only services may make for it.
    handing_on: Identity,
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
        at.iam().authorization_details().await.map(|details| Self::of(&details, &at.zone()))
    }

    pub fn of(details: &AuthorizationDetails, zone: &Zone) -> Self {
        let mut people = Self { known: Vec::new(), unread: Vec::new() };
        for holder in principals(details) {
            match holder.identity(details) {
                Err(why) => people.unread.push(format!("what {} may do is not known: {why}", holder.label())),
                Ok(identity) if touches_keys(&identity) && !policy::is_admin(&identity).is_yes() => {
                    let handing_on = policy::handing_on(&identity, zone);
                    people.known.push(Person { label: holder.label(), arn: arn_of(&holder), identity, handing_on });
                }
                Ok(_) => {}
            }
        }
        people
    }

    /// Who has both powers over a key, by IAM alone or together with what the key policy names them for.
    pub fn on(&self, arn: &str, powers: &Powers, zone: &Zone) -> ByIam {
        let mut found = ByIam { both: Vec::new(), doubts: self.unread.clone() };
        for Person { label, arn: own_arn, identity, handing_on } in &self.known {
            let named = own_arn.as_ref().map(|own| powers.of(own, zone)).unwrap_or_default();
            let may = |actions: &[&'static str], named: bool| {
                if named {
                    return Decision::Yes(String::new());
                }
                any(actions.iter().copied().filter(|action| powers.handed_on.contains(action)), arn, |action| {
                    if BY_GRANT.contains(&action) { handing_on } else { identity }
                })
            };
            match (may(&ADMINISTRATION, named.administer), may(USE, named.use_)) {
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
    [ADMINISTRATION.as_slice(), USE].concat().iter().any(|action| !policy::allows_anywhere(&documents, action).is_no())
}

fn arn_of(holder: &Holder<'_>) -> Option<String> {
    match holder {
        Holder::User(user) => user.arn.clone(),
        Holder::Role(role) => role.arn.clone(),
        Holder::Group(_) => None,
    }
}

/// Whether one of the actions is allowed on the key.
fn any<'a>(actions: impl Iterator<Item = &'a str>, arn: &str, who: impl Fn(&str) -> &'a Identity) -> Decision {
    let mut answer = Decision::No("none of the actions".into());
    for action in actions {
        match policy::allows_on(who(action), action, arn) {
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

/// Whether a grantee is a service: its principal, a role that it is linked to, or a session that EC2 opens for an instance's disks.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
fn is_of_service(grantee: &str) -> bool {
    match Arn::parse(grantee) {
        None => grantee.contains('.'),
        Some(arn) => {
            arn.resource.starts_with("role/aws-service-role/") || arn.resource.starts_with("assumed-role/aws:")
        }
    }
}

fn is_own_root(party: &Party, zone: &Zone) -> bool {
    matches!(party, Party::Account(id) if *id == zone.account)
}

/// How a party that a policy gives power to stands to the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Ours,
    Stranger,
    /// Why it cannot be told.
    Unknown(&'static str),
}

/// Whose a party is.
pub fn standing(party: &Party, zone: &Zone) -> Standing {
    match party {
        Party::Organization(id) => match &zone.organization {
            Some(ours) if ours == id => Standing::Ours,
            Some(_) => Standing::Stranger,
            None => Standing::Unknown("whether that is this account's organization was not seen"),
        },
        Party::Id(_) => Standing::Unknown("that id does not show its account"),
        // Whether everyone is let in, kms_key_policy_not_public judges.
        Party::Everyone => Standing::Ours,
        Party::Account(_) | Party::Members(_) | Party::Principal(_) => match party.account() {
            Some(id) if !zone.has(id) => Standing::Stranger,
            _ => Standing::Ours,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:Decrypt","Resource":"*"}]}"#;

    #[test]
    fn the_account_is_not_named_and_what_no_one_is_named_for_is_left_to_it() {
        let of = |account: &str| {
            let zone = Zone::of(account, "aws");
            let powers = Powers::read(POLICY, &[], &zone).unwrap();
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

    fn held(to: &str, operations: &[GrantOperation]) -> Vec<Power> {
        let grant = GrantListEntry::builder().grantee_principal(to).set_operations(Some(operations.to_vec())).build();
        let zone = Zone::of("111122223333", "aws");
        let powers = Powers::read(r#"{"Version":"2012-10-17","Statement":[]}"#, &[grant], &zone).unwrap();
        powers.held.values().copied().collect()
    }

    #[test]
    fn a_grant_of_a_service_is_no_power() {
        use GrantOperation::{CreateGrant, Decrypt};
        let linked =
            "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
        for service in ["rds.amazonaws.com", "rds.cn-north-1.amazonaws.com.cn", linked] {
            assert!(held(service, &[Decrypt, CreateGrant]).is_empty(), "{service}");
        }
        assert_eq!(held("444455556666", &[Decrypt]), [Power { administer: false, use_: true }]);
        assert!(Powers::read("{", &[], &Zone::of("111122223333", "aws")).is_err());
    }

    #[test]
    fn who_may_make_grants_by_a_grant_hands_the_use_on() {
        // semantics 141
        use GrantOperation::{CreateGrant, Decrypt, DescribeKey};
        let app = "arn:aws:iam::111122223333:role/app";
        assert_eq!(held(app, &[Decrypt, CreateGrant]), [Power::BOTH]);
        assert_eq!(held(app, &[DescribeKey, CreateGrant]), [], "there is nothing to hand on");
    }
}
