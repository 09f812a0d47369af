//! The catalogue: every check with its card, the practices they bear on, and how to choose among them.

mod card;
pub mod grant;
mod names;
mod pillar;
mod select;
pub mod session_policy;
mod settings;

pub use card::{Card, CardError, Equivalents, Scope};
pub use names::Meaning;
pub use pillar::{Automation, Pillar, Practice, Risk, pillar};
pub use select::{SelectError, Selection, matching, practice_id, service};
pub use settings::{Changed, ChangedSettings, Tables};

use posture_estate::check::{Entry, Probe};
use posture_estate::finding::Severity;
use posture_estate::text::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A check: its line in the list and its card.
#[derive(Debug)]
pub struct Check {
    pub id: &'static str,
    pub service: &'static str,
    pub probe: Probe,
    pub card: Card,
}

impl Check {
    pub fn severity(&self) -> Severity {
        self.card.severity
    }

    /// Whether it is about an organization and runs once in it, not in every account.
    pub fn is_of_organization(&self) -> bool {
        matches!(self.probe, Probe::Organization(_))
    }

    /// The first practice of the card: where reports file the check.
    pub fn practice(&self) -> Option<&'static Practice> {
        self.card.practices.first().and_then(|id| pillar().find(id))
    }
}

/// Calls that every scan may make, whatever is selected: who am I, and which regions are there.
pub const CORE_CALLS: &[&str] = &["account:ListRegions", "ec2:DescribeRegions", "sts:GetCallerIdentity"];

/// All checks, sorted by id.
///
/// # Panics
/// When a card of this build does not parse; a test reads them all.
pub fn checks() -> &'static [Check] {
    static CHECKS: OnceLock<Vec<Check>> = OnceLock::new();
    CHECKS.get_or_init(|| {
        let mut checks: Vec<Check> = entries()
            .map(|entry| match Card::parse(entry.card) {
                Ok(card) => Check { id: entry.id, service: entry.service, probe: entry.probe, card },
                Err(error) => panic!("the card of {} is wrong: {error}", entry.id),
            })
            .collect();
        checks.sort_by_key(|check| check.id);
        checks
    })
}

/// The lists of `checks/`, as they stand there.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    posture_checks::SERVICES.iter().flat_map(|service| service.iter())
}

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    checks().iter().find(|check| check.id == id)
}

/// The declared reads of these checks, with the calls of every scan.
pub fn reads<'a>(checks: impl IntoIterator<Item = &'a Check>) -> BTreeSet<String> {
    let declared = checks.into_iter().flat_map(|check| check.card.calls.iter().cloned());
    declared.chain(CORE_CALLS.iter().map(|&call| call.to_owned())).collect()
}

/// SHA-256 over all cards: which catalogue judged.
pub fn digest() -> String {
    let mut hasher = Sha256::new();
    for check in checks() {
        hasher.update(check.id.as_bytes());
        hasher.update([0]);
        hasher.update(check.card.text.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}
