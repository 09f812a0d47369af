//! Reports: pure renderers over the same findings, one file per format, each a stream: nothing here holds all findings.

pub mod asff;
pub mod csv;
mod diff;
mod fold;
mod github;
mod head;
mod html;
pub mod json;
mod junit;
mod markdown;
pub mod merge;
mod ndjson;
pub mod ocsf;
mod output;
mod read;
mod remedy;
mod sarif;
pub mod text;

pub use diff::{DIFF_SCHEMA, DIFF_VERSION, DiffFormat, DiffSummary, write_diff};
pub use head::{Head, PracticeRow, Scan, Statement, Summary, Tool, Totals};
pub use output::{Output, Place, distinct, same_file};
pub use posture_estate::files::replace_file;
pub use posture_estate::text::{counted, safe};
pub use read::{ReadError, read, visit};

use crate::scan::{Findings, GapSum};
use std::io::{self, Write};

/// All that a report is made of, whether a scan has just ended or a file was read.
#[derive(Debug)]
pub struct Report {
    pub head: Head,
    /// Sorted by account, region, check, ARN and sub-key.
    pub findings: Findings,
    pub gaps: Vec<GapSum>,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Ndjson,
    Sarif,
    Junit,
    Csv,
    Markdown,
    Github,
    Html,
    Ocsf,
    Asff,
}

impl Format {
    /// By name, in the order of the manual.
    pub const ALL: &[(&'static str, Format)] = &[
        ("text", Format::Text),
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("sarif", Format::Sarif),
        ("junit", Format::Junit),
        ("csv", Format::Csv),
        ("markdown", Format::Markdown),
        ("github", Format::Github),
        ("html", Format::Html),
        ("ocsf", Format::Ocsf),
        ("asff", Format::Asff),
    ];
}

impl Format {
    /// The usual end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Sarif => "sarif",
            Format::Junit => "xml",
            Format::Csv => "csv",
            Format::Markdown => "md",
            Format::Github => "github.txt",
            Format::Html => "html",
            Format::Ocsf => "ocsf.ndjson",
            Format::Asff => "asff.json",
        }
    }
}

/// How to lay out what a person reads.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}

/// Writes a report in a format.
///
/// # Errors
/// When the writer fails, or the findings cannot be read again.
pub fn write(report: &Report, format: Format, options: Options, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, options, out),
        Format::Json => json::write(report, out),
        Format::Ndjson => ndjson::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Csv => csv::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Github => github::write(report, out),
        Format::Html => html::write(report, out),
        Format::Ocsf => ocsf::write(report, out),
        Format::Asff => asff::write(report, out),
    }
}
