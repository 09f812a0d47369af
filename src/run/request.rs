//! A scan as somebody asks for it.

use super::{InForce, UserError, Whom};
use crate::config::Config;
use crate::record::Shard;
use aws_smithy_types::DateTime;
use posture_estate::aws::tape::Tape;
use posture_estate::aws::transport::Limits;
use posture_estate::day::{Date, rfc3339, today};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A scan that somebody asks for.
#[derive(Debug)]
pub struct Request {
    pub config: Config,
    /// What holds of flags and configuration.
    pub force: InForce,
    pub whom: Whom,
    pub answers: Answers,
    /// End after this time.
    pub deadline: Option<Duration>,
    /// Where finished places are kept, to go on there.
    pub checkpoint: Option<PathBuf>,
    /// Only this part of the accounts.
    pub shard: Option<Shard>,
}

/// Where the answers come from.
#[derive(Debug)]
pub enum Answers {
    /// AWS, and whether they are kept in a directory.
    Live {
        limits: Arc<Limits>,
        record: Option<PathBuf>,
    },
    Tape(Arc<Tape>),
}

impl Request {
    /// Refuses what contradicts itself.
    pub(super) fn check(&self) -> Result<(), UserError> {
        if self.shard.is_some() && !self.whom.members() {
            let what = "--shard cuts a scan of many accounts";
            return Err(UserError::new(what, "it goes with --org, --accounts-file or --account"));
        }
        Ok(())
    }
}

/// The day that statements of people are judged by. A tape is judged as of its recording, as everything else is: the same
/// tape gives the same answer.
pub(super) fn day(as_of: DateTime) -> Date {
    Date::of(&rfc3339(as_of)).unwrap_or_else(today)
}
