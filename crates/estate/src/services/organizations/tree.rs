//! The tree of an organization: where its accounts are, and what they inherit from.

use super::shapes::Root;
use super::{Member, Organizations, PolicyType, State, Unit};
use crate::finding::Gap;
use crate::place::Account;
use futures_util::future::join_all;
use std::collections::VecDeque;
use std::sync::Arc;

/// A root or unit with the accounts directly in it.
#[derive(Clone, Debug)]
pub struct Place {
    pub unit: Unit,
    /// Ids from the root down to the unit itself.
    pub path: Vec<String>,
    pub accounts: Result<Arc<Vec<Member>>, Gap>,
    /// Why there may be units below it that are not in the list.
    pub below: Option<Gap>,
}

impl Place {
    /// The active accounts that policies of the organization bind: all but the management account.
    pub fn bound(&self, management: &str) -> Result<Vec<&Member>, &Gap> {
        let accounts = self.accounts.as_ref()?;
        Ok(accounts.iter().filter(|one| one.state == State::Active && one.id != management).collect())
    }

    /// The ids from the root down to one of its accounts.
    pub fn path_to<'a>(&'a self, account: &'a str) -> Vec<&'a str> {
        self.path.iter().map(String::as_str).chain([account]).collect()
    }

    /// `ou-ab12-cdef3456 (Workloads)`.
    pub fn label(&self) -> String {
        format!("{} ({})", self.unit.id, self.unit.name)
    }
}

impl Organizations<'_, Account> {
    /// The root, the units and their accounts, from the top; a list that is not readable is a gap of its place.
    pub async fn organization_tree(self) -> Result<Vec<Place>, Gap> {
        let roots = self.organization_roots().await?;
        let mut waiting: VecDeque<(Unit, Vec<String>)> =
            roots.iter().map(|root| (root.unit.clone(), Vec::new())).collect();
        let mut places = Vec::new();
        // A level at a time, its units at once.
        while !waiting.is_empty() {
            let level = join_all(waiting.drain(..).map(async |(unit, above)| {
                let (accounts, units) = tokio::join!(self.accounts_of(&unit.id), self.units_of(&unit.id));
                let path: Vec<String> = above.into_iter().chain([unit.id.clone()]).collect();
                (Place { unit, path, accounts, below: units.as_ref().err().cloned() }, units)
            }));
            for (place, units) in level.await {
                // Where they are not readable, `below` says so.
                for unit in units.iter().flat_map(|units| units.iter()) {
                    waiting.push_back((unit.clone(), place.path.clone()));
                }
                places.push(place);
            }
        }
        Ok(places)
    }
}

/// Whether policies of a type work in the organization at all.
pub fn is_enabled(root: &Root, kind: PolicyType) -> bool {
    root.policy_types.iter().any(|one| one.kind == kind.as_str() && one.status == "ENABLED")
}
