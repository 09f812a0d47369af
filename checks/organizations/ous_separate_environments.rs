//! Are security, infrastructure and workloads in units of their own, and production accounts apart from the others?

use super::environments::{Names, Tags};
use super::words::has_any;
use super::{no_organization, over_places};
use crate::prelude::*;
use posture_estate::services::organizations::tree::Place;
use posture_estate::text::few;

const SECURITY_UNITS: Setting<[String]> = setting!(ous_separate_environments.security_units);
const INFRASTRUCTURE_UNITS: Setting<[String]> = setting!(ous_separate_environments.infrastructure_units);
const WORKLOAD_UNITS: Setting<[String]> = setting!(ous_separate_environments.workload_units);
const PRODUCTION: Setting<[String]> = setting!(ous_separate_environments.production);
const NON_PRODUCTION: Setting<[String]> = setting!(ous_separate_environments.non_production);
const ENVIRONMENT_TAGS: Setting<[String]> = setting!(ous_separate_environments.environment_tags);

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
    let mut findings = vec![units(&names, &tree).sub("units").on(organization.resource())];
    findings.extend(over_places(organization, &tree, "units", |place, accounts| {
        names.accounts(place, &tree, accounts, &tags)
    }));
    Ok(findings)
}

fn units(names: &Names<'_>, tree: &[Place]) -> Verdict {
    let units: Vec<&str> =
        tree.iter().filter(|place| !place.unit.is_root()).map(|place| place.unit.name.as_str()).collect();
    let called = |listed: &[String]| units.iter().any(|name| has_any(name, listed));
    let workloads = called(names.workloads) || units.iter().any(|name| names.environment(name).is_some());
    let mut reasons = Reasons::new();
    for place in tree {
        place.below.iter().for_each(|gap| reasons.unseen(gap));
    }
    let seen_whole = reasons.is_empty();
    for (slug, found, what) in [
        ("no_security_unit", called(names.security), "security"),
        ("no_infrastructure_unit", called(names.infrastructure), "infrastructure"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::organizations::{Member, State, Unit};
    use std::collections::BTreeMap;

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
        let ids: Vec<String> =
            (0..=units.len()).map(|i| if i == 0 { "r-1".into() } else { format!("ou-{i}") }).collect();
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
        let of = |called: &[&str]| units(&names(), &tree(called));
        assert_eq!(of(&["Security", "Infrastructure", "Workloads"]).status, Status::Pass);
        assert_eq!(of(&["security-tooling", "Shared Services", "Prod"]).status, Status::Pass);
        assert_eq!(of(&["Infrastructure", "Workloads"]).reasons, ["no_security_unit"]);
        assert_eq!(of(&["Security", "Workloads"]).reasons, ["no_infrastructure_unit"]);
        assert_eq!(of(&["Security", "Infrastructure"]).reasons, ["no_workload_unit"]);
        let mut part = tree(&["Security"]);
        part[1].below = Some(gap());
        assert_eq!(units(&names(), &part).status, Status::Unknown);
    }

    #[test]
    fn production_stands_apart_by_unit_name_or_tag() {
        // semantics 159
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
