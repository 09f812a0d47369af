//! What people add to a scan: statements about practices that no API shows, and failed findings that they accept.

mod attestation;
mod fail_on;
mod severity;
mod suppression;

pub use attestation::{Attestation, Date, Given};
pub use fail_on::FailOn;
pub use severity::{Override, Severities};
pub use suppression::{
    Conditions, Glob, Scope, Suppression, SuppressionRule, SuppressionState, SuppressionUse, Suppressor,
};
