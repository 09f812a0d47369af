//! The organization that a scan is of, as every account of it is told.

use serde::{Deserialize, Serialize};

/// What a scan of an organization knows of it in each of its accounts: who counts as one of us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationView {
    /// `o-…`
    pub id: String,
    pub management_account: String,
    /// Every account of it, whether or not it is scanned, sorted.
    pub accounts: Vec<String>,
}
