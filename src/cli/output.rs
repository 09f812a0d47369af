//! Where reports go, stdout and stderr.

use super::UserError;
use crate::report::{self, Options, Output, Report};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Proves before a scan that its reports can be written after it.
pub fn check_writable(outputs: &[Output]) -> Result<(), UserError> {
    report::distinct(outputs).map_err(UserError)?;
    for path in outputs.iter().filter_map(|output| output.path.as_deref()) {
        let cannot = |error: &dyn fmt::Display| UserError(format!("cannot write {}: {error}", path.display()));
        match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(cannot(&"it is a directory")),
            Ok(there) if !there.is_file() => continue,
            _ => {}
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let probe = parent.join(format!(".posture-write-test.{}", std::process::id()));
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|error| cannot(&error))?;
    }
    Ok(())
}

/// Writes a report to its place, as it is made.
pub fn deliver(output: &Output, report: &Report) -> Result<(), UserError> {
    let options = Options { width: width(), colour: colour(output) };
    let fill = |out: &mut dyn Write| report::write(report, output.format, options, out);
    let written = match &output.path {
        Some(path) => report::replace_file(path, fill),
        None => {
            let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            fill(&mut out).and_then(|()| out.flush())
        }
    };
    written.map_err(|error| UserError(format!("cannot write {output}: {error}")))
}

/// Everything to stdout, or an error: a closed pipe is not a short report.
pub fn stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
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
    output.path.is_none()
        && io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
