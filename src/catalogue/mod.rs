//! The catalogue: every check with its card, the practices they bear on, and how to choose among them.

mod card;
pub(crate) mod edition;
pub mod grant;
mod names;
mod pillar;
mod select;
pub mod session_policy;
mod settings;

pub use card::{Card, CardError, CheckScope, Equivalents};
pub use edition::PillarError;
pub use names::Meaning;
pub use pillar::{Automation, Pillar, Practice, Risk};
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
    /// The ids of the practices that its card names, in the current edition; the most telling first.
    pub practices: Vec<String>,
}

impl Check {
    pub fn severity(&self) -> Severity {
        self.card.severity
    }

    /// Whether it is about an organization and runs once in it, not in every account.
    pub fn is_of_organization(&self) -> bool {
        matches!(self.probe, Probe::Organization(_))
    }

    /// The first practice of the card in the pillar of this build: where reports file the check.
    pub fn practice(&self) -> Option<&'static Practice> {
        self.card.slugs.first().and_then(|slug| pillar().by_slug(slug))
    }
}

/// The pillar, and the checks with the numbers that it gives to their practices.
#[derive(Debug)]
pub struct Catalogue {
    pub pillar: Pillar,
    /// Sorted by id.
    pub checks: Vec<Check>,
}

/// A catalogue whose files are wrong.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the pillar is wrong: {0}")]
    Pillar(#[from] PillarError),
    #[error("the card of {0} is wrong: {1}")]
    Card(&'static str, CardError),
    #[error("the card of {0} names a practice that is not in checks/security-pillar.toml: {1:?}")]
    Practice(&'static str, String),
}

impl Catalogue {
    /// The cards of this build, by the pillar of these files; see [`Pillar::parse`].
    ///
    /// # Errors
    /// When a file does not parse, or names a practice that is not there.
    pub fn parse(practices: &str, editions: &[&str]) -> Result<Catalogue, CatalogueError> {
        let pillar = Pillar::parse(practices, editions)?;
        let check = |entry: &'static Entry| {
            let Entry { id, service, probe, card } = *entry;
            let card = Card::parse(card).map_err(|error| CatalogueError::Card(id, error))?;
            let known = |slug: &String| match pillar.by_slug(slug) {
                Some(practice) => Ok(practice.id.clone()),
                None => Err(CatalogueError::Practice(id, slug.clone())),
            };
            let practices = card.slugs.iter().map(known).collect::<Result<_, _>>()?;
            Ok(Check { id, service, probe, card, practices })
        };
        let mut checks = entries().map(check).collect::<Result<Vec<_>, CatalogueError>>()?;
        checks.sort_by_key(|check| check.id);
        Ok(Catalogue { pillar, checks })
    }

    /// That of this build.
    ///
    /// # Panics
    /// When a file of this build does not parse; a test reads them all.
    pub fn this() -> &'static Catalogue {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| match Catalogue::parse(edition::PRACTICES, edition::EDITIONS) {
            Ok(catalogue) => catalogue,
            Err(error) => panic!("{error}"),
        })
    }
}

/// Calls that every scan may make, whatever is selected: who am I, and which regions are there.
pub const CORE_CALLS: &[&str] = &["account:ListRegions", "ec2:DescribeRegions", "sts:GetCallerIdentity"];

/// All checks of this build, sorted by id.
pub fn checks() -> &'static [Check] {
    &Catalogue::this().checks
}

/// The pillar of this build.
pub fn pillar() -> &'static Pillar {
    &Catalogue::this().pillar
}

/// The lists of `checks/`, as they stand there.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    posture_checks::FOLDERS.iter().flat_map(|service| service.iter())
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
