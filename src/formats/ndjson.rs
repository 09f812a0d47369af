//! Newline-delimited JSON: a finding a line, as in the JSON report. For `jq`, log pipelines and loading into tables.

use crate::report::Report;
use std::io::{self, Write};

/// Writes the findings.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for record in report.findings.iter() {
        serde_json::to_writer(&mut *out, &record?)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
