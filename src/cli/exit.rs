//! The exit codes.

use crate::gate::Ending;
use std::process::ExitCode;

/// What the exit code of `posture` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The scan is complete and nothing reaches `--fail-on`.
    Clean = 0,
    /// A failed finding at or above `--fail-on`, not suppressed and not in the baseline.
    Failed = 1,
    /// Could not scan: usage, configuration, credentials, a file that cannot be read or written.
    CannotScan = 2,
    /// Nothing reached `--fail-on`, but a check at or above it, or at `--fail-on-unknown`, is unknown somewhere.
    Unknown = 3,
    /// Interrupted; what was found is written and marked incomplete.
    Interrupted = 130,
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Clean => Exit::Clean,
            Ending::Failed => Exit::Failed,
            Ending::Unknown => Exit::Unknown,
            Ending::Interrupted => Exit::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
