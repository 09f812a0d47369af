//! Annotations of a GitHub Actions job: workflow commands on stdout, which the runner turns into annotations.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest in silence, the last first. So there is
//! one annotation a check, not one a finding, the worst first, no more than are shown, and a last notice says how many
//! there are in all. Unknown is a warning. <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::fold::{Folded, INCOMPLETE, OfCheck, Unseen, closed, place, subject};
use super::{Head, Report, safe};
use crate::aws::gap::GapKind;
use crate::finding::Severity;
use crate::scan::{AccountStatus, Record};
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
    all.extend(folded.failed.iter().map(failed));
    all.extend(not_scanned(&report.head));
    all.extend(folded.unseen.iter().map(unseen));
    all.extend(folded.undecided.iter().map(undecided));
    // Stable: at one severity what failed comes before what is unknown.
    all.sort_by_key(|one| (one.level, Reverse(one.severity)));
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
    out.write_all(summary(&report.head, left_out).command().as_bytes())
}

fn incomplete() -> Annotation {
    let lines = vec![INCOMPLETE.to_owned()];
    Annotation { level: Level::Error, severity: None, title: "posture: the scan is INCOMPLETE".to_owned(), lines }
}

/// One for all accounts of which nothing was seen; whatever is wrong with them is unknown.
fn not_scanned(head: &Head) -> Option<Annotation> {
    let mut lines: Vec<String> =
        closed(head).filter(|(row, _)| row.status != AccountStatus::Suspended).map(|(_, why)| why).collect();
    let count = lines.len();
    if count > NAMED {
        lines.truncate(NAMED);
        lines.push(format!("… and {} more", count - NAMED));
    }
    let title = format!("UNKNOWN: accounts that were not scanned: {count}");
    let severity = Some(Severity::Critical);
    (count > 0).then_some(Annotation { level: Level::Warning, severity, title, lines })
}

fn failed(of: &OfCheck) -> Annotation {
    let level = match of.severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Info => Level::Notice,
    };
    let mut annotation = of_check(of, level, "failed");
    annotation.title = format!("{}: {}", of.severity.as_str().to_uppercase(), of.title);
    annotation.lines.push(format!("fix: posture explain {}", of.check_id));
    annotation
}

fn undecided(of: &OfCheck) -> Annotation {
    let mut annotation = of_check(of, Level::Warning, "unknown");
    annotation.title = format!("UNKNOWN ({}): {}", of.severity.as_str(), of.title);
    annotation
}

fn of_check(of: &OfCheck, level: Level, status: &str) -> Annotation {
    let line = |record: &Record| {
        let subject = subject(record);
        // The ARN of a bucket or an image names no account.
        let account =
            if subject.contains(&record.account_id) { String::new() } else { format!("{}, ", record.account_id) };
        format!("{}{} ({account}{subject})", place(record), record.message)
    };
    let mut lines: Vec<String> = vec![format!("{}: {} {status}", of.check_id, of.count)];
    lines.extend(of.shown.iter().map(line));
    let more = of.count - of.shown.len() as u64;
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    Annotation { level, severity: Some(of.severity), title: String::new(), lines }
}

fn unseen(unseen: &Unseen) -> Annotation {
    let title = format!("UNKNOWN: {} {}", unseen.call, unseen.kind.as_str());
    let mut lines = vec![format!("{}: {}", unseen.places(), unseen.effect()), unseen.message.clone()];
    if unseen.kind == GapKind::Denied {
        lines.push(format!("needs the IAM action {}", unseen.action));
    }
    Annotation { level: Level::Warning, severity: unseen.severity, title, lines }
}

fn summary(head: &Head, left_out: usize) -> Annotation {
    let totals = &head.summary.findings;
    let counts = totals.by_status;
    let of = |severity: &Severity| {
        let count = head.summary.by_severity.get(severity).map_or(0, |counts| counts.fail);
        (count > 0).then(|| format!("{count} {}", severity.as_str()))
    };
    let by_severity: Vec<String> = Severity::ALL.iter().filter_map(of).collect();
    let detail = if by_severity.is_empty() { String::new() } else { format!(" ({})", by_severity.join(", ")) };
    let mut lines = vec![format!(
        "{} failed{detail}, {} unknown, {} passed, {} not applicable, {} suppressed",
        counts.fail, counts.unknown, counts.pass, counts.not_applicable, totals.suppressed
    )];
    if left_out > 0 {
        lines.push(format!(
            "left out here, because GitHub shows {SHOWN} annotations of a kind: {left_out}; see the other reports (--output markdown, json)"
        ));
    }
    Annotation { level: Level::Notice, severity: None, title: format!("posture: {}", head.accounts()), lines }
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
