//! A scan from end to end without a command line: what is asked for goes in as plain data, a report comes out. A test or a program
//! that uses the library scans an organization as `posture scan` does.
//!
//! [`scan`] finds the accounts ([`Whom`]), connects to them or to a tape, runs the checks, and assembles the report. What becomes of
//! it, files and exit codes, is the caller's.

mod accounts_file;
mod assemble;
mod audience;
mod central;
mod connect;
mod failure;
mod gather;
mod in_force;
mod plan;
mod practices;
mod request;
mod stop;
mod targets;
mod whom;

pub use audience::Audience;
pub use failure::{Bug, Failure, OrBug, UserError};
pub use in_force::{Flags, InForce, environment_has_credentials, pick, selection};
pub use practices::practices_of_tape;
pub use request::{Answers, Request};
pub use whom::Whom;

use crate::gate::{Baseline, Gate, Judges, Suppressor};
use crate::record::{Findings, Stop};
use crate::report::Report;
use crate::scan::{Checkpoint, Progress, Run};
use assemble::assemble;
use connect::connect;
use gather::gather;
use plan::Plan;
use request::day;
use stop::{interruptible, shown, stopped};
use tokio::sync::watch;

/// A scan that has ended.
#[derive(Debug)]
pub struct Scanned {
    pub report: Report,
    /// What of it breaks the gate.
    pub gate: Gate,
    /// Why it ended before its time.
    pub stopped: Option<Stop>,
    checkpoint: Option<Checkpoint>,
}

impl Scanned {
    /// The report is where it belongs: what was kept to go on with is not needed any more.
    ///
    /// # Errors
    /// When the directory cannot be cleared.
    pub fn delivered(&self) -> Result<(), UserError> {
        let Some(checkpoint) = self.checkpoint.as_ref().filter(|_| self.stopped.is_none()) else { return Ok(()) };
        checkpoint.finish().map_err(|error| {
            let what = format!("cannot clear the checkpoint in {}: {error}", checkpoint.dir().display());
            UserError::new(what, "remove the directory before the next scan")
        })
    }
}

/// Scans; `None` when the end was asked for before the accounts were known.
///
/// # Errors
/// When the scan cannot begin (the request contradicts itself, the credentials do not work, a file cannot be read) or what was
/// found cannot be kept. What AWS refuses in between is in the report.
pub async fn scan(request: &Request, audience: &impl Audience) -> Result<Option<Scanned>, Failure> {
    let Request { config, force, .. } = request;
    request.check()?;
    let checks = pick(&force.selection, config)?;
    let baseline = force.baseline.as_deref().map(Baseline::read).transpose()?;
    let mut plan = Plan::begin(request, audience)?;
    let Some(connected) = interruptible(connect(request, &checks, plan.started, audience), audience).await else {
        return Ok(None);
    };
    let mut connected = connected?;
    plan.settle(request, &mut connected)?;
    connected.introduce(request.shard, audience);
    let checkpoint = plan.checkpoint(request)?;

    let day = day(connected.scene.now);
    let suppressor = Suppressor::new(&config.suppressions, day);
    let judges = Judges::new(&config.severities, &config.checks, suppressor, baseline);
    let (mut gate, mut findings) = (Gate::new(force.rules()), Findings::new());
    let (stopper, stop) = watch::channel(None);
    let progress = Progress::default();
    let run = Run {
        partition: &connected.targets.partition,
        checks: &connected.checks,
        at_once: usize::from(request.whom.at_once),
        progress: &progress,
        stop,
        checkpoint: checkpoint.as_ref(),
        terms: &judges,
    };
    let gathered = gather(&run, &connected, &judges, |record| {
        gate.add(&record);
        findings.add(record)
    });
    let gathered = tokio::select! {
        gathered = gathered => gathered?,
        never = stopped(&stopper, request.deadline, audience) => match never {},
        never = shown(audience.watch(&progress, &connected.scene.transport)) => match never {},
    };
    findings.seal();
    gathered.warn(day, audience);
    let stopped = gathered.stopped();
    connected.keep_tape(&gathered, &force.selection, plan.started)?;
    let practices = gathered.practices(&connected.checks, config, day, audience);
    let mut head = assemble(request, &plan, &connected, &gathered);
    head.practices = practices;
    head.baseline = judges.note(&head);
    let report = Report { head, findings, gaps: gathered.tally.gaps() };
    Ok(Some(Scanned { report, gate, stopped, checkpoint }))
}
