//! `posture merge`: the reports of shards as one, or one report in other formats.

use super::output;
use super::{Exit, UserError};
use crate::report::{Format, Output, Place, merge};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// JSON reports: all shards of a scan, or a single report
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// A report, to stdout or to a file with =PATH, as in `posture scan` (several times; default: json)
    #[arg(long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<Output>,
}

pub fn main(args: &MergeArgs) -> Result<Exit, UserError> {
    let outputs = match args.outputs.as_slice() {
        [] => vec![Output { format: Format::Json, place: Place::Stdout }],
        given => given.to_vec(),
    };
    output::check_writable(&outputs)?;
    let report = merge::merge(&args.reports)?;
    if !report.head.scan.complete {
        output::note("warning: the scan was not complete");
    }
    let runtime = super::scan::runtime()?;
    runtime.block_on(output::deliver_all(&outputs, &report, None))?;
    Ok(Exit::Clean)
}
