//! What people add to a scan, and what ends it well or not: statements about practices that no API shows, accepted failures,
//! severities of their own, an earlier report to compare with, and the exit code.

mod attestation;
mod baseline;
mod change;
mod diff;
mod fail_on;
#[cfg(test)]
mod fixtures;
mod lists;
mod reasons;
mod scope;
mod severity;
mod suppression;
mod verdict;

pub use attestation::{Attestation, Date, Given};
pub use baseline::{Baseline, BaselineNote, ChangeCounts};
pub use change::{Before, Change};
pub use diff::{Delta, Diff, Kind};
pub use fail_on::FailOn;
pub use severity::{Override, Severities};
pub use suppression::{
    Conditions, Glob, Scope, Suppression, SuppressionRule, SuppressionState, SuppressionUse, Suppressor,
};
pub use verdict::{Gate, GateCounts, Outcome, Rules, outcome};
