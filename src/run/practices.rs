//! The practices of a recorded account, without a report around them.

use super::connect::connect;
use super::gather::gather;
use super::request::day;
use super::{Answers, Audience, Failure, Flags, InForce, Request, Whom};
use crate::catalogue::{self, Check};
use crate::config::Config;
use crate::gate::{Judges, Suppressor};
use crate::report::PracticeRow;
use crate::scan::{Progress, Run};
use posture_estate::aws::tape::Tape;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The practices of a recorded account, all checks judged.
///
/// # Errors
/// When the tape cannot be read.
pub async fn practices_of_tape(
    dir: &Path,
    config: Config,
    audience: &impl Audience,
) -> Result<Vec<PracticeRow>, Failure> {
    let tape = Arc::new(Tape::load(dir)?);
    let started = tape.time()?;
    let everything = InForce::of(Flags::default(), &Config::default(), false);
    let request = Request {
        config,
        force: everything,
        whom: Whom::default(),
        answers: Answers::Tape(tape),
        deadline: None,
        checkpoint: None,
        shard: None,
    };
    let checks: Vec<&'static Check> = catalogue::checks().iter().collect();
    let connected = connect(&request, &checks, started, audience).await?;
    let (config, day) = (&request.config, day(connected.scene.now));
    let suppressor = Suppressor::new(&config.suppressions, day);
    let judges = Judges::new(&config.severities, &config.checks, suppressor, None);
    let (_never, stop) = watch::channel(None);
    let run = Run {
        partition: &connected.targets.partition,
        checks: &connected.checks,
        at_once: 1,
        progress: &Progress::default(),
        stop,
        checkpoint: None,
        terms: &judges,
    };
    let gathered = gather(&run, &connected, &judges, |_| Ok(())).await?;
    gathered.warn(day, audience);
    Ok(gathered.practices(&connected.checks, config, day, audience))
}
