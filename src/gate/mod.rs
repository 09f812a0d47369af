//! What people add to a scan: statements about practices that no API shows.

mod attestation;
mod file;
mod suppression;
mod template;

pub use attestation::{Attestation, Date, Given};
pub use file::{FileError, Settings, find};
pub use suppression::Suppression;
pub use template::template;
