//! A comparison for a terminal.

use super::super::Options;
use super::summary::{DiffSummary, counted};
use crate::gate::{DeltaKind, Diff};
use crate::record::Counts;
use crate::report::Head;
use anstyle::{AnsiColor, Style};
use posture_estate::text::safe;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(diff: &Diff<'_>, seen: &DiffSummary, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let paint =
        |style: Style, text: &str| if options.colour { format!("{style}{text}{style:#}") } else { text.to_owned() };
    let wrapped = |out: &mut dyn Write, first: &str, rest: &str, text: &str| -> io::Result<()> {
        let wrap = textwrap::Options::new(options.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::wrap(text, wrap).iter().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
    };
    let bold = Style::new().bold();
    writeln!(out, "{}", paint(bold, "What changed"))?;
    wrapped(out, "  from  ", "        ", &which(&diff.before.head))?;
    wrapped(out, "  to    ", "        ", &which(&diff.after.head))?;
    for difference in &diff.differences {
        wrapped(out, "! ", "  ", difference)?;
    }
    for (kind, count, lines) in seen.kinds() {
        writeln!(out, "\n{}", paint(bold, &format!("{} ({count})", heading(kind))))?;
        let (sign, style) = match kind {
            DeltaKind::New | DeltaKind::Reopened | DeltaKind::Worsened => ("✗", AnsiColor::Red.on_default()),
            DeltaKind::BecameUnknown | DeltaKind::NotScanned => ("?", AnsiColor::Magenta.on_default()),
            DeltaKind::Fixed | DeltaKind::Gone | DeltaKind::BecameKnown => ("✓", AnsiColor::Green.on_default()),
        };
        for line in &lines {
            writeln!(out, "  {} {:<8}  {}", paint(style, sign), line.severity.0.as_str(), safe(&line.check_id))?;
            wrapped(out, "      ", "        ", &safe(&line.message))?;
            writeln!(out, "      {}", paint(Style::new().dimmed(), &safe(&line.arn)))?;
        }
        let more = count.saturating_sub(lines.len() as u64);
        if more > 0 {
            writeln!(out, "    … and {more} more (all of them with --output json)")?;
        }
    }
    only(out, "Checks that only the earlier scan ran", &diff.only_before)?;
    only(out, "Checks that only the later scan ran", &diff.only_after)?;
    writeln!(out, "\n{}  {}", paint(bold, "changes"), counted(seen))
}

fn only(out: &mut dyn Write, title: &str, checks: &BTreeMap<String, Counts>) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title} ({}); not compared", checks.len())?;
    for (check, counts) in checks {
        writeln!(out, "  {}: {} failed, {} unknown", safe(check), counts.fail, counts.unknown)?;
    }
    Ok(())
}

/// A scan in a line.
fn which(head: &Head) -> String {
    let scan = &head.scan;
    safe(&format!("{}, {} (scan {})", head.accounts(), scan.finished_at, scan.id)).into_owned()
}

fn heading(kind: DeltaKind) -> &'static str {
    match kind {
        DeltaKind::New => "New failures",
        DeltaKind::Reopened => "Passed or did not apply, fails now",
        DeltaKind::Worsened => "Failed before, worse now",
        DeltaKind::BecameUnknown => "Became unknown",
        DeltaKind::Fixed => "Fixed",
        DeltaKind::Gone => "Failed before, gone now",
        DeltaKind::NotScanned => "Failed before, not scanned any more",
        DeltaKind::BecameKnown => "Was unknown, seen now",
    }
}
