//! Reports: pure renderers over the same findings, one file per format, each a stream: nothing here holds all findings.

pub mod asff;
pub mod csv;
mod diff;
mod fold;
mod github;
mod html;
mod junit;
mod markdown;
mod ndjson;
pub mod ocsf;
mod options;
mod output;
mod remedy;
mod sarif;
pub mod text;

pub use diff::{DIFF_SCHEMA, DIFF_VERSION, DiffFormat, DiffSummary, write_diff};
pub use options::Options;
pub use output::{Destination, Output, distinct, same_file};

use crate::report::{Report, json};
use std::io::{self, Write};

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
