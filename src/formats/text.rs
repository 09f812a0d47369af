//! The text report: what is wrong, where, how to fix it, and what could not be seen. For a terminal.

mod changes;
mod fill;
mod fix;
mod glance;
mod ledger;
mod page;
mod seen;
mod suppressions;

use super::Options;
use crate::catalogue;
use crate::record::{AccountStatus, Record};
use crate::report::{Head, Report};
use anstyle::AnsiColor;
use fix::{fix, pasteable};
use page::{BOLD, DIM, Page, place, severity_style};
use posture_estate::finding::GapKind;
use posture_estate::finding::Severity;
use posture_estate::text::counted;
use posture_estate::text::safe;
use seen::{Failed, SHOWN, Seen};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let seen = Seen::of(report)?;
    let mut page = Page { out, options };
    page.head(&report.head)?;
    page.glance(&report.head)?;
    for failed in &seen.failed {
        page.failed_check(failed)?;
    }
    page.unseen(&seen)?;
    page.suppressions(&report.head)?;
    if let Some(baseline) = &report.head.baseline {
        page.changes(baseline, &seen.worse)?;
    }
    page.summary(&report.head)
}

impl<W: Write> Page<W> {
    fn incomplete(&mut self, head: &Head) -> io::Result<()> {
        let late = head.scan.accounts.iter().any(|row| row.status == AccountStatus::OutOfTime);
        let why = if late { "its time was over before all was judged" } else { "the scan was interrupted" };
        let warning = self.paint(AnsiColor::Red.on_default().bold(), &format!("INCOMPLETE: {why}"));
        self.line(&warning)
    }

    fn head(&mut self, head: &Head) -> io::Result<()> {
        let accounts = head.accounts();
        let title = self.paint(BOLD, &format!("posture {}  {}", head.tool.version, safe(&accounts)));
        self.line(&title)?;
        let scan = &head.scan;
        if !scan.complete {
            self.incomplete(head)?;
        }
        self.wrapped("  caller   ", "           ", &safe(&scan.caller.arn))?;
        let (counts, unseen) = ledger::lines(scan);
        if let Some(counts) = counts {
            self.wrapped("  accounts ", "           ", &counts)?;
        }
        for line in unseen {
            self.wrapped("         ! ", "           ", &line)?;
        }
        self.wrapped("  regions  ", "           ", &safe(&scan.regions.join(", ")))?;
        if !scan.settings.is_empty() {
            let of_check =
                scan.settings.iter().flat_map(|(id, values)| values.iter().map(move |(name, v)| (id, name, v)));
            let all: Vec<String> = of_check.map(|(id, name, value)| format!("{id}.{name} = {value}")).collect();
            self.wrapped("  settings ", "           ", &safe(&all.join(", ")))?;
        }
        let how = if scan.replayed { "replayed; judged as of" } else { "scanned at" };
        let (tenths, checks) = ((scan.duration_ms + 50) / 100, scan.checks.len());
        let calls = format!(
            "{}, {}, {}.{} s",
            counted(checks, "check"),
            counted(usize::try_from(scan.calls).unwrap_or(usize::MAX), "call"),
            tenths / 10,
            tenths % 10
        );
        self.wrapped("  scan     ", "           ", &format!("{calls}; {how} {}", scan.as_of))?;
        if let Some(source) = &scan.config {
            let changed = match scan.severities.len() {
                0 => String::new(),
                1 => ", 1 severity changed".to_owned(),
                many => format!(", {many} severities changed"),
            };
            let digest = source.sha256.get(..12).unwrap_or(&source.sha256);
            let line = format!("{} (SHA-256 {}…{changed})", safe(&source.path), safe(digest));
            self.wrapped("  config   ", "           ", &line)?;
        }
        if let Some(source) = &scan.attestations {
            self.wrapped("  attested ", "           ", &format!("statements from {}", safe(&source.path)))?;
        }
        self.line("")
    }

    fn failed_check(&mut self, failed: &Failed<'_>) -> io::Result<()> {
        let severity = self.paint(severity_style(failed.severity), &failed.severity.as_str().to_uppercase());
        let title = self.paint(BOLD, &safe(&failed.title));
        let id = self.paint(DIM, &safe(&failed.check_id));
        self.line(&format!("{severity}  {title}  {id}"))?;
        for record in &failed.findings.shown {
            self.resource(record)?;
        }
        let folded = failed.findings.count - failed.findings.shown.len();
        if folded > 0 {
            self.line(&format!("    … and {folded} more (all of them with --output html or json)"))?;
        }
        let Some(check) = catalogue::find(&failed.check_id) else {
            return self.line("    this version of posture has no such check\n");
        };
        let (prose, commands) = fix(check);
        if prose.is_empty() {
            self.line("    fix:")?;
        } else {
            self.wrapped("    fix: ", "      ", &prose)?;
        }
        let shown = pasteable(&commands);
        let first = failed.findings.shown.first();
        let filled: Vec<String> =
            shown.iter().map(|line| first.map_or((*line).to_owned(), |record| fill::fill(line, record))).collect();
        if failed.findings.count > 1 && filled.iter().zip(shown).any(|(filled, line)| filled != line) {
            self.line("      # for the first of them:")?;
        }
        for line in &filled {
            self.line(&format!("      {line}"))?;
        }
        let more = match shown.len() {
            0 => "the commands, and",
            some if some < commands.len() => "the rest, and",
            _ => "why, and",
        };
        let more = self.paint(DIM, &format!("      {more} what it can break: posture explain {}", check.id));
        self.line(&more)?;
        self.line("")
    }

    fn resource(&mut self, record: &Record) -> io::Result<()> {
        let resource = &record.resource;
        let message = safe(&record.message);
        // A message names its resource; the place and the ARN are what it lacks.
        let place = place(record);
        self.wrapped("  ✗ ", "    ", &format!("{place}{message}"))?;
        // The ARN of an account is that of its root user, who is not to blame.
        let account = resource.kind == "AWS::::Account";
        let arn = if account { format!("account {}", resource.id).into() } else { safe(&resource.arn) };
        let named = resource.name.as_deref().filter(|name| !message.contains(*name) && !arn.contains(*name));
        let name = named.map(|name| format!(" ({})", safe(name))).unwrap_or_default();
        let whole = self.paint(DIM, &format!("    {arn}{name}"));
        self.line(&whole)
    }

    fn unseen(&mut self, seen: &Seen<'_>) -> io::Result<()> {
        let undecided = &seen.undecided;
        if seen.unseen.is_empty() && undecided.count == 0 {
            return Ok(());
        }
        let head = self.paint(BOLD.underline(), "Could not be seen");
        self.line(&head)?;
        self.line("")?;
        for unseen in &seen.unseen {
            let kind = self.paint(AnsiColor::Magenta.on_default(), unseen.kind.as_str());
            let findings = match unseen.findings {
                0 => "no finding hangs on it alone".to_owned(),
                1 => "1 finding unknown".to_owned(),
                many => format!("{many} findings unknown"),
            };
            let head = format!("  ? {}  {kind} {}: {findings}", safe(unseen.call), places(&unseen.regions));
            self.wrapped("", "      ", &head)?;
            self.wrapped("      ", "      ", &safe(unseen.message))?;
            if unseen.kind == GapKind::Denied {
                self.line(&format!("      needs the IAM action {}", unseen.action))?;
            }
            let checks: Vec<&str> = unseen.checks.iter().copied().collect();
            let shown = checks.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
            let more = checks.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.wrapped("      leaves open: ", "        ", &format!("{shown}{more}"))?;
        }
        for record in &undecided.shown {
            let text = format!("{}: {}{}", record.check_id, place(record), safe(&record.message));
            self.wrapped("  ? ", "      ", &text)?;
        }
        let folded = undecided.count - undecided.shown.len();
        if folded > 0 {
            self.line(&format!("    … and {folded} more (all of them with --output html or json)"))?;
        }
        self.line("")
    }

    fn summary(&mut self, head: &Head) -> io::Result<()> {
        let counts = head.summary.findings.by_status;
        let failed = Severity::ALL.iter().filter_map(|severity| {
            let suppressed = head.summary.suppressed_by_severity.get(severity).copied().unwrap_or_default();
            let failed = head.summary.by_severity.get(severity).map_or(0, |counts| counts.fail);
            let count = failed.saturating_sub(suppressed);
            (count > 0).then(|| self.paint(severity_style(*severity), &format!("{count} {}", severity.as_str())))
        });
        let failed: Vec<String> = failed.collect();
        let detail = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join(", ")) };
        let suppressed = match head.summary.findings.suppressed {
            0 => String::new(),
            some => format!(", {some} suppressed"),
        };
        let counts = format!(
            "{} failed{detail}{suppressed}, {} unknown, {} passed, {} not applicable",
            head.summary.failing(Severity::Info),
            counts.unknown,
            counts.pass,
            counts.not_applicable
        );
        let label = self.paint(BOLD, "findings");
        self.line(&format!("{label}  {counts}"))?;
        if !head.scan.complete {
            self.incomplete(head)?;
        }
        Ok(())
    }
}

/// "in eu-west-1 and us-east-1", "account-wide", "in 17 regions".
fn places(regions: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = regions.iter().copied().filter(|region| *region != "global").collect();
    let regional = match names.as_slice() {
        [] => return "account-wide".to_owned(),
        [one] => format!("in {one}"),
        [most @ .., last] if names.len() <= 4 => format!("in {} and {last}", most.join(", ")),
        many => format!("in {} regions", many.len()),
    };
    if names.len() < regions.len() { format!("account-wide and {regional}") } else { regional }
}

#[cfg(test)]
mod tests {
    use super::page::no_command;
    use super::places;
    use std::collections::BTreeSet;

    #[test]
    fn places_are_named_while_they_are_few() {
        let of = |names: &[&'static str]| places(&names.iter().copied().collect::<BTreeSet<_>>());
        assert_eq!(of(&["global"]), "account-wide");
        assert_eq!(of(&["eu-west-1"]), "in eu-west-1");
        assert_eq!(of(&["us-east-1", "eu-west-1"]), "in eu-west-1 and us-east-1");
        assert_eq!(of(&["global", "eu-west-1"]), "account-wide and in eu-west-1");
        assert_eq!(of(&["a", "b", "c", "d", "e"]), "in 5 regions");
    }

    #[test]
    fn no_line_is_a_command_to_a_runner() {
        assert_eq!(no_command("    ::add-mask::x"), "    : :add-mask::x");
        assert_eq!(no_command("a ##[error]"), "a ## [error]");
        assert_eq!(no_command("arn:aws:s3:::bucket"), "arn:aws:s3:::bucket");
    }
}
