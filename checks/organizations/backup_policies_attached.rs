//! Do backup policies reach the accounts that hold workloads?

use super::{over_places, with_policies};
use crate::prelude::*;
use posture_estate::services::organizations::effective::{Effective, InForce};
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::tree::Place;
use posture_estate::services::organizations::{Member, PolicyType};
use posture_estate::text::few;
use std::collections::BTreeSet;

/// Units whose accounts hold no workloads.
const EXEMPT: Setting<Patterns> = setting!(backup_policies_attached.exempt_units);

const WHAT: &str = "backup policies";

pub async fn probe(at: &Account) -> Outcome {
    let organization = match with_policies(at, PolicyType::Backup, WHAT).await? {
        Ok(organization) => organization,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (tree, policies) =
        join!(at.organizations().organization_tree(), at.organizations().management_policies(PolicyType::Backup));
    let (tree, policies) = (tree?, policies?);
    let exempt = at.setting(EXEMPT);
    Ok(over_places(&organization, &tree, WHAT, |place, accounts| match exempted(place, &tree, exempt) {
        Some(by) => Verdict::not_applicable(format!("{} holds no workloads: the unit {by} is exempt", place.label())),
        None => judge(place, accounts, &policies),
    }))
}

/// The name of the unit on the way to this one that is exempt.
fn exempted<'a>(place: &Place, tree: &'a [Place], exempt: &Patterns) -> Option<&'a str> {
    let on_the_way = tree.iter().filter(|one| place.path.contains(&one.unit.id));
    on_the_way.map(|one| one.unit.name.as_str()).find(|name| {
        let name = name.to_lowercase();
        // `Policy-Staging OU` is called as in AWS's structure too.
        let plain = name.replace(['-', '_'], " ");
        exempt.matches(&name) || exempt.matches(plain.strip_suffix(" ou").unwrap_or(&plain))
    })
}

/// What a plan in force lacks to back anything up: policies may give its parts at several levels, and all of them have to be there.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html>
fn lacks(effective: &Effective, plan: &str) -> Vec<&'static str> {
    let somewhere = match effective.get(&["plans", plan, "regions"]) {
        InForce::Is(list) => list.as_array().is_none_or(|list| !list.is_empty()),
        InForce::Contested => true,
        InForce::Unset => false,
    };
    let has = |part: &str| !effective.sections(&["plans", plan, part]).is_empty();
    let parts = [("regions", somewhere), ("rules", has("rules")), ("selections", has("selections"))];
    parts.into_iter().filter(|(_, there)| !there).map(|(part, _)| part).collect()
}

fn judge(place: &Place, accounts: &[&Member], policies: &ManagementPolicies) -> Verdict {
    let (label, mut reasons) = (place.label(), Reasons::new());
    let (mut without, mut plans, mut parts) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for account in accounts {
        let path = place.path_to(&account.id);
        let effective = policies.effective(&path);
        if let Some(verdict) = effective.uncertain() {
            reasons.join(verdict);
            continue;
        }
        let named = effective.sections(&["plans"]).into_iter().map(|plan| (plan, lacks(&effective, plan)));
        let (whole, part): (Vec<_>, Vec<_>) = named.partition(|(_, lacks)| lacks.is_empty());
        if whole.is_empty() {
            without.push(account.id.as_str());
            parts
                .extend(part.into_iter().map(|(plan, lacks)| format!("plan {plan} has no {}", lacks.join(" and no "))));
        }
        plans.extend(whole.into_iter().map(|(plan, _)| plan.to_owned()));
    }
    if !without.is_empty() {
        let (some, all) = (without.len(), accounts.len());
        let which = few(&without, 5);
        let parts = few(&parts.into_iter().collect::<Vec<_>>(), 3);
        let parts = if parts.is_empty() { parts } else { format!(" ({parts})") };
        reasons.broken(
            "no_backup_plan",
            format!("no backup policy gives {some} of {all} accounts in {label} a plan: {which}{parts}"),
        );
    }
    let seen = json!({ "accounts": accounts.len(), "plans": plans });
    reasons.or_pass(|| format!("backup policies give every account in {label} a plan")).evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::organizations::{State, Unit};

    const PLAN: &str = r#"{"plans":{"daily":{"regions":{"@@assign":["eu-west-1"]},
        "rules":{"night":{"target_backup_vault_name":{"@@assign":"Default"}}},
        "selections":{"tags":{"all":{"tag_key":{"@@assign":"backup"},"tag_value":{"@@assign":["yes"]}}}}}}}"#;

    fn place(ids: &[&str], name: &str) -> Place {
        Place {
            unit: Unit { id: (*ids.last().unwrap()).into(), arn: "arn".into(), name: name.into() },
            path: ids.iter().map(|&id| id.to_owned()).collect(),
            accounts: Ok(Arc::default()),
            below: None,
        }
    }

    fn of(policies: &[(&str, &str)]) -> Status {
        let accounts = ["111111111111", "222222222222"];
        let accounts = accounts.map(|id| Member { id: id.into(), name: "a".into(), email: None, state: State::Active });
        let policies = ManagementPolicies::example(policies.iter().copied());
        judge(&place(&["r-1", "ou-1"], "Workloads"), &accounts.iter().collect::<Vec<_>>(), &policies).status
    }

    #[test]
    fn every_account_has_a_plan_from_wherever() {
        for target in ["r-1", "ou-1"] {
            assert_eq!(of(&[(target, PLAN)]), Status::Pass, "{target}");
        }
        assert_eq!(of(&[("ou-2", PLAN)]), Status::Fail);
        assert_eq!(of(&[("111111111111", PLAN)]), Status::Fail);
        assert_eq!(of(&[("111111111111", PLAN), ("222222222222", PLAN)]), Status::Pass);
    }

    #[test]
    fn a_policy_without_a_plan_is_none_and_one_that_cannot_be_read_is_unknown() {
        assert_eq!(of(&[("r-1", r#"{"plans":{}}"#)]), Status::Fail);
        assert_eq!(of(&[("r-1", r#"{"plans":{"daily":{}}}"#)]), Status::Fail);
        assert_eq!(of(&[("r-1", "{")]), Status::Unknown);
    }

    #[test]
    fn a_plan_that_lacks_a_part_backs_nothing_up_and_the_part_may_come_from_another_level() {
        for part in ["regions", "rules", "selections"] {
            let mut rest: serde_json::Value = serde_json::from_str(PLAN).unwrap();
            let given = rest["plans"]["daily"].as_object_mut().unwrap().remove(part).unwrap();
            let (rest, given) = (rest.to_string(), json!({ "plans": { "daily": { part: given } } }).to_string());
            assert_eq!(of(&[("r-1", &rest)]), Status::Fail, "{part}");
            assert_eq!(of(&[("r-1", &rest), ("ou-1", &given)]), Status::Pass, "{part}");
        }
        let nowhere = r#"{"plans":{"daily":{"regions":{"@@remove":["eu-west-1"]}}}}"#;
        assert_eq!(of(&[("r-1", PLAN), ("ou-1", nowhere)]), Status::Fail);
    }

    #[test]
    fn units_without_workloads_are_exempt_with_what_is_below_them() {
        let exempt = EXEMPT.default_value();
        let tree =
            [place(&["r-1"], "Root"), place(&["r-1", "ou-1"], "Security"), place(&["r-1", "ou-1", "ou-2"], "Tools")];
        assert_eq!(exempted(&tree[2], &tree, exempt), Some("Security"));
        assert_eq!(exempted(&tree[0], &tree, exempt), None);
        for name in ["Sandbox OU", "policy-staging", "Security_OU"] {
            let tree = [place(&["r-1", "ou-1"], name)];
            assert_eq!(exempted(&tree[0], &tree, exempt), Some(name));
        }
        for name in ["Workloads", "Prod", "Infrastructure_Prod", "Security Products OU"] {
            let tree = [place(&["r-1", "ou-1"], name)];
            assert_eq!(exempted(&tree[0], &tree, exempt), None, "{name}");
        }
    }
}
