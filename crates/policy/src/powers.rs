//! Which single actions a resource policy leaves to whom, everyone under a condition included: what the condition names holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::arn::{Arn, is_account};
use super::caller::Caller;
use super::decision::Zone;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::handing_on::only_for_services;
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::pattern::Pattern;
use super::remains::{Branch, Cell, remains};

/// Who holds a power.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// An account, which hands on what it holds by IAM policies.
    Account(String),
    /// A user, role or session by its ARN; where a condition names it, with wildcards.
    Principal(String),
    /// Every principal of an account, whatever its IAM policies say.
    Members(String),
    /// Every principal of an organization.
    Organization(String),
    /// A principal by an id that does not show its account.
    Id(String),
    /// Everyone, perhaps from some network only.
    Everyone,
}

impl Party {
    /// What a principal's text stands for: an account by its number or root ARN, else a user, role or session.
    pub fn named(text: &str) -> Self {
        match Arn::parse(text) {
            _ if is_account(text) => Self::Account(text.to_owned()),
            Some(arn) if arn.resource == "root" => Self::Account(arn.account.to_owned()),
            _ => Self::Principal(text.to_owned()),
        }
    }

    /// The account that it is in, where that shows.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) | Self::Members(id) => Some(id),
            Self::Principal(arn) => Arn::parse(arn).map(|arn| arn.account),
            _ => None,
        }
    }

    /// Whether the principal with this ARN is of the party, the account's own word left out.
    pub fn includes(&self, arn: &str, zone: &Zone) -> bool {
        let account = || Arn::parse(arn).map(|arn| arn.account);
        match self {
            Self::Account(_) | Self::Id(_) => false,
            Self::Principal(pattern) => Pattern::wild(pattern, false).covers(&Pattern::wild(arn, false)),
            Self::Members(id) => account() == Some(id),
            Self::Organization(id) => {
                zone.organization.as_ref() == Some(id) && account().is_some_and(|id| zone.has(id))
            }
            Self::Everyone => true,
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(text) | Self::Principal(text) | Self::Id(text) => out.write_str(text),
            Self::Members(account) => write!(out, "every principal of account {account}"),
            Self::Organization(id) => write!(out, "every principal of organization {id}"),
            Self::Everyone => out.write_str("everyone"),
        }
    }
}

/// What a policy leaves to whom, and what cannot be told beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Powers<'a> {
    pub held: BTreeMap<Party, BTreeSet<&'a str>>,
    pub doubts: Vec<String>,
}

/// See [`super::powers`].
pub fn powers<'a>(document: &Document, actions: &[&'a str], zone: &Zone) -> Powers<'a> {
    let mut powers = Powers::default();
    for allow in document.allows() {
        let everyone = [Principal::Everyone];
        let list = match &allow.principals {
            Some(Principals::Only(list)) => &list[..],
            Some(Principals::Except(_)) => &everyone,
            None => continue,
        };
        for principal in list {
            let (caller, party) = match principal {
                Principal::Account(id) => (Caller::Named(principal), Some(Party::Account(id.clone()))),
                Principal::Arn(text) | Principal::Federated(text) => {
                    (Caller::Named(principal), Some(Party::Principal(text.clone())))
                }
                Principal::Canonical(id) => (Caller::Named(principal), Some(Party::Id(id.clone()))),
                Principal::Everyone => (Caller::Everyone, None),
                Principal::Deleted(_) | Principal::OriginAccess(_) | Principal::Service(_) => continue,
            };
            for action in actions {
                powers.add(document, allow, caller, party.as_ref(), action, zone);
            }
        }
    }
    powers.doubts.sort();
    powers.doubts.dedup();
    powers
}

impl<'a> Powers<'a> {
    /// What is left of one action of a grant beside the Denies, on any of its resources.
    fn add(
        &mut self,
        document: &Document,
        allow: &Statement,
        caller: Caller<'_>,
        party: Option<&Party>,
        action: &'a str,
        zone: &Zone,
    ) {
        let pattern = Pattern::action(action);
        if !allow.actions.covers(&pattern) {
            return;
        }
        let everything = [Pattern::wild("*", false)];
        let resources = match &allow.resources {
            Some(Set::Only(patterns)) => &patterns[..],
            _ => &everything,
        };
        for resource in resources {
            let cell = Cell { action: pattern.clone(), resource: Some(resource.clone()) };
            let branches = match remains(document, allow, &cell, caller, &mut |_| false) {
                Ok(branches) => branches,
                Err(why) => {
                    self.doubts.push(why);
                    continue;
                }
            };
            let for_services =
                |branch: &&Branch<'_>| only_for_services(action, branch.facts.iter().map(|fact| &fact.literal), zone);
            for branch in branches.iter().filter(|branch| !for_services(branch)) {
                let parties = match party {
                    Some(party) => Ok(vec![party.clone()]),
                    None => behind(branch, zone),
                };
                match parties {
                    Ok(parties) => {
                        for party in parties {
                            self.held.entry(party).or_default().insert(action);
                        }
                    }
                    Err(why) => self.doubts.push(format!("{allow}: it cannot be told {why}")),
                }
            }
        }
    }
}

/// What a condition says of a request, by its key.
#[derive(PartialEq)]
enum About {
    Caller,
    /// For whom a service calls.
    Source,
    /// From where.
    Network,
    /// By which service.
    Road,
}

fn about(key: &str) -> About {
    match key {
        "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:sourcearn"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "lambda:sourcefunctionarn" => About::Source,
        "aws:sourceip" | "aws:sourcevpc" | "aws:sourcevpce" | "aws:sourcevpcarn" | "aws:vpceaccount"
        | "aws:vpceorgid" | "aws:vpceorgpaths" => About::Network,
        "kms:viaservice" => About::Road,
        _ => About::Caller,
    }
}

/// Whom everyone comes to under the conditions of a branch; nobody where only services are left, which are not counted.
fn behind(branch: &Branch<'_>, zone: &Zone) -> Result<Vec<Party>, String> {
    let mut callers: Vec<Vec<Party>> = branch.among.iter().map(|list| spared(list)).collect();
    let mut sources: Option<Vec<Party>> = None;
    let mut through_service = false;
    let mut unsure = None;
    for fact in &branch.facts {
        let condition = fact.literal.condition;
        let there = branch.requires(&condition.key);
        let about = about(&condition.key);
        through_service |= about == About::Road && fact.literal.demands(false);
        match narrow(&fact.literal, there, Rule::Meaning) {
            Narrowing::Nobody => return Ok(Vec::new()),
            Narrowing::Unknown(why) => unsure = Some(why),
            Narrowing::Nothing(_) => {}
            Narrowing::To(pins) => match about {
                // The ARNs say more than the accounts in them.
                About::Caller if condition.key == "aws:principalarn" => {
                    callers.insert(0, condition.values.iter().map(|v| Party::Principal(v.text().to_owned())).collect());
                }
                About::Caller => callers.push(parties(&pins, zone)),
                About::Source => sources = Some(parties(&pins, zone)),
                About::Network | About::Road => {}
            },
        }
    }
    let own = |party: &Party| match party {
        Party::Members(id) => zone.has(id),
        Party::Organization(id) => zone.organization.as_ref() == Some(id),
        _ => false,
    };
    // Accounts say more than organizations, and both more than an id.
    callers.sort_by_key(|list| list.iter().max().cloned());
    match (callers.into_iter().next(), sources, unsure) {
        // "All principals of the account that are authorized to use" a service: that service's permissions decide.
        (Some(list), _, _) => Ok(list.into_iter().filter(|party| !(through_service && own(party))).collect()),
        (None, Some(list), _) => Ok(list.into_iter().filter(|party| !own(party)).collect()),
        (None, None, Some(why)) => Err(why),
        (None, None, None) => Ok(vec![Party::Everyone]),
    }
}

/// Those whom a Deny with `NotPrincipal` spares.
fn spared(principals: &[Principal]) -> Vec<Party> {
    let party = |principal: &Principal| match principal {
        Principal::Account(id) => Some(Party::Members(id.clone())),
        Principal::Arn(text) | Principal::Federated(text) => Some(Party::Principal(text.clone())),
        Principal::Canonical(id) => Some(Party::Id(id.clone())),
        Principal::Everyone => Some(Party::Everyone),
        Principal::Deleted(_) | Principal::OriginAccess(_) | Principal::Service(_) => None,
    };
    principals.iter().filter_map(party).collect()
}

fn parties(pins: &[Pin], zone: &Zone) -> Vec<Party> {
    let party = |pin: &Pin| match pin {
        Pin::Account(id) => Some(Party::Members(id.clone())),
        Pin::Owner => Some(Party::Members(zone.account.clone())),
        Pin::Organization(id) => Some(Party::Organization(id.clone())),
        Pin::Id(id) => Some(Party::Id(id.clone())),
        Pin::Federated(name) => Some(Party::Principal(name.clone())),
        Pin::Service(_) | Pin::AnyService | Pin::Named(_) => None,
        Pin::Network(_) => Some(Party::Everyone),
    };
    pins.iter().filter_map(party).collect()
}
