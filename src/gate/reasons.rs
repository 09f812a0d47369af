//! What a failed finding was broken by, small enough to keep for tens of thousands: two failures of one check on one resource
//! are told apart by their reasons, so that a new one does not hide behind an old one.

use crate::record::Record;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Hashes of the slugs of a failure; `None` where there are none, as in a report that is older than reasons are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reasons(Option<Box<[u64]>>);

impl Reasons {
    pub fn of(record: &Record) -> Reasons {
        let slugs: Box<[u64]> = record.reasons.iter().map(|slug| hash(slug)).collect();
        Reasons(Some(slugs).filter(|slugs| !slugs.is_empty()))
    }

    /// Whether `later` has a reason that is not in here; what is not known excuses everything.
    pub fn lack_some_of(&self, later: &Record) -> bool {
        self.0.as_ref().is_some_and(|own| later.reasons.iter().any(|slug| !own.contains(&hash(slug))))
    }

    /// What both have; for two findings of one fingerprint, of which neither may hide what is new.
    pub fn meet(&self, other: &Reasons) -> Reasons {
        Reasons(match (&self.0, &other.0) {
            (Some(own), Some(other)) => Some(own.iter().filter(|slug| other.contains(slug)).copied().collect()),
            (one, other) => one.clone().or_else(|| other.clone()),
        })
    }
}

fn hash(slug: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    slug.hash(&mut hasher);
    hasher.finish()
}
