//! Annotations of a GitHub Actions job: workflow commands on stdout, which the runner turns into annotations.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest in silence, the last first. So there is
//! one annotation a check, not one a finding, the worst first, no more than are shown, and a last notice says how many
//! there are in all. Unknown is a warning. With a baseline the failures that it does not have come first, and those that it
//! has are a number in that last notice: the gate does not act on them. <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::fold::{Folded, INCOMPLETE, OfCheck, Unseen, by_severity, change, closed, place, subject, warnings};
use crate::record::{AccountStatus, Record, SuppressionState, SuppressionUse};
use crate::report::{Head, Report};
use posture_estate::finding::GapKind;
use posture_estate::finding::Severity;
use posture_estate::text::safe;
use std::cmp::Reverse;
use std::io::{self, Write};

/// Annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;
/// Resources named in one annotation.
const NAMED: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Annotation {
    level: Level,
    severity: Option<Severity>,
    /// Whether it comes before all others of its level.
    first: bool,
    title: String,
    lines: Vec<String>,
}

/// Writes the annotations, the worst first.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let folded = Folded::of(report, NAMED)?;
    let mut all: Vec<Annotation> = Vec::new();
    all.extend(folded.failed.iter().map(|one| failed(&report.head, one)));
    all.extend(not_scanned(&report.head));
    all.extend(folded.unseen.iter().map(unseen));
    all.extend(folded.undecided.iter().map(|one| undecided(&report.head, one)));
    // Stable: at one severity what failed comes before what is unknown.
    all.sort_by_key(|one| (one.level, !one.first, Reverse(one.severity)));
    if !report.head.scan.complete {
        all.insert(0, incomplete());
    }
    let mut left_out = 0;
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let most = if level == Level::Notice { SHOWN - 1 } else { SHOWN };
        let of_level = all.iter().filter(|one| one.level == level);
        for (index, annotation) in of_level.enumerate() {
            if index < most {
                out.write_all(annotation.command().as_bytes())?;
            } else {
                left_out += 1;
            }
        }
    }
    out.write_all(summary(&report.head, &folded, left_out).command().as_bytes())
}

fn incomplete() -> Annotation {
    let lines = vec![INCOMPLETE.to_owned()];
    let title = "posture: the scan is INCOMPLETE".to_owned();
    Annotation { level: Level::Error, severity: None, first: true, title, lines }
}

/// One for all accounts of which nothing was seen; whatever is wrong with them is unknown.
fn not_scanned(head: &Head) -> Option<Annotation> {
    let accounts = || closed(head).filter(|(row, _)| row.status != AccountStatus::Suspended);
    let (count, lines) = (accounts().count(), some(accounts().map(|(_, why)| why)));
    let title = format!("UNKNOWN: accounts that were not scanned: {count}");
    let severity = Some(Severity::Critical);
    (count > 0).then_some(Annotation { level: Level::Warning, severity, first: false, title, lines })
}

fn failed(head: &Head, of: &OfCheck) -> Annotation {
    let level = match of.severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Info => Level::Notice,
    };
    let since = head.baseline.as_ref().map_or("failed", |_| "failed, new or worse than in the baseline");
    let mut annotation = of_check(head, of, level, since);
    annotation.first = head.baseline.is_some();
    annotation.title = format!("{}: {}", of.severity.as_str().to_uppercase(), of.title);
    annotation.lines.push(format!("fix: posture explain {}", of.check_id));
    annotation
}

fn undecided(head: &Head, of: &OfCheck) -> Annotation {
    let mut annotation = of_check(head, of, Level::Warning, "unknown");
    annotation.title = format!("UNKNOWN ({}): {}", of.severity.as_str(), of.title);
    annotation
}

fn of_check(head: &Head, of: &OfCheck, level: Level, status: &str) -> Annotation {
    let line = |record: &Record| {
        let subject = subject(record);
        // The ARN of a bucket or an image names no account.
        let account =
            if subject.contains(&record.account_id) { String::new() } else { format!("{}, ", record.account_id) };
        let change = change(head, record).map(|change| format!("{change}: ")).unwrap_or_default();
        format!("{change}{}{} ({account}{subject})", place(record), record.message)
    };
    let mut lines: Vec<String> = vec![format!("{}: {} {status}", of.check_id, of.count)];
    lines.extend(of.shown.iter().map(line));
    let more = of.count - of.shown.len() as u64;
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    Annotation { level, severity: Some(of.severity), first: false, title: String::new(), lines }
}

fn unseen(unseen: &Unseen) -> Annotation {
    let title = format!("UNKNOWN: {} {}", unseen.call, unseen.kind.as_str());
    let mut lines = vec![format!("{}: {}", unseen.places(), unseen.effect()), unseen.message.clone()];
    if unseen.kind == GapKind::Denied {
        lines.push(format!("needs the IAM action {}", unseen.action));
    }
    Annotation { level: Level::Warning, severity: unseen.severity, first: false, title, lines }
}

/// What the scan came to, what the baseline and people excuse, and what is not shown.
fn summary(head: &Head, folded: &Folded, left_out: usize) -> Annotation {
    let counts = head.summary.findings.by_status;
    let failed: u64 = folded.failed.iter().map(|one| one.count).sum();
    let known: u64 = folded.known.iter().map(|one| one.count).sum();
    let (mut new, mut lines) = ("", Vec::new());
    if let Some(baseline) = &head.baseline {
        new = ", new or worse than in the baseline";
        let detail = by_severity(&folded.known);
        lines.push(format!("{known} failed as in the baseline of {}{detail}", baseline.finished_at));
        lines.extend(some(baseline.differences.iter().map(|one| format!("{one}; what it lacks counts as new"))));
    }
    let first = format!(
        "{failed} failed{new}{}, {} unknown, {} passed, {} not applicable, {} suppressed",
        by_severity(&folded.failed),
        counts.unknown,
        counts.pass,
        counts.not_applicable,
        head.summary.findings.suppressed
    );
    lines.insert(0, first);
    let in_force = head.suppressions.iter().filter(|one| one.state == SuppressionState::InForce);
    lines.extend(some(in_force.map(SuppressionUse::acceptance)));
    lines.extend(some(warnings(head)));
    if left_out > 0 {
        lines.push(format!(
            "left out here, because GitHub shows {SHOWN} annotations of a kind: {left_out}; see the other reports (--output markdown, json)"
        ));
    }
    let title = format!("posture: {}", head.accounts());
    Annotation { level: Level::Notice, severity: None, first: false, title, lines }
}

/// The first few lines, and how many more there are.
fn some(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    let count = lines.len();
    if count > NAMED {
        lines.truncate(NAMED);
        lines.push(format!("… and {} more", count - NAMED));
    }
    lines
}

impl Annotation {
    /// The command, one line.
    fn command(&self) -> String {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let lines: Vec<String> = self.lines.iter().map(|line| data(&safe(line))).collect();
        format!("::{level} title={}::{}\n", property(&safe(&self.title)), lines.join("%0A"))
    }
}

/// What follows the second `::`, as the runner unescapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before the second `::`; colons and commas would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_ends_a_property_or_a_line() {
        let hostile = "a::set-env name=X,y::\r\n::add-mask::100%0A";
        let annotation = Annotation {
            level: Level::Error,
            severity: None,
            first: false,
            title: hostile.to_owned(),
            lines: vec![hostile.to_owned(), "second".to_owned()],
        };
        let command = annotation.command();
        assert_eq!(command.lines().count(), 1, "{command}");
        let (head, rest) = command.strip_prefix("::error title=").unwrap().split_once("::").unwrap();
        assert_eq!(head, "a%3A%3Aset-env name=X%2Cy%3A%3A\\r\\n%3A%3Aadd-mask%3A%3A100%250A");
        assert_eq!(rest, "a::set-env name=X,y::\\r\\n::add-mask::100%250A%0Asecond\n");
    }
}
