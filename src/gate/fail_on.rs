//! From which severity on a failed finding fails the run.

use posture_estate::finding::Severity;
use serde::{Serialize, Serializer};

/// The value of `--fail-on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    Critical,
    #[default]
    High,
    Medium,
    Low,
    Info,
    Never,
}

impl FailOn {
    /// In the order of the manual.
    pub const ALL: [FailOn; 6] =
        [FailOn::Critical, FailOn::High, FailOn::Medium, FailOn::Low, FailOn::Info, FailOn::Never];

    /// `None` when nothing fails a run.
    pub fn severity(self) -> Option<Severity> {
        Some(match self {
            FailOn::Critical => Severity::Critical,
            FailOn::High => Severity::High,
            FailOn::Medium => Severity::Medium,
            FailOn::Low => Severity::Low,
            FailOn::Info => Severity::Info,
            FailOn::Never => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        self.severity().map_or("never", Severity::as_str)
    }
}

impl Serialize for FailOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
