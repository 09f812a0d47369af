//! The text report: what is wrong, where, how to fix it, and what could not be seen. For a terminal.

use super::{Report, safe};
use crate::aws::gap::GapKind;
use crate::catalogue::{Check, checks, pillar};
use crate::finding::{Severity, Status};
use crate::scan::{PracticeResult, PracticeStatus, Record};
use anstyle::{AnsiColor, Style};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Resources shown for one check before the rest is counted.
const SHOWN: usize = 8;
/// Lines of a fix that are shown; `posture explain` has the whole of it.
const FIX_LINES: usize = 8;

/// How to lay the report out.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report<'_>, options: Options, out: impl Write) -> io::Result<()> {
    let mut page = Page { out, options };
    page.head(report)?;
    page.glance(report)?;
    page.failures(report)?;
    page.unseen(report)?;
    page.summary(report)
}

/// A check and its failed findings.
type Failed<'a> = (&'a Check, Vec<&'a Record>);

struct Page<W> {
    out: W,
    options: Options,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => DIM,
    }
}

impl<W: Write> Page<W> {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.options.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{}", line.trim_end())
    }

    /// Wrapped text under an indent; words that are too long (ARNs) stay whole, so that they can be copied.
    fn wrapped(&mut self, first: &str, rest: &str, text: &str) -> io::Result<()> {
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

    fn incomplete(&mut self) -> io::Result<()> {
        let warning = self.paint(AnsiColor::Red.on_default().bold(), "INCOMPLETE: the scan was interrupted");
        self.line(&warning)
    }

    fn head(&mut self, report: &Report<'_>) -> io::Result<()> {
        let account = match &report.account_name {
            Some(name) => format!("{} ({})", report.account_id, safe(name)),
            None => report.account_id.clone(),
        };
        let title = self.paint(BOLD, &format!("posture {}  account {account}", env!("CARGO_PKG_VERSION")));
        self.line(&title)?;
        if !report.complete {
            self.incomplete()?;
        }
        self.wrapped("  caller   ", "           ", &safe(&report.caller.arn))?;
        self.wrapped("  regions  ", "           ", &report.regions.join(", "))?;
        let how = if report.replayed { "replayed; judged as of" } else { "scanned at" };
        let calls = format!("{} checks, {} calls, {:.1} s", report.checks.len(), report.calls, report.seconds);
        self.wrapped("  scan     ", "           ", &format!("{calls}; {how} {}", report.as_of))?;
        self.line("")
    }

    /// The pillar at a glance: a row per area, and the attestations that have run out.
    fn glance(&mut self, report: &Report<'_>) -> io::Result<()> {
        use PracticeStatus::{Attested, Met, NeedsAttestation, NotApplicable, NotMet, Unknown};
        let mut rows: Vec<(&str, BTreeMap<PracticeStatus, usize>)> = Vec::new();
        // A selection says nothing about the practices that it leaves out.
        let partial = report.checks.len() < checks().len();
        let shown = |result: &&PracticeResult| result.practice.is_current() && !(partial && result.checks.is_empty());
        for result in report.practices.iter().filter(shown) {
            let area = result.practice.area.as_str();
            let row = match rows.iter().position(|(name, _)| *name == area) {
                Some(index) => index,
                None => {
                    rows.push((area, BTreeMap::new()));
                    rows.len() - 1
                }
            };
            *rows[row].1.entry(result.status).or_default() += 1;
        }
        let columns: [(&str, &[PracticeStatus]); 6] = [
            ("met", &[Met]),
            ("attested", &[Attested]),
            ("not met", &[NotMet]),
            ("unknown", &[Unknown]),
            ("needs attestation", &[NeedsAttestation]),
            ("not applicable", &[NotApplicable]),
        ];
        let title = format!("Security Pillar, {}", pillar().edition);
        let heads: String = columns.iter().map(|(name, _)| format!("  {name:>7}")).collect();
        let head = self.paint(BOLD, &format!("{title:<32}{heads}"));
        self.line(&head)?;
        for (area, counts) in rows {
            let of = |statuses: &[PracticeStatus]| statuses.iter().filter_map(|one| counts.get(one)).sum::<usize>();
            let cell =
                |(name, statuses): &(&str, &[PracticeStatus])| format!("  {:>1$}", of(statuses), name.len().max(7));
            let line: String = columns.iter().map(cell).collect();
            self.line(&format!("{area:<32}{line}"))?;
        }
        for result in report.practices {
            for one in result.attestations.iter().rev().take(result.expired).rev() {
                let by = safe(&one.owner);
                let line = format!("{}: the attestation by {by} expired on {}", result.practice.id, one.expires);
                self.wrapped("! ", "  ", &line)?;
            }
        }
        self.line("")
    }

    /// By area, the area with the worst failure first; in it by severity.
    fn failures(&mut self, report: &Report<'_>) -> io::Result<()> {
        let mut failed: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in report.records.iter().filter(|record| record.status() == Status::Fail) {
            failed.entry(record.check.id).or_default().push(record);
        }
        let mut areas: Vec<(&str, Vec<Failed<'_>>)> = Vec::new();
        for records in failed.into_values() {
            let Some(first) = records.first() else { continue };
            let check = first.check;
            let area = check.practice().map_or("Other", |practice| practice.area.as_str());
            match areas.iter_mut().find(|(name, _)| *name == area) {
                Some((_, checks)) => checks.push((check, records)),
                None => areas.push((area, vec![(check, records)])),
            }
        }
        let order = |area: &str| pillar().practices.iter().position(|practice| practice.area == area);
        for (_, checks) in &mut areas {
            checks.sort_by_key(|(check, _)| (std::cmp::Reverse(check.severity()), check.id));
        }
        areas.sort_by_key(|(area, checks)| {
            (std::cmp::Reverse(checks.iter().map(|(check, _)| check.severity()).max()), order(area))
        });
        for (area, checks) in areas {
            let head = self.paint(BOLD.underline(), area);
            self.line(&head)?;
            self.line("")?;
            for (check, records) in checks {
                self.failed_check(check, &records)?;
            }
        }
        Ok(())
    }

    fn failed_check(&mut self, check: &Check, records: &[&Record]) -> io::Result<()> {
        let severity = self.paint(severity_style(check.severity()), &check.severity().as_str().to_uppercase());
        let title = self.paint(BOLD, check.card.title);
        let id = self.paint(DIM, check.id);
        self.line(&format!("{severity}  {title}  {id}"))?;
        for record in records.iter().take(SHOWN) {
            self.resource(record)?;
        }
        if records.len() > SHOWN {
            self.line(&format!("    … and {} more (all of them with --output json)", records.len() - SHOWN))?;
        }
        let (prose, commands) = fix(check);
        if prose.is_empty() {
            self.line("    fix:")?;
        } else {
            self.wrapped("    fix: ", "      ", &prose)?;
        }
        let shown = pasteable(&commands);
        for line in shown {
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
        let resource = &record.finding.resource;
        let message = safe(&record.finding.verdict.message);
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

    fn unseen(&mut self, report: &Report<'_>) -> io::Result<()> {
        let undecided: Vec<&Record> = report
            .records
            .iter()
            .filter(|record| record.status() == Status::Unknown && record.finding.verdict.gaps.is_empty())
            .collect();
        if report.gaps.is_empty() && undecided.is_empty() {
            return Ok(());
        }
        let head = self.paint(BOLD.underline(), "Could not be seen");
        self.line(&head)?;
        self.line("")?;
        for unseen in unseen(report) {
            let kind = self.paint(AnsiColor::Magenta.on_default(), unseen.kind.as_str());
            let findings = match unseen.findings {
                0 => "no finding hangs on it alone".to_owned(),
                1 => "1 finding unknown".to_owned(),
                many => format!("{many} findings unknown"),
            };
            let head = format!("  ? {}  {kind} {}: {findings}", unseen.call, places(&unseen.regions));
            self.wrapped("", "      ", &head)?;
            self.wrapped("      ", "      ", &safe(unseen.message))?;
            if unseen.kind == GapKind::Denied {
                self.line(&format!("      needs the IAM action {}", unseen.action))?;
            }
            let checks: Vec<&str> = unseen.checks.into_iter().collect();
            let shown = checks.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
            let more = checks.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.wrapped("      leaves open: ", "        ", &format!("{shown}{more}"))?;
        }
        for record in undecided.iter().take(3 * SHOWN) {
            let text = format!("{}: {}{}", record.check.id, place(record), safe(&record.finding.verdict.message));
            self.wrapped("  ? ", "      ", &text)?;
        }
        if undecided.len() > 3 * SHOWN {
            self.line(&format!("    … and {} more (all of them with --output json)", undecided.len() - 3 * SHOWN))?;
        }
        self.line("")
    }

    fn summary(&mut self, report: &Report<'_>) -> io::Result<()> {
        let failed = Severity::ALL.iter().filter_map(|severity| {
            let counts = |record: &&Record| record.status() == Status::Fail && record.check.severity() == *severity;
            let count = report.records.iter().filter(counts).count();
            (count > 0).then(|| self.paint(severity_style(*severity), &format!("{count} {}", severity.as_str())))
        });
        let failed: Vec<String> = failed.collect();
        let detail = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join(", ")) };
        let counts = format!(
            "{} failed{detail}, {} unknown, {} passed, {} not applicable",
            report.count(Status::Fail),
            report.count(Status::Unknown),
            report.count(Status::Pass),
            report.count(Status::NotApplicable)
        );
        let label = self.paint(BOLD, "findings");
        self.line(&format!("{label}  {counts}"))?;
        if !report.complete {
            self.incomplete()?;
        }
        self.out.flush()
    }
}

/// A question that failed for the same reason in one or many regions.
struct Unseen<'a> {
    kind: GapKind,
    call: &'a str,
    action: &'a str,
    message: &'a str,
    regions: BTreeSet<&'a str>,
    checks: BTreeSet<&'a str>,
    /// Findings that are unknown for it.
    findings: usize,
}

/// The gaps, those of many regions as one, by kind (denials first: a policy mends them) and then by what they leave open.
fn unseen<'a>(report: &Report<'a>) -> Vec<Unseen<'a>> {
    let mut all: BTreeMap<(GapKind, &str, &str), Unseen<'a>> = BTreeMap::new();
    for gap in report.gaps {
        let (kind, call, message) = (gap.kind, gap.call.as_str(), gap.message.as_str());
        let new = || Unseen {
            kind,
            call,
            action: &gap.action,
            message,
            regions: BTreeSet::new(),
            checks: BTreeSet::new(),
            findings: 0,
        };
        let unseen = all.entry((kind, call, message)).or_insert_with(new);
        unseen.regions.insert(&gap.region);
        unseen.checks.extend(gap.checks.iter().map(String::as_str));
    }
    for record in report.records.iter().filter(|record| record.status() == Status::Unknown) {
        let gaps: BTreeSet<_> =
            record.finding.verdict.gaps.iter().map(|gap| (gap.kind(), gap.call(), gap.message())).collect();
        for gap in gaps {
            if let Some(unseen) = all.get_mut(&gap) {
                unseen.findings += 1;
            }
        }
    }
    let mut all: Vec<Unseen<'a>> = all.into_values().collect();
    all.sort_by_key(|unseen| (unseen.kind, std::cmp::Reverse(unseen.findings)));
    all
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

/// The region before a message that does not name it itself.
fn place(record: &Record) -> String {
    let named = record.region == "global" || record.finding.verdict.message.contains(&record.region);
    if named { String::new() } else { format!("{}: ", record.region) }
}

/// The card's CLI section: what it says before its commands, and the commands.
fn fix(check: &Check) -> (String, Vec<&'static str>) {
    let (mut prose, mut commands, mut fenced) = (Vec::new(), Vec::new(), false);
    for line in check.card.fix.cli.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced && !line.trim().is_empty() {
            commands.push(line);
        } else if commands.is_empty() && !line.is_empty() {
            prose.push(line);
        }
    }
    (prose.join(" ").replace("**", ""), commands)
}

/// The leading commands that can be pasted as they are printed: whole ones, of [`FIX_LINES`] lines together at most, and no
/// here-document, whose end an indented terminal block would hide from the shell.
fn pasteable<'a>(lines: &'a [&'static str]) -> &'a [&'static str] {
    let (mut whole, mut open) = (0, false);
    for (index, line) in lines.iter().enumerate().take(FIX_LINES) {
        if line.contains("<<") {
            break;
        }
        let quotes = if line.trim_start().starts_with('#') { 0 } else { line.matches('\'').count() };
        open ^= quotes % 2 == 1;
        if !open && !line.ends_with('\\') {
            whole = index + 1;
        }
    }
    &lines[..whole]
}

#[cfg(test)]
mod tests {
    use super::{pasteable, places};
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
    fn only_whole_commands_are_shown() {
        assert_eq!(pasteable(&["aws a \\", "  --b", "aws c '{", "}'"]).len(), 4);
        assert_eq!(pasteable(&["aws a", "cat > x <<'JSON'", "{}", "JSON"]), ["aws a"]);
        assert_eq!(pasteable(&["aws a --policy '{", "1", "2", "3", "4", "5", "6", "7", "8}'"]), [""; 0]);
        assert_eq!(pasteable(&["# don't", "aws a"]).len(), 2);
    }
}
