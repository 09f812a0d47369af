//! Where reports go, stdout and stderr.

use super::upload;
use crate::formats::{self, Destination, Options, Output};
use crate::report::Report;
use crate::run::UserError;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Proves before a scan that its reports can be written after it.
pub fn check_writable(outputs: &[Output]) -> Result<(), UserError> {
    formats::distinct(outputs).map_err(UserError::whole)?;
    writable(outputs.iter().filter_map(Output::path))
}

/// The same of paths.
pub fn writable<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<(), UserError> {
    for path in paths {
        let cannot = |error: &io::Error| UserError::write(path.display(), error);
        match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => {
                let what = format!("cannot write {}: it is a directory", path.display());
                return Err(UserError::new(what, "give the path of a file"));
            }
            Ok(there) if !there.is_file() => continue,
            _ => {}
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let probe = parent.join(format!(".posture-write-test.{}", std::process::id()));
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|error| cannot(&error))?;
    }
    Ok(())
}

/// Writes every report, those that last first: a pager that is closed on stdout takes no file along. The first error is told after all
/// were tried.
pub async fn deliver_all(outputs: &[Output], report: &Report, profile: Option<&str>) -> Result<(), UserError> {
    let (stdout, lasting): (Vec<&Output>, Vec<&Output>) =
        outputs.iter().partition(|output| output.place == Destination::Stdout);
    let mut first = Ok(());
    for output in lasting.into_iter().chain(stdout) {
        first = first.and(deliver(output, report, profile).await);
    }
    first
}

/// Writes a report to its place, as it is made. `profile` is for a place in AWS.
async fn deliver(output: &Output, report: &Report, profile: Option<&str>) -> Result<(), UserError> {
    let options = Options { width: width(), colour: colour(output) };
    let fill = |out: &mut dyn Write| formats::write(report, output.format, options, out);
    let written = match &output.place {
        Destination::File(path) => posture_estate::files::replace_file(path, fill),
        Destination::Stdout => {
            let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            fill(&mut out).and_then(|()| out.flush())
        }
        Destination::S3 { bucket, key } => {
            let file = in_temporary_file(fill).map_err(|error| {
                let what = format!("cannot write the report for {} to a temporary file: {error}", output.place);
                UserError::new(what, "make room there, or name another directory with TMPDIR")
            })?;
            return upload::put(file, bucket, &key_of(report, output, key), profile).await;
        }
    };
    written.map_err(|error| UserError::write(&output.place, &error))
}

fn in_temporary_file(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("posture-").tempfile()?;
    let mut out = io::BufWriter::with_capacity(1 << 16, file.as_file_mut());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    Ok(file)
}

/// A report below a prefix is named after its scan, and its shard: what a retried job writes replaces its own.
fn key_of(report: &Report, output: &Output, key: &str) -> String {
    if !key.ends_with('/') {
        return key.to_owned();
    }
    let name = match report.head.scan.shard {
        Some(shard) => format!("posture-shard-{}-of-{}", shard.index, shard.count),
        None => format!("posture-{}", report.head.scan.id),
    };
    format!("{key}{name}.{}", output.format.extension())
}

/// Everything to stdout, or an error: a closed pipe is not a short report.
pub fn stdout(bytes: &[u8]) -> Result<(), UserError> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| UserError::write("stdout", &error))
}

/// A line for the person, never part of a report.
pub fn note(line: &str) {
    // Nothing is left to tell it to when stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Columns of the terminal behind stdout, or a width that reads well in a file.
pub fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let columns = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    terminal.filter(|width| *width > 0).or_else(columns).unwrap_or(110).clamp(50, 160)
}

/// Colour only on a terminal, and never against `NO_COLOR`. <https://no-color.org>
pub fn colour(output: &Output) -> bool {
    output.place == Destination::Stdout && colour_on_stdout()
}

/// Whether stdout is a terminal that wants colour.
pub fn colour_on_stdout() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
