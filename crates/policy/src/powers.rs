//! Which single actions a resource policy leaves to each AWS principal that it names.

use std::collections::{BTreeMap, BTreeSet};

use super::caller::Caller;
use super::document::{Document, Principal, Principals, Set, Statement};
use super::pattern::Pattern;
use super::remains::{Cell, remains};

/// See [`super::powers`].
pub fn powers<'a>(document: &Document, actions: &[&'a str]) -> Result<BTreeMap<String, BTreeSet<&'a str>>, String> {
    let mut held: BTreeMap<String, BTreeSet<&'a str>> = BTreeMap::new();
    for allow in document.allows() {
        let Some(Principals::Only(list)) = &allow.principals else { continue };
        for principal in list {
            let caller = match principal {
                Principal::Account(_) | Principal::Arn(_) => Caller::Named(principal),
                Principal::Everyone if allow.conditions.is_empty() => Caller::Everyone,
                _ => continue,
            };
            for action in actions {
                let pattern = Pattern::action(action);
                if allow.actions.covers(&pattern) && stays(document, allow, pattern, caller)? {
                    held.entry(principal.to_string()).or_default().insert(action);
                }
            }
        }
    }
    Ok(held)
}

/// Whether something of the grant is left beside the Denies, on any of its resources.
fn stays(document: &Document, allow: &Statement, action: Pattern, caller: Caller<'_>) -> Result<bool, String> {
    let everything = [Pattern::wild("*", false)];
    let resources = match &allow.resources {
        Some(Set::Only(patterns)) => &patterns[..],
        _ => &everything,
    };
    for resource in resources {
        let cell = Cell { action: action.clone(), resource: Some(resource.clone()) };
        if !remains(document, allow, &cell, caller, &mut |_| false)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
