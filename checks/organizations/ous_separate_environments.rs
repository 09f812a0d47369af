//! Are security, infrastructure and workloads in units of their own, and production accounts apart from the others?

use super::words::{has_any, same};
use super::{no_organization, over_places};
use crate::prelude::*;
use posture_estate::services::organizations::Member;
use posture_estate::services::organizations::tree::Place;
use posture_estate::text::few;
use std::collections::BTreeMap;

const SECURITY_UNITS: Setting<[String]> = setting!(ous_separate_environments.security_units);
const INFRASTRUCTURE_UNITS: Setting<[String]> = setting!(ous_separate_environments.infrastructure_units);
const WORKLOAD_UNITS: Setting<[String]> = setting!(ous_separate_environments.workload_units);
const PRODUCTION: Setting<[String]> = setting!(ous_separate_environments.production);
const NON_PRODUCTION: Setting<[String]> = setting!(ous_separate_environments.non_production);
const ENVIRONMENT_TAGS: Setting<[String]> = setting!(ous_separate_environments.environment_tags);

/// The names that say what a unit or an account is for.
#[derive(Clone, Copy)]
struct Names<'a> {
    security: &'a [String],
    infrastructure: &'a [String],
    workloads: &'a [String],
    production: &'a [String],
    non_production: &'a [String],
    tags: &'a [String],
}

/// The tags of accounts whose names do not say it.
type Tags<'a> = BTreeMap<&'a str, Answer<BTreeMap<String, String>>>;

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.there() else { return Ok(vec![no_organization(at)]) };
    let names = Names {
        security: at.setting(SECURITY_UNITS),
        infrastructure: at.setting(INFRASTRUCTURE_UNITS),
        workloads: at.setting(WORKLOAD_UNITS),
        production: at.setting(PRODUCTION),
        non_production: at.setting(NON_PRODUCTION),
        tags: at.setting(ENVIRONMENT_TAGS),
    };
    let tree = at.organizations().organization_tree().await?;
    let silent = tree.iter().filter(|place| !names.is_foundation(place, &tree)).flat_map(|place| {
        let accounts = place.bound(&organization.management_account).unwrap_or_default();
        accounts.into_iter().filter(|account| names.environment(&account.name).is_none())
    });
    let asked = silent.map(async |account| (account.id.as_str(), at.organizations().account_tags(&account.id).await));
    let tags: Tags<'_> = join_all(asked).await.into_iter().collect();
    let mut findings = vec![names.units(&tree).sub("units").on(organization.resource())];
    findings.extend(over_places(organization, &tree, "units", |place, accounts| names.accounts(place, &tree, accounts, &tags)));
    Ok(findings)
}

/// Whether a workload is the business itself, or a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Environment {
    Production,
    Other,
}

impl Names<'_> {
    fn environment(&self, text: &str) -> Option<Environment> {
        // `non-prod` has `prod` in it.
        match (has_any(text, self.non_production), has_any(text, self.production)) {
            (true, _) => Some(Environment::Other),
            (_, true) => Some(Environment::Production),
            _ => None,
        }
    }

    /// Whether the place is in a unit for security or infrastructure, which has no environments.
    fn is_foundation(&self, place: &Place, tree: &[Place]) -> bool {
        let on_the_way = tree.iter().filter(|one| !one.unit.is_root() && place.path.contains(&one.unit.id));
        on_the_way.map(|one| &one.unit.name).any(|name| has_any(name, self.security) || has_any(name, self.infrastructure))
    }

    fn units(&self, tree: &[Place]) -> Verdict {
        let units: Vec<&str> =
            tree.iter().filter(|place| !place.unit.is_root()).map(|place| place.unit.name.as_str()).collect();
        let called = |listed: &[String]| units.iter().any(|name| has_any(name, listed));
        let workloads = called(self.workloads) || units.iter().any(|name| self.environment(name).is_some());
        let mut reasons = Reasons::new();
        for place in tree {
            place.below.iter().for_each(|gap| reasons.unseen(gap));
        }
        let seen_whole = reasons.is_empty();
        for (slug, found, what) in [
            ("no_security_unit", called(self.security), "security"),
            ("no_infrastructure_unit", called(self.infrastructure), "infrastructure"),
            ("no_workload_unit", workloads, "workloads"),
        ] {
            if !found && seen_whole {
                reasons.broken(slug, format!("no organizational unit is called as one for {what}"));
            }
        }
        reasons
            .or_pass(|| format!("security, infrastructure and workloads have units of their own: {}", few(&units, 10)))
            .evidence(json!({ "units": units }))
    }

    fn accounts(&self, place: &Place, tree: &[Place], accounts: &[&Member], tags: &Tags<'_>) -> Verdict {
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
            let named = format!("{} ({})", account.id, account.name);
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
            reasons.doubt(format!("neither unit, name nor tag says whether accounts in {label} are production: {which}"));
        }
        let kind = if other.is_empty() { "production" } else { "non-production" };
        reasons.or_pass(|| format!("all accounts in {label} are {kind}")).evidence(seen)
    }

    fn tagged(&self, tags: &BTreeMap<String, String>) -> Option<Environment> {
        let of = tags.iter().filter(|(key, _)| self.tags.iter().any(|one| same(one, key)));
        of.map(|(_, value)| value).find_map(|value| self.environment(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::organizations::{State, Unit};

    fn names() -> Names<'static> {
        Names {
            security: SECURITY_UNITS.default_value(),
            infrastructure: INFRASTRUCTURE_UNITS.default_value(),
            workloads: WORKLOAD_UNITS.default_value(),
            production: PRODUCTION.default_value(),
            non_production: NON_PRODUCTION.default_value(),
            tags: ENVIRONMENT_TAGS.default_value(),
        }
    }

    fn gap() -> Gap {
        Gap::new("1", "global", "organizations:ListTagsForResource", GapKind::Denied, "no")
    }

    /// The units one below the other, the root on top.
    fn tree(units: &[&str]) -> Vec<Place> {
        let ids: Vec<String> = (0..=units.len()).map(|i| if i == 0 { "r-1".into() } else { format!("ou-{i}") }).collect();
        let called = ["Root"].iter().chain(units);
        let place = |(i, name): (usize, &&str)| Place {
            unit: Unit { id: ids[i].clone(), arn: "arn".into(), name: (*name).into() },
            path: ids[..=i].to_vec(),
            accounts: Ok(Arc::default()),
            below: None,
        };
        called.enumerate().map(place).collect()
    }

    fn accounts(units: &[&str], called: &[&str], tags: &[(&str, &str)]) -> Verdict {
        let all: Vec<Member> = called
            .iter()
            .map(|name| Member { id: format!("id-{name}"), name: (*name).into(), email: None, state: State::Active })
            .collect();
        let tags: BTreeMap<String, String> = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let tags: Tags<'_> = all.iter().map(|one| (one.id.as_str(), Ok(Arc::new(tags.clone())))).collect();
        let tree = tree(units);
        names().accounts(&tree[units.len()], &tree, &all.iter().collect::<Vec<_>>(), &tags)
    }

    #[test]
    fn the_three_sorts_of_units_are_there() {
        let of = |units: &[&str]| names().units(&tree(units));
        assert_eq!(of(&["Security", "Infrastructure", "Workloads"]).status, Status::Pass);
        assert_eq!(of(&["security-tooling", "Shared Services", "Prod"]).status, Status::Pass);
        assert_eq!(of(&["Infrastructure", "Workloads"]).reasons, ["no_security_unit"]);
        assert_eq!(of(&["Security", "Workloads"]).reasons, ["no_infrastructure_unit"]);
        assert_eq!(of(&["Security", "Infrastructure"]).reasons, ["no_workload_unit"]);
        let mut part = tree(&["Security"]);
        part[1].below = Some(gap());
        assert_eq!(names().units(&part).status, Status::Unknown);
    }

    #[test]
    fn production_stands_apart_by_unit_name_or_tag() {
        assert_eq!(accounts(&["Workloads"], &["shop-prod", "crm-prod"], &[]).status, Status::Pass);
        assert_eq!(accounts(&["Workloads"], &["shop-prod", "shop-dev"], &[]).reasons, ["environments_mixed"]);
        assert_eq!(accounts(&["Workloads", "Prod"], &["shop"], &[]).status, Status::Pass);
        assert_eq!(accounts(&["Prod", "Shop"], &["shop"], &[]).status, Status::Pass);
        assert_eq!(accounts(&["Prod"], &["shop-non-prod"], &[]).reasons, ["environments_mixed"]);
        assert_eq!(accounts(&["SDLC"], &["shop-production"], &[]).reasons, ["environments_mixed"]);
        assert_eq!(accounts(&["Workloads"], &["shop"], &[("Environment", "Production")]).status, Status::Pass);
        assert_eq!(accounts(&["Prod"], &["shop"], &[("env", "dev")]).reasons, ["environments_mixed"]);
        assert_eq!(accounts(&["Workloads"], &["shop", "crm-dev"], &[("env", "prod")]).reasons, ["environments_mixed"]);
    }

    #[test]
    fn what_nothing_tells_is_unknown_and_security_has_no_environments() {
        assert_eq!(accounts(&["Workloads"], &["shop"], &[("team", "prod")]).status, Status::Unknown);
        assert_eq!(accounts(&["Workloads"], &["shop", "products"], &[]).status, Status::Unknown);
        assert_eq!(accounts(&["Security", "Tools"], &["audit"], &[]).status, Status::NotApplicable);
        let account = Member { id: "1".into(), name: "shop".into(), email: None, state: State::Active };
        let (tree, tags) = (tree(&["Prod"]), BTreeMap::from([("1", Err(gap()))]));
        assert_eq!(names().accounts(&tree[1], &tree, &[&account], &tags).status, Status::Unknown);
    }
}
