//! Suppressions: a person accepts a failed finding, for a reason and until a day. The finding keeps its verdict.

use super::Date;
use serde::{Deserialize, Serialize};

/// Who accepts a finding, why, and the last day of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub reason: String,
    pub owner: String,
    pub expires: Date,
}
