//! What became of a finding since an earlier scan, in a word; `gate` decides it.

use serde::{Deserialize, Serialize};

/// A finding compared with the same one of an earlier scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Fails, and was not there or unknown.
    New,
    /// Fails, and passed or did not apply.
    Reopened,
    /// Failed before too, but now with a higher severity, or no longer accepted by a person, with a reason that it had not, or with an entry more in a list
    /// that its card names under `worsens_with`.
    Worsened,
    /// Unknown, and was known or not there.
    BecameUnknown,
    /// Passes or does not apply, and was unknown.
    BecameKnown,
    /// Passes or does not apply, and failed.
    Fixed,
    Unchanged,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Reopened => "reopened",
            Change::Worsened => "worsened",
            Change::BecameUnknown => "became_unknown",
            Change::BecameKnown => "became_known",
            Change::Fixed => "fixed",
            Change::Unchanged => "unchanged",
        }
    }

    /// Whether there is a failure that the earlier scan does not account for.
    pub fn is_worse(self) -> bool {
        matches!(self, Change::New | Change::Reopened | Change::Worsened)
    }
}
