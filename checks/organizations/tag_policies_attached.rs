//! Do tag policies reach every account, and do they name the tags that say whose something is and how its data are classified?

use super::words::same;
use super::{over_places, with_policies};
use crate::prelude::*;
use posture_estate::services::organizations::effective::Effective;
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::tree::Place;
use posture_estate::services::organizations::{Member, PolicyType};
use std::collections::BTreeSet;

/// Keys that say whose something is.
const OWNER_KEYS: Setting<[String]> = setting!(tag_policies_attached.owner_keys);

/// Keys that say how data are classified.
const CLASSIFICATION_KEYS: Setting<[String]> = setting!(tag_policies_attached.classification_keys);

const WHAT: &str = "tag policies";

/// Both as they are set.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    owner: &'a [String],
    classification: &'a [String],
}

pub async fn probe(at: &Account) -> Outcome {
    let organization = match with_policies(at, PolicyType::Tag, WHAT).await? {
        Ok(organization) => organization,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (tree, policies) =
        join!(at.organizations().organization_tree(), at.organizations().management_policies(PolicyType::Tag));
    let (tree, policies) = (tree?, policies?);
    let wanted = Wanted { owner: at.setting(OWNER_KEYS), classification: at.setting(CLASSIFICATION_KEYS) };
    Ok(over_places(&organization, &tree, WHAT, |place, accounts| judge(place, accounts, &policies, wanted)))
}

/// The keys that a policy in force names; the section of one is called as its author likes.
fn keys(effective: &Effective) -> BTreeSet<String> {
    let sections = effective.sections(&["tags"]).into_iter();
    sections
        .map(|section| {
            let key = effective.get(&["tags", section, "tag_key"]);
            key.text().unwrap_or(section).to_owned()
        })
        .collect()
}

fn judge(place: &Place, accounts: &[&Member], policies: &ManagementPolicies, wanted: Wanted<'_>) -> Verdict {
    let (label, mut reasons, mut named) = (place.label(), Reasons::new(), BTreeSet::new());
    let (mut none, mut no_owner, mut no_class) = (0, 0, 0);
    for account in accounts {
        let effective = policies.effective(&place.path_to(&account.id));
        if let Some(verdict) = effective.uncertain() {
            reasons.join(verdict);
            continue;
        }
        let keys = keys(&effective);
        let has = |wanted: &[String]| keys.iter().any(|key| wanted.iter().any(|one| same(one, key)));
        if keys.is_empty() {
            none += 1;
        } else {
            no_owner += usize::from(!has(wanted.owner));
            no_class += usize::from(!has(wanted.classification));
        }
        named.extend(keys);
    }
    let all = accounts.len();
    for (slug, count, what) in [
        ("no_tag_policy", none, "no tag policy reaches"),
        ("no_owner_key", no_owner, "no tag policy names an owner key for"),
        ("no_classification_key", no_class, "no tag policy names a key of data classification for"),
    ] {
        if count > 0 {
            reasons.broken(slug, format!("{what} {count} of {all} accounts in {label}"));
        }
    }
    let seen = json!({ "accounts": all, "tag_keys": named });
    reasons
        .or_pass(|| format!("tag policies name keys of owners and of data classification for every account in {label}"))
        .evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organizations::example::unit_and_account;

    fn of(policies: &[(&str, &str)]) -> Verdict {
        let (place, account) = unit_and_account();
        let wanted = Wanted { owner: OWNER_KEYS.default_value(), classification: CLASSIFICATION_KEYS.default_value() };
        judge(&place, &[&account], &ManagementPolicies::example(policies.iter().copied()), wanted)
    }

    fn tags(keys: &[&str]) -> String {
        let all: Vec<String> =
            keys.iter().map(|key| format!(r#""of {key}":{{"tag_key":{{"@@assign":"{key}"}}}}"#)).collect();
        format!(r#"{{"tags":{{{}}}}}"#, all.join(","))
    }

    #[test]
    fn both_keys_are_named_whatever_their_case() {
        assert_eq!(of(&[("r-1", &tags(&["Owner", "DataClassification"]))]).status, Status::Pass);
        assert_eq!(of(&[("r-1", &tags(&["owner"])), ("111111111111", &tags(&["data_class"]))]).status, Status::Pass);
        assert_eq!(of(&[("r-1", &tags(&["Owner", "CostCenter"]))]).reasons, ["no_classification_key"]);
        assert_eq!(of(&[("r-1", &tags(&["data-classification"]))]).reasons, ["no_owner_key"]);
        assert_eq!(of(&[("ou-2", &tags(&["Owner", "DataClassification"]))]).reasons, ["no_tag_policy"]);
    }

    #[test]
    fn a_section_without_a_key_is_called_as_it_is() {
        let text = r#"{"tags":{"owner":{"enforced_for":{"@@assign":["ec2:instance"]}},"data-classification":{"tag_value":{"@@assign":["public"]}}}}"#;
        assert_eq!(of(&[("r-1", text)]).status, Status::Pass);
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_unknown() {
        assert_eq!(of(&[("r-1", "{"), ("ou-1", &tags(&["Owner", "DataClassification"]))]).status, Status::Unknown);
    }
}
