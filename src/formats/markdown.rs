//! Markdown for the summary of a CI job: what failed, what could not be seen, and the pillar, on a page.
//!
//! GitHub drops a summary of more than 1 MiB whole, so the page stops well below and says what it left out. Everything that
//! comes from AWS is set as code, where no markup, mention or link works; it stands in lists, because a table splits code
//! at `|`.

mod failed;
mod suppressed;
mod unseen;
mod words;

use super::fold::{Folded, count};
use crate::record::{Counts, PracticeStatus};
use crate::report::{Head, PracticeRow, Report};
use failed::failed;
use posture_estate::finding::{Severity, Status};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use suppressed::suppressed;
use unseen::unseen;
use words::{code, plain};

/// Bytes of a page.
const PAGE: usize = 900_000;
/// Findings listed for one check.
const LISTED: usize = 30;
/// Ways listed in which a baseline is of another scan.
const DIFFERENCES: usize = 10;

/// Writes the page.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let folded = Folded::of(report, LISTED)?;
    out.write_all(page(report, &folded, PAGE).as_bytes())
}

fn page(report: &Report, folded: &Folded, most: usize) -> String {
    let head = &report.head;
    let mut page = top(head) + &counts(head, folded) + &changed(head) + &pillar(head);
    let rest = suppressed(head) + &unseen(head, folded);
    let room = most.saturating_sub(page.len() + rest.len());
    page.push_str(&failed(head, folded, room));
    page.push_str(&rest);
    page
}

/// What became of the findings of the baseline, and what it is no measure for.
fn changed(head: &Head) -> String {
    let Some(baseline) = &head.baseline else { return String::new() };
    let mut out =
        format!("**Since the baseline of {}:** {}\n\n", plain(&baseline.finished_at), baseline.counts.in_words());
    for difference in baseline.differences.iter().take(DIFFERENCES) {
        let _ = writeln!(out, "- {}; what it lacks counts as new", code(difference));
    }
    let more = baseline.differences.len().saturating_sub(DIFFERENCES);
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more, all of them in the JSON report");
    }
    if !baseline.differences.is_empty() {
        out.push('\n');
    }
    out
}

fn top(head: &Head) -> String {
    let scan = &head.scan;
    let mut out = format!("# posture: {}\n\n", plain(&head.accounts()));
    if !scan.complete {
        out.push_str(
            "> [!CAUTION]\n> **The scan is incomplete:** it did not come to its end, and what it did not reach is unknown.\n\n",
        );
    }
    let how = if scan.replayed { "replayed, judged as of" } else { "scanned at" };
    let (checks, regions) = (scan.checks.len(), scan.regions.len());
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{checks} checks in {regions} regions as {}, {how} {}\n",
        code(&scan.caller.arn),
        plain(&scan.as_of)
    );
    out
}

/// Findings by status and severity; what someone accepts, and what the baseline has, in rows of their own.
fn counts(head: &Head, folded: &Folded) -> String {
    let by_status = |severity: Severity, status| {
        let counts = head.summary.by_severity.get(&severity).copied().unwrap_or_default();
        Counts::of(&counts, status)
    };
    let of = |name, status| (name, Severity::ALL.map(|severity| by_status(severity, status)));
    let new = Severity::ALL.map(|severity| count(&folded.failed, severity));
    let known = Severity::ALL.map(|severity| count(&folded.known, severity));
    let mut rows = vec![("**failed**", new)];
    if head.baseline.is_some() {
        rows = vec![("**failed, new or worse**", new), ("failed as in the baseline", known)];
    }
    rows.push(of("**unknown**", Status::Unknown));
    rows.push(of("passed", Status::Pass));
    rows.push(of("not applicable", Status::NotApplicable));
    if head.summary.findings.suppressed > 0 {
        let (_, failed) = of("", Status::Fail);
        rows.push(("suppressed", std::array::from_fn(|at| failed[at].saturating_sub(new[at] + known[at]))));
    }
    let mut out = String::from("| | critical | high | medium | low | info | all |\n|---|--:|--:|--:|--:|--:|--:|\n");
    for (name, row) in rows {
        let _ = writeln!(
            out,
            "| {name} | {} | {} |",
            row.map(|count| count.to_string()).join(" | "),
            row.iter().sum::<u64>()
        );
    }
    out.push('\n');
    out
}

/// A row per area; a selection says nothing about the practices that it leaves out.
fn pillar(head: &Head) -> String {
    use PracticeStatus::{Attested, Met, NeedsAttestation, NotApplicable, NotMet, Unknown};
    let columns = [Met, Attested, NotMet, Unknown, NeedsAttestation, NotApplicable];
    let partial = !head.scan.selection.is_all();
    let shown = |row: &&PracticeRow| head.is_current(row) && !(partial && row.checks.is_empty());
    let mut areas: Vec<(&str, BTreeMap<PracticeStatus, usize>)> = Vec::new();
    for row in head.practices.iter().filter(shown) {
        if areas.last().is_none_or(|(name, _)| *name != row.area) {
            areas.push((&row.area, BTreeMap::new()));
        }
        if let Some((_, counts)) = areas.last_mut() {
            *counts.entry(row.status).or_default() += 1;
        }
    }
    if areas.is_empty() {
        return String::new();
    }
    let names: Vec<String> = columns.iter().map(|status| status.as_str().replace('_', " ")).collect();
    let mut out = format!(
        "| Security Pillar, {} | {} |\n|---|--:|--:|--:|--:|--:|--:|\n",
        plain(&head.tool.pillar),
        names.join(" | ")
    );
    for (area, counts) in areas {
        let cells: Vec<String> =
            columns.iter().map(|status| counts.get(status).copied().unwrap_or_default().to_string()).collect();
        let _ = writeln!(out, "| {} | {} |", plain(area), cells.join(" | "));
    }
    out.push('\n');
    out
}
