//! The policies that an attacker may attach or set as a boundary: AWS's that give power, the account's, and those of one's own making.

use std::cell::OnceCell;

use super::super::arn::Arn;
use super::super::decision::Identity;
use super::super::managed;
use super::super::pattern::Pattern;
use super::steps::Steps;

/// Found when they are first asked for.
#[derive(Default)]
pub struct Choices {
    policies: OnceCell<Vec<String>>,
    boundaries: OnceCell<Vec<String>>,
}

impl Choices {
    /// What gives power when it is attached.
    pub fn policies(&self, steps: &Steps<'_>) -> &[String] {
        self.policies.get_or_init(|| all(steps, "iam:policyarn", managed::names()))
    }

    /// What caps nothing, or what can take itself off, when it is set as a boundary.
    pub fn boundaries(&self, steps: &Steps<'_>) -> &[String] {
        self.boundaries.get_or_init(|| all(steps, "iam:permissionsboundary", managed::administrators()))
    }
}

/// The partition that the identity is in.
pub fn partition(identity: &Identity) -> String {
    let own = identity.own.first().and_then(|arn| Arn::parse(arn)).map(|arn| arn.partition.to_owned());
    identity.context.partition.clone().or(own).unwrap_or_else(|| "aws".to_owned())
}

fn account(identity: &Identity) -> String {
    let own = identity.own.first().and_then(|arn| Arn::parse(arn)).map(|arn| arn.account.to_owned());
    identity.context.account.clone().or(own).unwrap_or_else(|| "000000000000".to_owned())
}

/// Whether a condition on the key is anywhere in the documents.
pub fn asks(steps: &Steps<'_>, key: &str) -> bool {
    let documents = steps.documents.iter().chain(steps.boundary);
    documents.flat_map(|d| d.statements()).any(|s| s.conditions.iter().any(|c| c.key == key))
}

fn all(steps: &Steps<'_>, key: &str, by_aws: impl Iterator<Item = &'static str>) -> Vec<String> {
    let partition = partition(steps.identity);
    let arn = |name: &str| Arn::iam(&partition, "aws", &format!("policy/{name}")).to_string();
    let mut by_aws = by_aws.map(arn);
    // Without a condition on it one stands for all.
    if !asks(steps, key) {
        return by_aws.next().into_iter().collect();
    }
    by_aws.chain(steps.targets.powerful_policies().map(str::to_owned)).chain(own_making(steps, key)).collect()
}

/// Policies whose text the identity may write: by a name that the conditions and the statements on making them have in common.
fn own_making(steps: &Steps<'_>, key: &str) -> Vec<String> {
    let (partition, account) = (partition(steps.identity), account(steps.identity));
    let making = ["iam:CreatePolicy", "iam:CreatePolicyVersion"];
    let statements = || steps.documents.iter().chain(steps.boundary).flat_map(|d| d.statements());
    let values = statements().flat_map(|s| &s.conditions).filter(|c| c.key == key).flat_map(|c| &c.values);
    let makes = |action: &&str| statements().any(|s| s.actions.covers(&Pattern::action(action)));
    if !making.iter().any(makes) {
        return Vec::new();
    }
    let resources = statements()
        .filter(|s| making.iter().any(|action| s.actions.covers(&Pattern::action(action))))
        .flat_map(|s| s.resources.iter().flat_map(|set| set.patterns()));
    let named = values.chain(resources).filter_map(|pattern| example(pattern, &partition, &account));
    let any = std::iter::once(Arn::iam(&partition, &account, "policy/any-at-all").to_string());
    let mut made: Vec<String> = named.chain(any).collect();
    made.sort();
    made.dedup();
    made.retain(|arn| making.iter().any(|action| steps.allows(action, arn)));
    made
}

/// A customer's policy that the pattern means.
fn example(pattern: &Pattern, partition: &str, account: &str) -> Option<String> {
    let fields = pattern.fields(6);
    let [_, _, service, _, owner, resource] = &fields[..] else { return None };
    if !service.matches("iam") || !owner.matches(account) {
        return None;
    }
    let resource = if resource.is_everything() { "policy/any-at-all".to_owned() } else { resource.example("x")? };
    resource.starts_with("policy/").then(|| Arn::iam(partition, account, &resource).to_string())
}
