//! What a tape says of the scan that was recorded on it: accounts, organization and selection.

use crate::catalogue::Selection;
use posture_estate::aws::tape::{Tape, TapeError};
use posture_estate::finding::GapKind;
use posture_estate::organization::OrganizationView;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The scan on a tape.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    pub accounts: Vec<HeadAccount>,
    /// The organization that the scan was of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationView>,
    /// What was asked for, when it was not everything: a replay judges the same again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
}

impl Recorded {
    /// Reads it from the head of a tape.
    ///
    /// # Errors
    /// When it is not there whole, or names no account.
    pub fn of(tape: &Tape) -> Result<Recorded, TapeError> {
        let recorded: Recorded = serde_json::from_value(Value::Object(tape.head.about.clone()))
            .map_err(|error| TapeError(format!("tape.json cannot be read: {error}; record again")))?;
        match recorded.accounts.as_slice() {
            [] => Err(TapeError("tape.json names no account; record again".into())),
            _ => Ok(recorded),
        }
    }

    /// As the head of a tape holds it.
    ///
    /// # Errors
    /// Those of serde, which do not happen.
    pub fn about(&self) -> serde_json::Result<Map<String, Value>> {
        match serde_json::to_value(self)? {
            Value::Object(about) => Ok(about),
            _ => Ok(Map::new()),
        }
    }
}

/// An account on a tape and the regions that its scan covered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadAccount {
    pub id: String,
    /// Its name in the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub home_region: String,
    pub regions: Vec<String>,
    /// Whether the checks of the organization ran here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub organization: bool,
    /// AWS has suspended it: it is in the ledger only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Why nobody got into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<HeadLost>,
}

/// The call that kept a recording out of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadLost {
    pub call: String,
    pub kind: GapKind,
    pub message: String,
}
