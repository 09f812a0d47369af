//! The scan: checks × (account | regions), all at once, every outcome turned into findings, whatever happens.

mod accounts;
mod checkpoint;
mod practices;
mod progress;
mod recording;
mod replay;
mod seen;
mod visit;

pub use accounts::{Run, Target, TargetState, run_all};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use practices::{Basis, roll_up};
pub use progress::Progress;
pub use recording::{HeadAccount, HeadLost, Recorded};
pub use replay::{Replayed, replay};
pub use visit::{Visit, run};

use crate::record::Record;

/// Where checks run: in a region, or (`None`) for the account as a whole.
pub type Place = Option<String>;

/// What a running scan tells.
#[derive(Debug)]
pub enum Event<'a> {
    /// A finding of a check that ran at a place.
    Finding(&'a Place, Box<Record>),
    /// Every check of a place has ended, and its last finding was told.
    Done(&'a Place),
}
