//! `posture scan`.

use super::audience::Terminal;
use super::scan_args::ScanArgs;
use super::{Exit, output};
use crate::config::Config;
use crate::formats::{Output, same_file};
use crate::gate::{self, Ending};
use crate::record::{Shard, Stop};
use crate::run::{self, Answers, Failure, InForce, Request, Scanned, UserError, environment_has_credentials};
use crate::scan::Recorded;
use posture_estate::aws::tape::Tape;
use std::sync::Arc;

/// Bytes of a worker's stack; unoptimised builds of the SDK nest deeper than the default 2 MiB.
const STACK: usize = 16 << 20;

pub fn main(args: &ScanArgs) -> Result<Exit, Failure> {
    let config = args.file.load(args.attestations.as_deref())?;
    let request = request(args, config)?;
    let outputs = &request.force.outputs;
    output::check_writable(outputs)?;
    if let Some(path) = &request.force.baseline
        && outputs.iter().filter_map(Output::path).any(|output| same_file(output, path))
    {
        let what = format!("the baseline {} is an output, too: it would accept what this scan finds", path.display());
        return Err(UserError::new(what, "write elsewhere").into());
    }
    let runtime = runtime()?;
    let exit = runtime.block_on(scan(args, &request));
    // Connections that still wait for an answer must not hold the exit up.
    runtime.shutdown_background();
    exit
}

/// What is asked for, by arguments, configuration and environment.
fn request(args: &ScanArgs, config: Config) -> Result<Request, Failure> {
    let mut force = InForce::of(args.flags(), &config, environment_has_credentials());
    let whom = args.targets.whom();
    let answers = match &args.replay {
        Some(dir) => Answers::Tape(Arc::new(Tape::load(dir)?)),
        None => Answers::Live { limits: args.limits.limits(), record: args.record.clone() },
    };
    if let Answers::Tape(tape) = &answers
        && let Some(selection) = Recorded::of(tape)?.selection
        && force.selection.is_all()
    {
        output::note("judging what the recording was asked for; --check '*' judges everything");
        force.selection = selection;
    }
    let shard = match args.shard {
        None if args.replay.is_none() && whom.members() => {
            Shard::of_job(|name| std::env::var(name).ok()).map_err(UserError::whole)?
        }
        given => given,
    };
    let (deadline, checkpoint) = (args.deadline, args.checkpoint.clone());
    Ok(Request { config, force, whom, answers, deadline, checkpoint, shard })
}

/// Threads for a scan.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, UserError> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    built.map_err(|error| {
        UserError::new(format!("the system gives no threads to scan with: {error}"), "allow more of them (ulimit -u)")
    })
}

async fn scan(args: &ScanArgs, request: &Request) -> Result<Exit, Failure> {
    let force = &request.force;
    let Some(scanned) = run::scan(request, &Terminal).await? else { return Ok(Exit::Interrupted) };
    let profile = force.profiles.first().map(String::as_str);
    let written = output::deliver_all(&force.outputs, &scanned.report, profile).await;
    let exit = verdict(args, force.allow_unknown, &scanned);
    written?;
    scanned.delivered()?;
    Ok(exit)
}

/// The exit code, and on stderr the reason for it.
fn verdict(args: &ScanArgs, allow_unknown: bool, scanned: &Scanned) -> Exit {
    let Scanned { report, gate, stopped, .. } = scanned;
    for difference in report.head.baseline.iter().flat_map(|baseline| &baseline.differences) {
        output::note(&format!("warning: {difference}; what it lacks counts as new"));
    }
    let end = gate::ending(gate.counts(), *stopped, allow_unknown);
    if *stopped == Some(Stop::OutOfTime) {
        output::note(
            "out of time: what had not been judged by the deadline is unknown, and the report is marked incomplete",
        );
    }
    if end == Ending::Interrupted {
        output::note("interrupted: the report is marked incomplete");
        if args.record.is_some() {
            output::note("nothing was recorded: a tape holds a whole scan");
        }
    } else {
        gate.reason().iter().for_each(|line| output::note(line));
    }
    end.into()
}
