//! The data of a report: findings with their place, what became of accounts and practices, and what people added to them. Nothing
//! here judges: a scan makes it, `gate` decides over it, and reports carry it.

mod attestation;
mod baseline;
mod change;
mod findings;
mod ledger;
mod practice;
#[expect(clippy::module_inception, reason = "a record is what the room is named after")]
mod record;
mod severity;
mod shard;
mod source;
pub(crate) mod suppression;
mod tally;
mod terms;

pub use attestation::{Attestation, Given};
pub use baseline::{BaselineNote, ChangeCounts};
pub use change::Change;
pub use findings::Findings;
pub use ledger::{AccountRow, AccountStatus, Ended, RegionRow, Stop};
pub use practice::{PracticeResult, PracticeStatus};
pub use record::{GapLine, GapNote, Record};
pub use severity::Override;
pub use shard::Shard;
pub use source::ConfigFile;
pub use suppression::{Conditions, Glob, Suppression, SuppressionRule, SuppressionState, SuppressionUse};
pub use tally::{CheckTally, Counts, GapSum, Tally};
pub use terms::Terms;
