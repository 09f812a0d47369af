//! A severity that an organization sets itself, as a report tells of it.

use posture_estate::finding::Severity;
use serde::{Deserialize, Serialize};

/// A severity of the catalogue and the one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    pub from: Severity,
    pub to: Severity,
}
