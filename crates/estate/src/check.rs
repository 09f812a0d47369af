//! What a check is: its line in the list of its folder, and what it runs.

use crate::place::{Account, Outcome, Region};
use std::pin::Pin;

/// The future of a probe.
pub type Probing<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// What a check runs: once for an account, once for each region of it, or once for an organization.
#[derive(Clone, Copy)]
pub enum Probe {
    Account(fn(&Account) -> Probing<'_>),
    Region(fn(&Region) -> Probing<'_>),
    /// In one account of an organization only: the one whose credentials the scan found the others with.
    Organization(fn(&Account) -> Probing<'_>),
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Probe::Account(_) => "Account",
            Probe::Region(_) => "Region",
            Probe::Organization(_) => "Organization",
        })
    }
}

/// A line of the list in `checks/<service>/mod.rs`.
#[derive(Debug)]
pub struct Entry {
    pub id: &'static str,
    pub service: &'static str,
    /// The text of the card.
    pub card: &'static str,
    pub probe: Probe,
}
