//! Which file a report was made with.

use serde::{Deserialize, Serialize};

/// Which file, and exactly which state of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFile {
    pub path: String,
    /// Of its bytes.
    pub sha256: String,
}
