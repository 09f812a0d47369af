//! The policies whose text an identity may write (it makes them, or gives one that is there a new version), and the boundaries that it must
//! set and can undo again.

use super::super::arn::Arn;
use super::super::pattern::Pattern;
use super::super::requires::{GIVING, accepted, undoes_boundaries};
use super::steps::{Steps, account, partition};

const MAKE: &str = "iam:CreatePolicy";
const REWRITE: &str = "iam:CreatePolicyVersion";

impl Steps<'_> {
    /// By a name that the conditions on the key and the statements on making policies have in common, or one that the account has.
    pub fn own_making(&self, key: &str) -> Vec<String> {
        let (partition, account) = (partition(self.identity), account(self.identity));
        let making: Vec<&str> = [MAKE, REWRITE].into_iter().filter(|action| self.mentions(action)).collect();
        if making.is_empty() {
            return Vec::new();
        }
        let statements = || self.documents.iter().chain(self.boundary).flat_map(|d| d.statements());
        let resources = statements()
            .filter(|s| making.iter().any(|action| s.actions.covers(&Pattern::action(action))))
            .flat_map(|s| s.resources.iter().flat_map(|set| set.patterns()));
        let values = statements().flat_map(|s| &s.conditions).filter(|c| c.key == key).flat_map(|c| &c.values);
        let named = values.chain(resources).filter_map(|pattern| example(pattern, &partition, &account));
        let any = std::iter::once(Arn::iam(&partition, &account, "policy/any-at-all").to_string());
        let there = self.targets.policies().filter(|_| making.contains(&REWRITE)).map(str::to_owned);
        let mut made: Vec<String> = named.chain(any).chain(there).collect();
        made.sort();
        made.dedup();
        made.retain(|arn| self.texts(arn).iter().any(|action| making.contains(action) && self.allows(action, arn)));
        made
    }

    /// How a policy of this ARN gets a text: what is there already cannot be made, nor can another of its name ("names are not distinguished by
    /// case", <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>).
    fn texts(&self, arn: &str) -> &'static [&'static str] {
        let names_one = |known: &str| name(known).eq_ignore_ascii_case(name(arn));
        let own = || self.identity.own.iter().chain(&self.identity.boundary_arn);
        let attached = || own().filter(|arn| arn.contains(":policy/") && !arn.contains(":iam::aws:"));
        let there =
            |arn: &str| self.targets.policies().any(|known| known == arn) || attached().any(|known| known == arn);
        if there(arn) {
            &[REWRITE]
        } else if self.targets.policies().any(names_one) || attached().any(|known| names_one(known)) {
            &[]
        } else if self.targets.knows_policies() {
            &[MAKE]
        } else {
            &[MAKE, REWRITE]
        }
    }

    /// The boundaries that the conditions ask for, where they can be undone again.
    pub fn undoable(&self) -> Vec<String> {
        if undoes_boundaries(self.documents, self.boundary, GIVING).is_none() {
            return Vec::new();
        }
        let (partition, account) = (partition(self.identity), account(self.identity));
        let values = self.documents.iter().chain(self.boundary).flat_map(|d| d.statements()).flat_map(accepted);
        values.filter_map(|value| example(value, &partition, &account)).collect()
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
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
