//! The attributes of EC2 that declarative policies set, and which values are safe.

use super::{over_places, with_policies};
use crate::prelude::*;
use posture_estate::services::organizations::effective::InForce;
use posture_estate::services::organizations::management::ManagementPolicies;
use posture_estate::services::organizations::tree::Place;
use posture_estate::services::organizations::{Member, PolicyType};
use std::collections::BTreeSet;

const WHAT: &str = "declarative policies for EC2";

/// What an attribute is called, where its value stands below it, and the values that are safe.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html>
pub(super) const SAFE: &[(&str, &[&str], &[&str])] = &[
    ("instance_metadata_defaults", &["http_tokens"], &["required"]),
    ("serial_console_access", &["status"], &["disabled"]),
    ("image_block_public_access", &["state"], &["block_new_sharing"]),
    ("snapshot_block_public_access", &["state"], &["block_all_sharing", "block_new_sharing"]),
    ("vpc_block_public_access", &["internet_gateway_block", "mode"], &["block_ingress", "block_bidirectional"]),
];

/// One finding for each root or unit with accounts.
pub(super) async fn of_ec2(at: &Account, wanted: &[String]) -> Outcome {
    let organization = match with_policies(at, PolicyType::DeclarativeEc2, WHAT).await? {
        Ok(organization) => organization,
        Err(finding) => return Ok(vec![*finding]),
    };
    let (tree, policies) = join!(
        at.organizations().organization_tree(),
        at.organizations().management_policies(PolicyType::DeclarativeEc2)
    );
    let (tree, policies) = (tree?, policies?);
    Ok(over_places(&organization, &tree, WHAT, |place, accounts| judge(place, accounts, &policies, wanted)))
}

/// Whether each of the `wanted` attributes comes to a safe value for every account of a place.
pub(super) fn judge(place: &Place, accounts: &[&Member], policies: &ManagementPolicies, wanted: &[String]) -> Verdict {
    let (label, mut reasons) = (place.label(), Reasons::new());
    let (mut unset, mut open) = (BTreeSet::new(), BTreeSet::new());
    for account in accounts {
        let effective = policies.effective(&place.path_to(&account.id));
        if let Some(verdict) = effective.uncertain() {
            reasons.join(verdict);
            continue;
        }
        for name in wanted {
            let Some((attribute, below, safe)) = SAFE.iter().find(|(known, ..)| known == name) else {
                reasons.doubt(format!("no attribute called {name} is known"));
                continue;
            };
            let path: Vec<&str> = ["ec2_attributes", attribute].iter().chain(*below).copied().collect();
            let found = effective.get(&path);
            match (&found, found.text()) {
                (_, Some(value)) if safe.contains(&value) => {}
                (InForce::Is(value), _) => drop(open.insert(format!("{attribute} is {value}"))),
                (InForce::Unset, _) => drop(unset.insert(*attribute)),
                (InForce::Contested, _) => {
                    reasons.doubt(format!("policies contradict each other on {attribute} in {label}"))
                }
            }
        }
    }
    let listed = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(", ");
    if !unset.is_empty() {
        let what = listed(unset.into_iter().map(str::to_owned).collect());
        reasons.broken("attribute_not_declared", format!("no declarative policy sets for accounts in {label}: {what}"));
    }
    if !open.is_empty() {
        reasons.broken(
            "attribute_open",
            format!("declarative policies leave open for accounts in {label}: {}", listed(open)),
        );
    }
    reasons
        .or_pass(|| {
            format!("declarative policies set safe defaults of EC2 for every account in {label}: {}", wanted.join(", "))
        })
        .evidence(json!({ "accounts": accounts.len() }))
}
