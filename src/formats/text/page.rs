//! The lines of the text report, and what they look like.

use crate::formats::Options;
use crate::record::Record;
use anstyle::{AnsiColor, Style};
use posture_estate::finding::Severity;
use std::borrow::Cow;
use std::io::{self, Write};

pub(super) struct Page<W> {
    pub(super) out: W,
    pub(super) options: Options,
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

pub(super) fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => DIM,
    }
}

impl<W: Write> Page<W> {
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.options.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{}", no_command(line.trim_end()))
    }

    /// Wrapped text under an indent; words that are too long (ARNs) stay whole, so that they can be copied.
    pub(super) fn wrapped(&mut self, first: &str, rest: &str, text: &str) -> io::Result<()> {
        let options = textwrap::Options::new(self.options.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            self.line(&line)?;
        }
        Ok(())
    }
}

/// The log of a CI job is read by its runner, too: a name from AWS must not become a workflow command there.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
pub(super) fn no_command(line: &str) -> Cow<'_, str> {
    if !line.contains("##[") && !line.trim_start().starts_with("::") {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.replace("##[", "## [").replacen("::", ": :", 1))
}

/// The region before a message that does not name it itself.
pub(super) fn place(record: &Record) -> String {
    let named = record.region == "global" || record.message.contains(&record.region);
    if named { String::new() } else { format!("{}: ", record.region) }
}
