//! The policies whose text an identity may write: it makes them, or gives one that is there a new version.

use super::super::arn::Arn;
use super::super::pattern::Pattern;
use super::steps::{Steps, account, partition};

const MAKE: &str = "iam:CreatePolicy";
const REWRITE: &str = "iam:CreatePolicyVersion";

/// By a name that the conditions on the key and the statements on making policies have in common, or one that the account has.
pub fn own_making(steps: &Steps<'_>, key: &str) -> Vec<String> {
    let (partition, account) = (partition(steps.identity), account(steps.identity));
    let making: Vec<&str> = [MAKE, REWRITE].into_iter().filter(|action| steps.mentions(action)).collect();
    if making.is_empty() {
        return Vec::new();
    }
    let statements = || steps.documents.iter().chain(steps.boundary).flat_map(|d| d.statements());
    let resources = statements()
        .filter(|s| making.iter().any(|action| s.actions.covers(&Pattern::action(action))))
        .flat_map(|s| s.resources.iter().flat_map(|set| set.patterns()));
    let values = statements().flat_map(|s| &s.conditions).filter(|c| c.key == key).flat_map(|c| &c.values);
    let named = values.chain(resources).filter_map(|pattern| example(pattern, &partition, &account));
    let any = std::iter::once(Arn::iam(&partition, &account, "policy/any-at-all").to_string());
    let there = steps.targets.policies().filter(|_| making.contains(&REWRITE)).map(str::to_owned);
    let mut made: Vec<String> = named.chain(any).chain(there).collect();
    made.sort();
    made.dedup();
    made.retain(|arn| ways(steps, arn).iter().any(|action| making.contains(action) && steps.allows(action, arn)));
    made
}

/// How a policy of this ARN gets a text: what is there already cannot be made, nor can another of its name ("names are not distinguished by
/// case", <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>).
fn ways(steps: &Steps<'_>, arn: &str) -> &'static [&'static str] {
    let names_one = |known: &str| name(known).eq_ignore_ascii_case(name(arn));
    let own = || steps.identity.own.iter().chain(&steps.identity.boundary_arn);
    let attached = || own().filter(|arn| arn.contains(":policy/") && !arn.contains(":iam::aws:"));
    let there = |arn: &str| steps.targets.policies().any(|known| known == arn) || attached().any(|known| known == arn);
    if there(arn) {
        &[REWRITE]
    } else if steps.targets.policies().any(names_one) || attached().any(|known| names_one(known)) {
        &[]
    } else if steps.targets.knows_policies() {
        &[MAKE]
    } else {
        &[MAKE, REWRITE]
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// A customer's policy that the pattern means.
pub fn example(pattern: &Pattern, partition: &str, account: &str) -> Option<String> {
    let fields = pattern.fields(6);
    let [_, _, service, _, owner, resource] = &fields[..] else { return None };
    if !service.matches("iam") || !owner.matches(account) {
        return None;
    }
    let resource = if resource.is_everything() { "policy/any-at-all".to_owned() } else { resource.example("x")? };
    resource.starts_with("policy/").then(|| Arn::iam(partition, account, &resource).to_string())
}
