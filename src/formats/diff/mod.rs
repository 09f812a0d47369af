//! The comparison of two reports: text for a terminal, JSON for programs, Markdown for a job summary or a review.

mod json;
mod markdown;
mod summary;
mod text;

pub use json::{SCHEMA as DIFF_SCHEMA, VERSION as DIFF_VERSION};
pub use summary::DiffSummary;

use super::Options;
use crate::gate::Diff;
use std::io::{self, Write};

/// The formats of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffFormat {
    Text,
    Json,
    Markdown,
}

impl DiffFormat {
    /// By name, in the order of the manual.
    pub const ALL: &[(&'static str, DiffFormat)] =
        &[("text", DiffFormat::Text), ("json", DiffFormat::Json), ("markdown", DiffFormat::Markdown)];
}

/// Writes a comparison in a format.
///
/// # Errors
/// When the writer fails, or the findings cannot be read again.
pub fn write_diff(
    diff: &Diff<'_>,
    seen: &DiffSummary,
    format: DiffFormat,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        DiffFormat::Text => text::write(diff, seen, options, out),
        DiffFormat::Json => json::write(diff, seen.counts, out),
        DiffFormat::Markdown => markdown::write(diff, seen, out),
    }
}
