//! `posture merge`: the reports of shards as one, or one report in other formats.

use super::{Exit, output, words};
use crate::formats::{Destination, Format, Output};
use crate::gate::{FailOn, Gate, Rules, ending};
use crate::record::{AccountStatus, Stop};
use crate::report::merge;
use crate::run::{Failure, UserError};
use clap::Args;
use posture_estate::finding::Severity;
use std::io;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// JSON reports: all shards of a scan, or a single report
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// A report, to stdout or to a file with =PATH, as in `posture scan` (several times; default: json)
    #[arg(long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<Output>,
    /// The severity from which failed findings make the exit code 1, as in `posture scan` (default: never)
    #[arg(long, value_parser = words::fail_on(), value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// The severity from which unknown findings make the exit code 3 (default: that of --fail-on)
    #[arg(long, value_parser = words::severity(), value_name = "SEVERITY", conflicts_with = "allow_unknown")]
    fail_on_unknown: Option<Severity>,
    /// Let unknown findings end with 0 instead of 3
    #[arg(long)]
    allow_unknown: bool,
}

/// Findings that were put aside and cannot be read again.
fn kept(error: &io::Error) -> UserError {
    let what = format!("findings in the directory for temporary files cannot be read again: {error}");
    UserError::new(what, "make room there, or name another one with TMPDIR")
}

pub fn main(args: &MergeArgs) -> Result<Exit, Failure> {
    let outputs = match args.outputs.as_slice() {
        [] => vec![Output { format: Format::Json, place: Destination::Stdout }],
        given => given.to_vec(),
    };
    output::check_writable(&outputs)?;
    let fail_on = args.fail_on.and_then(FailOn::severity);
    let report = merge::merge(&args.reports)?;
    let runtime = super::scan::runtime()?;
    let written = runtime.block_on(output::deliver_all(&outputs, &report, None));
    let gated = fail_on.is_some() || args.fail_on_unknown.is_some();
    let stopped = match report.head.scan.complete {
        true => None,
        false if report.head.scan.accounts.iter().any(|row| row.status == AccountStatus::Interrupted) => {
            Some(Stop::Interrupted)
        }
        false => Some(Stop::OutOfTime),
    };
    if stopped.is_some() {
        output::note("warning: the scan was not complete");
    }
    written?;
    if !gated {
        return Ok(Exit::Clean);
    }
    let baseline = report.head.baseline.is_some();
    let mut gate = Gate::new(Rules::new(fail_on, baseline, args.allow_unknown, args.fail_on_unknown));
    for record in report.findings.iter() {
        gate.add(&*record.map_err(|error| kept(&error))?);
    }
    gate.reason().iter().for_each(|line| output::note(line));
    Ok(ending(gate.counts(), stopped, args.allow_unknown).into())
}
