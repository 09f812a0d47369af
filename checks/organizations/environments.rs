//! Which accounts are production, by their names, tags and units, and which of them stand together.

use super::words::{has_any, same};
use crate::prelude::*;
use posture_estate::services::organizations::Member;
use posture_estate::services::organizations::tree::Place;
use posture_estate::text::few;
use std::collections::BTreeMap;

/// The names that say what a unit or an account is for.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub security: &'a [String],
    pub infrastructure: &'a [String],
    pub workloads: &'a [String],
    pub production: &'a [String],
    pub non_production: &'a [String],
    pub tags: &'a [String],
}

/// The tags of accounts whose names do not say it.
pub(super) type Tags<'a> = BTreeMap<&'a str, Answer<BTreeMap<String, String>>>;

/// Whether a workload is the business itself, or a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environment {
    Production,
    Other,
}

impl Names<'_> {
    pub(super) fn environment(&self, text: &str) -> Option<Environment> {
        // `non-prod` has `prod` in it.
        match (has_any(text, self.non_production), has_any(text, self.production)) {
            (true, _) => Some(Environment::Other),
            (_, true) => Some(Environment::Production),
            _ => None,
        }
    }

    /// Whether the place is in a unit for security or infrastructure, which has no environments.
    pub(super) fn is_foundation(&self, place: &Place, tree: &[Place]) -> bool {
        let on_the_way = tree.iter().filter(|one| !one.unit.is_root() && place.path.contains(&one.unit.id));
        on_the_way
            .map(|one| &one.unit.name)
            .any(|name| has_any(name, self.security) || has_any(name, self.infrastructure))
    }

    pub(super) fn accounts(&self, place: &Place, tree: &[Place], accounts: &[&Member], tags: &Tags<'_>) -> Verdict {
        let label = place.label();
        if self.is_foundation(place, tree) {
            return Verdict::not_applicable(format!("{label} is for security or infrastructure, not for workloads"));
        }
        let mut reasons = Reasons::new();
        let on_the_way = tree.iter().rev().filter(|one| !one.unit.is_root() && place.path.contains(&one.unit.id));
        let unit = on_the_way.map(|one| &one.unit.name).find_map(|name| self.environment(name));
        let (mut production, mut other, mut silent) = (Vec::new(), Vec::new(), Vec::new());
        for account in accounts {
            let own = self.environment(&account.name).or_else(|| match tags.get(account.id.as_str()) {
                Some(Ok(tags)) => self.tagged(tags),
                Some(Err(gap)) => {
                    reasons.unseen(gap);
                    None
                }
                None => None,
            });
            let named = account.label();
            match own.or(unit) {
                Some(Environment::Production) => production.push(named),
                Some(Environment::Other) => other.push(named),
                None => silent.push(named),
            }
        }
        let seen = json!({ "production": production, "non_production": other, "not_told": silent });
        let beside = |what: &str, which: &[String]| format!("{what} accounts ({})", few(which, 5));
        let mixed = match unit {
            Some(Environment::Production) if !other.is_empty() => Some(beside("non-production", &other)),
            Some(Environment::Other) if !production.is_empty() => Some(beside("production", &production)),
            _ if !production.is_empty() && !other.is_empty() => {
                Some(format!("{} beside {}", beside("production", &production), beside("non-production", &other)))
            }
            _ => None,
        };
        if let Some(which) = mixed {
            reasons.broken("environments_mixed", format!("{label} holds {which}"));
        } else if !silent.is_empty() {
            let which = few(&silent, 5);
            reasons
                .doubt(format!("neither unit, name nor tag says whether accounts in {label} are production: {which}"));
        }
        let kind = if other.is_empty() { "production" } else { "non-production" };
        reasons.or_pass(|| format!("all accounts in {label} are {kind}")).evidence(seen)
    }

    fn tagged(&self, tags: &BTreeMap<String, String>) -> Option<Environment> {
        let of = tags.iter().filter(|(key, _)| self.tags.iter().any(|one| same(one, key)));
        of.map(|(_, value)| value).find_map(|value| self.environment(value))
    }
}
