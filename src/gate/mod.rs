//! What people add to a scan: statements about practices that no API shows.

mod attestation;
mod suppression;

pub use attestation::{Attestation, Date, Given};
pub use suppression::Suppression;
