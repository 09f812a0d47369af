//! The judges: what people add to a scan (accepted failures, severities of their own, an earlier report to compare with) brought to
//! bear on its findings, and the exit code.

mod baseline;
mod change;
mod diff;
mod fail_on;
#[cfg(test)]
mod fixtures;
mod judges;
mod lists;
mod reasons;
mod scope;
mod severity;
mod suppressor;
mod verdict;

pub use baseline::Baseline;
pub use change::{Before, change};
pub use diff::{Delta, DeltaKind, Diff};
pub use fail_on::FailOn;
pub use judges::Judges;
pub use severity::Severities;
pub use suppressor::{Coverage, Suppressor};
pub use verdict::{Ending, Gate, GateCounts, Rules, ending};
