//! Management policies of the organization: which stand where, and what they come to on an account.

use super::attached::Unread;
use super::effective::Effective;
use super::{Organizations, PolicyType};
use crate::finding::Gap;
use crate::place::Account;
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A backup, tag, declarative or other management policy.
#[derive(Debug)]
pub struct ManagementPolicy {
    pub name: String,
    /// What it says; why that is not known.
    pub document: Result<Value, Unread>,
}

/// All policies of a type by what they are attached to.
#[derive(Debug, Default)]
pub struct ManagementPolicies {
    by_target: BTreeMap<String, Vec<Arc<ManagementPolicy>>>,
    /// Why some may be attached where nothing is listed.
    pub unplaced: Vec<Gap>,
}

impl Organizations<'_, Account> {
    /// The management policies of a type and where they are attached.
    pub async fn management_policies(self, kind: PolicyType) -> Result<ManagementPolicies, Gap> {
        let listed = self.organization_policies(kind).await?;
        let read = listed.iter().map(async |summary| {
            let (text, targets) = tokio::join!(self.organization_policy(&summary.id), self.policy_targets(&summary.id));
            let document = text.map_err(Unread::Gap).and_then(|text| {
                serde_json::from_str(&text).map_err(|error| Unread::Malformed(error.to_string()))
            });
            (Arc::new(ManagementPolicy { name: summary.name.clone(), document }), targets)
        });
        let mut policies = ManagementPolicies::default();
        for (policy, targets) in join_all(read).await {
            match targets {
                Ok(targets) => {
                    for target in targets.iter() {
                        policies.by_target.entry(target.clone()).or_default().push(policy.clone());
                    }
                }
                Err(gap) => policies.unplaced.push(gap),
            }
        }
        Ok(policies)
    }
}

impl ManagementPolicies {
    /// What they come to at the end of a path of ids: root, units, and an account or not.
    pub fn effective(&self, path: &[&str]) -> Effective {
        let mut effective = Effective::within(self.unplaced.clone());
        for target in path {
            let mut level = Vec::new();
            for policy in self.at(target) {
                match &policy.document {
                    Ok(document) => level.push((policy.name.as_str(), document)),
                    Err(Unread::Gap(gap)) => effective.gaps.push(gap.clone()),
                    Err(Unread::Malformed(why)) => {
                        effective.doubts.push(format!("policy {} cannot be read: {why}", policy.name));
                    }
                }
            }
            effective.add(level);
        }
        effective
    }

    /// Those attached to a root, a unit or an account.
    pub fn at(&self, target: &str) -> &[Arc<ManagementPolicy>] {
        self.by_target.get(target).map_or(&[][..], Vec::as_slice)
    }

    /// The names of those on a path.
    pub fn names(&self, path: &[&str]) -> Vec<&str> {
        path.iter().flat_map(|target| self.at(target)).map(|policy| policy.name.as_str()).collect()
    }

    /// Whether none is attached to anything.
    pub fn is_unattached(&self) -> bool {
        self.by_target.is_empty()
    }
}

#[doc(hidden)]
impl ManagementPolicies {
    /// Policies by what they are attached to, and their text.
    pub fn example<'a>(policies: impl IntoIterator<Item = (&'a str, &'a str)>) -> ManagementPolicies {
        let mut all = ManagementPolicies::default();
        for (target, text) in policies {
            let document = serde_json::from_str(text).map_err(|error| Unread::Malformed(error.to_string()));
            let policy = ManagementPolicy { name: "p".into(), document };
            all.by_target.entry(target.to_owned()).or_default().push(Arc::new(policy));
        }
        all
    }
}
