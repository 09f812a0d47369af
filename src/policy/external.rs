//! What a resource policy grants to principals outside the zone of trust.

use super::caller::Caller;
use super::cells::{Target, cells};
use super::decision::{Grant, Grantee, Zone};
use super::document::{Document, Principal, Principals, Statement};
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::remains::{Branch, remains};

/// Every grant to a principal outside the zone.
///
/// # Errors
/// When a condition that may keep a grant inside the zone cannot be decided.
pub fn external(document: &Document, zone: &Zone) -> Result<Vec<Grant>, String> {
    let target = Target::guess(document).unwrap_or_default();
    let mut grants = Vec::new();
    for allow in document.allows() {
        match &allow.principals {
            None => return Err(format!("{allow} names no principal")),
            Some(Principals::Except(_)) => {
                examine(document, allow, Caller::Everyone, zone, &target, &mut grants)?;
            }
            Some(Principals::Only(list)) => {
                for principal in list {
                    let caller = match principal {
                        Principal::Everyone => Caller::Everyone,
                        Principal::Deleted(_) => continue,
                        other if inside(&pin(other), zone) => continue,
                        other => Caller::Named(other),
                    };
                    examine(document, allow, caller, zone, &target, &mut grants)?;
                }
            }
        }
    }
    Ok(grants)
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
        Pin::Account(id) => *id == zone.account || zone.trusted_accounts.contains(id),
        Pin::Organization(id) => zone.organization.as_ref() == Some(id),
        Pin::Owner => true,
        _ => false,
    }
}

fn examine(
    document: &Document,
    allow: &Statement,
    caller: Caller<'_>,
    zone: &Zone,
    target: &Target,
    grants: &mut Vec<Grant>,
) -> Result<(), String> {
    for cell in cells(document, allow, target, None) {
        let mut settled = |branch: &Branch<'_>| stays_inside(branch, zone);
        for branch in remains(document, allow, &cell, caller, &mut settled)? {
            for (kind, principal) in grantees(&branch, caller, zone) {
                let unsure = unsure(&branch);
                if let (Grantee::Everyone, Some(why)) = (kind, unsure) {
                    return Err(format!("{allow}: it cannot be told {why}"));
                }
                record(grants, allow, kind, principal, &branch);
            }
        }
    }
    Ok(())
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

/// Who gets in, as closely as the document says.
fn grantees(branch: &Branch<'_>, caller: Caller<'_>, zone: &Zone) -> Vec<(Grantee, String)> {
    if let Caller::Named(principal) = caller {
        let kind = match principal {
            Principal::Service(_) | Principal::OriginAccess(_) => Grantee::Service,
            Principal::Federated(_) => Grantee::Federated,
            Principal::Canonical(_) => Grantee::Canonical,
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
                Pin::Account(id) => Some((Grantee::Account, id.clone())),
                Pin::Organization(id) => Some((Grantee::Organization, id.clone())),
                Pin::Service(name) => Some((Grantee::Service, name.clone())),
                Pin::AnyService => Some((Grantee::Service, "*".to_owned())),
                Pin::Named(name) => Some((Grantee::Service, name.clone())),
                Pin::Network(_) | Pin::Owner => None,
            })
            .collect()
    };
    // Accounts say most, then organizations, then services and single resources.
    let mut found: Vec<Vec<(Grantee, String)>> = ties.iter().filter_map(names).collect();
    found.sort();
    found.into_iter().next().unwrap_or_else(|| vec![(Grantee::Everyone, "*".to_owned())])
}

fn record(grants: &mut Vec<Grant>, allow: &Statement, kind: Grantee, principal: String, branch: &Branch<'_>) {
    let mut limited_by: Vec<String> = branch.facts.iter().map(|f| f.literal.describe()).collect();
    limited_by.sort();
    limited_by.dedup();
    let same = grants.iter_mut().find(|g| g.statement == allow.number && g.kind == kind && g.principal == principal);
    match same {
        // Several ways in: what limits them all is what they have in common.
        Some(grant) => grant.limited_by.retain(|l| limited_by.contains(l)),
        None => grants.push(Grant { statement: allow.number, kind, principal, actions: allow.actions(), limited_by }),
    }
}
