//! What a finding says when somebody accepts it.

use posture_estate::day::Date;
use serde::{Deserialize, Serialize};

/// Who accepts a finding, why, and the last day of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub reason: String,
    pub owner: String,
    pub expires: Date,
}
