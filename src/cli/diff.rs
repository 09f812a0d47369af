//! `posture diff`.

use super::{Exit, output, words};
use crate::formats::{self, DiffFormat, DiffSummary, Options};
use crate::gate::{Diff, FailOn};
use crate::report;
use crate::run::{Failure, UserError};
use clap::Args;
use posture_estate::files::replace_file;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier JSON report
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The later JSON report
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// How to write it: text, json or markdown, to stdout or to a file with =PATH (several times; default: text)
    #[arg(long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<DiffOutput>,
    /// End with 1 when a failed finding at or above --fail-on is new, reopened or worsened
    #[arg(long)]
    exit_code: bool,
    /// The severity from which --exit-code counts
    #[arg(long, value_parser = words::fail_on(), value_name = "SEVERITY", default_value = FailOn::High.as_str())]
    fail_on: FailOn,
}

/// One `--output`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DiffOutput {
    format: DiffFormat,
    /// `None` is stdout.
    path: Option<PathBuf>,
}

impl FromStr for DiffOutput {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("the path after = is empty".into()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = DiffFormat::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let known: Vec<&str> = DiffFormat::ALL.iter().map(|(known, _)| *known).collect();
        let format = format.ok_or_else(|| format!("unknown format {name:?}; there are {}", known.join(", ")))?;
        Ok(DiffOutput { format, path })
    }
}

pub fn main(args: &DiffArgs) -> Result<Exit, Failure> {
    let text = [DiffOutput { format: DiffFormat::Text, path: None }];
    let outputs = if args.outputs.is_empty() { &text[..] } else { &args.outputs };
    distinct(outputs)?;
    output::writable(outputs.iter().filter_map(|output| output.path.as_deref()))?;
    let (before, after) = (report::read(&args.before)?, report::read(&args.after)?);
    let cannot = |error: io::Error| {
        let what = format!("cannot compare {} and {}: {error}", args.before.display(), args.after.display());
        UserError::new(what, "get both reports again from where they were written")
    };
    let diff = Diff::of(&before, &after).map_err(cannot)?;
    if outputs.iter().all(|output| output.format != DiffFormat::Text || output.path.is_some()) {
        diff.differences.iter().for_each(|difference| output::note(&format!("warning: {difference}")));
    }
    let summary = DiffSummary::of(&diff).map_err(cannot)?;
    outputs.iter().try_for_each(|output| deliver(output, &diff, &summary))?;
    let Some(severity) = args.fail_on.severity().filter(|_| args.exit_code) else { return Ok(Exit::Clean) };
    let worse = summary.worse_at_least(severity);
    if worse == 0 {
        return Ok(Exit::Clean);
    }
    let (findings, are) = if worse == 1 { ("failed finding", "is") } else { ("failed findings", "are") };
    let at = format!("at or above {} {are} new, reopened or worsened", severity.as_str());
    output::note(&format!("exit 1: {worse} {findings} {at} (--exit-code, --fail-on)"));
    Ok(Exit::Failed)
}

/// Refuses outputs that would go to one place.
fn distinct(outputs: &[DiffOutput]) -> Result<(), UserError> {
    let mut seen = BTreeSet::new();
    match outputs.iter().find(|output| !seen.insert(output.path.as_ref())).map(|output| output.path.as_ref()) {
        None => Ok(()),
        Some(None) => {
            Err(UserError::new("only one output can go to stdout", "give the others a path, such as json=diff.json"))
        }
        Some(Some(path)) => {
            Err(UserError::new(format!("two outputs go to {}", path.display()), "give each a path of its own"))
        }
    }
}

fn deliver(output: &DiffOutput, diff: &Diff<'_>, summary: &DiffSummary) -> Result<(), UserError> {
    let options = Options { width: output::width(), colour: output.path.is_none() && output::colour_on_stdout() };
    let fill = |out: &mut dyn Write| formats::write_diff(diff, summary, output.format, options, out);
    let (written, place) = match &output.path {
        Some(path) => (replace_file(path, fill), path.display().to_string()),
        None => {
            let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            (fill(&mut out).and_then(|()| out.flush()), "stdout".to_owned())
        }
    };
    written.map_err(|error| UserError::write(place, &error))
}
