//! Do backup policies reach the accounts that hold workloads?

use super::{over_places, with_policies};
use crate::prelude::*;
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::tree::Place;
use posture_estate::services::organizations::{Member, PolicyType};
use posture_estate::text::few;

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
    on_the_way.map(|one| one.unit.name.as_str()).find(|name| exempt.matches(&name.to_lowercase()))
}

fn judge(place: &Place, accounts: &[&Member], policies: &ManagementPolicies) -> Verdict {
    let (label, mut reasons) = (place.label(), Reasons::new());
    let (mut without, mut plans) = (Vec::new(), std::collections::BTreeSet::new());
    for account in accounts {
        let path = place.path_to(&account.id);
        let effective = policies.effective(&path);
        let found = effective.sections(&["plans"]);
        match effective.uncertain() {
            Some(verdict) => reasons.join(verdict),
            None if found.is_empty() => without.push(account.id.as_str()),
            None => plans.extend(found.into_iter().map(str::to_owned)),
        }
    }
    if !without.is_empty() {
        let (some, all) = (without.len(), accounts.len());
        let which = few(&without, 5);
        reasons.broken("no_backup_plan", format!("no backup policy gives {some} of {all} accounts in {label} a plan: {which}"));
    }
    let seen = json!({ "accounts": accounts.len(), "plans": plans });
    reasons.or_pass(|| format!("backup policies give every account in {label} a plan")).evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::organizations::{State, Unit};

    const PLAN: &str = r#"{"plans":{"daily":{"regions":{"@@assign":["eu-west-1"]}}}}"#;

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
    fn units_without_workloads_are_exempt_with_what_is_below_them() {
        let exempt = EXEMPT.default_value();
        let tree = [place(&["r-1"], "Root"), place(&["r-1", "ou-1"], "Security"), place(&["r-1", "ou-1", "ou-2"], "Tools")];
        assert_eq!(exempted(&tree[2], &tree, exempt), Some("Security"));
        assert_eq!(exempted(&tree[0], &tree, exempt), None);
        for name in ["Workloads", "Prod", "Infrastructure_Prod"] {
            let tree = [place(&["r-1", "ou-1"], name)];
            assert_eq!(exempted(&tree[0], &tree, exempt), None, "{name}");
        }
    }
}
