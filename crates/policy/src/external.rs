//! What a resource policy grants to principals outside the zone of trust.

use super::aws_owned;
use super::caller::Caller;
use super::cells::{Target, Wanted, cells};
use super::decision::{Grant, Grantee, Zone};
use super::document::{Document, Principal, Principals, Set, Statement};
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::pattern::Pattern;
use super::remains::{Branch, remains};

/// Every grant to a principal outside the zone, and what cannot be decided beside them; with `wanted`, of those actions alone.
pub fn external(document: &Document, zone: &Zone, wanted: Option<Wanted<'_>>) -> (Vec<Grant>, Vec<String>) {
    let target = Target::guess(document).unwrap_or_default();
    let mut grants = Vec::new();
    let mut doubts = Vec::new();
    let question = Question { document, zone, target: &target, wanted };
    for allow in document.allows() {
        let mut look = |caller| question.examine(allow, caller, &mut grants, &mut doubts);
        match &allow.principals {
            None => doubts.push(format!("{allow} names no principal")),
            Some(Principals::Except(_)) => look(Caller::Everyone),
            Some(Principals::Only(list)) => {
                for principal in list {
                    let caller = match principal {
                        Principal::Everyone => Caller::Everyone,
                        Principal::Deleted(_) => continue,
                        other if inside(&pin(other), zone) => continue,
                        other => Caller::Named(other),
                    };
                    look(caller);
                }
            }
        }
    }
    doubts.dedup();
    (grants, doubts)
}

fn pin(principal: &Principal) -> Pin {
    match principal.account() {
        Some(account) => Pin::Account(account.to_owned()),
        None => Pin::Named(principal.to_string()),
    }
}

/// Whether a pin ties callers to the zone.
fn inside(pin: &Pin, zone: &Zone) -> bool {
    match pin {
        Pin::Account(id) => zone.has(id),
        Pin::Organization(id) => zone.organization.as_ref() == Some(id),
        Pin::Owner => true,
        _ => false,
    }
}

/// What is asked of each statement.
struct Question<'a> {
    document: &'a Document,
    zone: &'a Zone,
    target: &'a Target,
    wanted: Option<Wanted<'a>>,
}

impl Question<'_> {
    fn examine(&self, allow: &Statement, caller: Caller<'_>, grants: &mut Vec<Grant>, doubts: &mut Vec<String>) {
        let &Self { document, zone, target, wanted } = self;
        let mut found: Vec<Grant> = Vec::new();
        let mut called: Vec<(usize, Pattern)> = Vec::new();
        for cell in cells(document, allow, target, wanted) {
            let mut settled = |branch: &Branch<'_>| stays_inside(branch, zone);
            let branches = match remains(document, allow, &cell, caller, &mut settled) {
                Ok(branches) => branches,
                Err(why) => {
                    doubts.push(why);
                    continue;
                }
            };
            for branch in branches {
                for (kind, principal) in grantees(&branch, caller, zone, &cell.action) {
                    match unsure(&branch) {
                        Some(why) if kind == Grantee::Everyone => {
                            doubts.push(format!("{allow}: it cannot be told {why}"));
                        }
                        _ => called.push((record(&mut found, allow, kind, principal, &branch), cell.action.clone())),
                    }
                }
            }
        }
        for (index, grant) in found.iter_mut().enumerate() {
            grant.actions = left(allow, called.iter().filter(|(of, _)| *of == index).map(|(_, action)| action));
        }
        found.retain(|grant| !grants.contains(grant));
        grants.extend(found);
    }
}

/// The statement's actions as it writes them, without those that a Deny takes away whole.
pub(super) fn left<'a>(allow: &Statement, called: impl Iterator<Item = &'a Pattern>) -> Vec<String> {
    match &allow.actions {
        Set::Only(patterns) => {
            let called: Vec<&Pattern> = called.collect();
            let kept = patterns.iter().filter(|p| called.iter().any(|c| p.overlaps(c)));
            kept.map(|p| p.text().to_owned()).collect()
        }
        Set::Except(_) => allow.actions(),
    }
}

fn narrowings(branch: &Branch<'_>) -> impl Iterator<Item = (Narrowing, String)> {
    branch.facts.iter().map(|fact| {
        let present = branch.requires(&fact.literal.condition.key);
        (narrow(&fact.literal, present, Rule::Meaning), fact.literal.describe())
    })
}

fn stays_inside(branch: &Branch<'_>, zone: &Zone) -> bool {
    let all_in = |pins: &[Pin]| pins.iter().all(|p| inside(p, zone));
    branch.listed().iter().any(|pins| all_in(pins))
        || narrowings(branch).any(|(n, _)| match n {
            Narrowing::Nobody => true,
            Narrowing::To(pins) => all_in(&pins),
            _ => false,
        })
}

fn unsure(branch: &Branch<'_>) -> Option<String> {
    narrowings(branch).find_map(|(n, _)| match n {
        Narrowing::Unknown(why) => Some(why),
        _ => None,
    })
}

/// Who gets in by this action, as closely as the document says.
fn grantees(branch: &Branch<'_>, caller: Caller<'_>, zone: &Zone, action: &Pattern) -> Vec<(Grantee, String)> {
    // An account of AWS's own is the service that it delivers for, in what that service's page grants it.
    let of_aws = |id: Option<&str>| id.is_some_and(|id| aws_owned::granted(id, action).is_some());
    if let Caller::Named(principal) = caller {
        let kind = match principal {
            Principal::Service(_) | Principal::OriginAccess(_) => Grantee::Service,
            Principal::Federated(_) => Grantee::Federated,
            Principal::Canonical(id) if of_aws(Some(id)) => Grantee::Service,
            Principal::Canonical(_) => Grantee::Canonical,
            _ if of_aws(principal.account()) => Grantee::Service,
            _ => Grantee::Account,
        };
        return vec![(kind, principal.to_string())];
    }
    let mut ties: Vec<Vec<Pin>> = branch.listed();
    ties.extend(narrowings(branch).filter_map(|(n, _)| match n {
        Narrowing::To(pins) => Some(pins),
        _ => None,
    }));
    let names = |pins: &Vec<Pin>| -> Option<Vec<(Grantee, String)>> {
        pins.iter()
            .filter(|p| !inside(p, zone))
            .map(|p| match p {
                Pin::Account(id) if of_aws(Some(id)) => Some((Grantee::Service, id.clone())),
                Pin::Account(id) => Some((Grantee::Account, id.clone())),
                Pin::Organization(id) => Some((Grantee::Organization, id.clone())),
                Pin::Service(name) => Some((Grantee::Service, name.clone())),
                Pin::AnyService => Some((Grantee::Service, "*".to_owned())),
                Pin::Named(name) => Some((Grantee::Service, name.clone())),
                Pin::Federated(name) => Some((Grantee::Federated, name.clone())),
                Pin::Id(id) if of_aws(Some(id)) => Some((Grantee::Service, id.clone())),
                Pin::Id(id) => Some((Grantee::Canonical, id.clone())),
                Pin::Network(_) | Pin::Owner => None,
            })
            .collect()
    };
    // Accounts say most, then organizations, then services and single resources.
    let mut found: Vec<Vec<(Grantee, String)>> = ties.iter().filter_map(names).collect();
    found.sort();
    // A network limits everyone; that an id beside it does not show its account takes nothing from that.
    let network = ties.iter().any(|pins| pins.iter().all(|pin| matches!(pin, Pin::Network(_))));
    found.retain(|list| !(network && list.iter().all(|(kind, _)| *kind == Grantee::Canonical)));
    found.into_iter().next().unwrap_or_else(|| vec![(Grantee::Everyone, "*".to_owned())])
}

/// The place of the grant among those found.
fn record(grants: &mut Vec<Grant>, allow: &Statement, kind: Grantee, principal: String, branch: &Branch<'_>) -> usize {
    let mut limited_by: Vec<String> = branch.facts.iter().map(|f| f.literal.describe()).collect();
    limited_by.sort();
    limited_by.dedup();
    let tied = !branch.among.is_empty() || narrowings(branch).any(|(n, _)| matches!(n, Narrowing::To(_)));
    match grants.iter().position(|g| g.kind == kind && g.principal == principal) {
        Some(index) => {
            // Several ways in: what limits them all is what they have in common.
            grants[index].limited_by.retain(|l| limited_by.contains(l));
            grants[index].tied &= tied;
            index
        }
        None => {
            let actions = Vec::new();
            grants.push(Grant { statement: allow.number, kind, principal, actions, limited_by, tied });
            grants.len() - 1
        }
    }
}
