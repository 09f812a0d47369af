//! Markdown for the summary of a CI job: what failed, what could not be seen, and the pillar, on a page.
//!
//! GitHub drops a summary of more than 1 MiB whole, so the page stops well below and says what it left out. Everything that
//! comes from AWS is set as code, where no markup, mention or link works; it stands in lists, because a table splits code
//! at `|`.

use super::fold::{Folded, OfCheck, Unseen, closed, place, subject};
use super::{Head, PracticeRow, Report, safe};
use crate::aws::gap::GapKind;
use crate::catalogue;
use crate::finding::{Severity, Status};
use crate::scan::{Counts, PracticeStatus};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Bytes of a page.
const PAGE: usize = 900_000;
/// Findings listed for one check.
const LISTED: usize = 30;
/// Calls listed that were not answered, and checks that were not decided.
const GAPS: usize = 100;
/// Characters of one name or message.
const LONG: usize = 600;

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
    let mut page = top(head) + &counts(head) + &changed(head) + &pillar(head);
    let unseen = unseen(head, folded);
    let room = most.saturating_sub(page.len() + unseen.len());
    page.push_str(&failed(folded, room));
    page.push_str(&unseen);
    page
}

/// What became of the findings of the baseline.
fn changed(head: &Head) -> String {
    let Some(baseline) = &head.baseline else { return String::new() };
    format!("**Since the baseline of {}:** {}\n\n", plain(&baseline.finished_at), baseline.counts.in_words())
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

fn counts(head: &Head) -> String {
    let mut out = String::from("| | critical | high | medium | low | info | all |\n|---|--:|--:|--:|--:|--:|--:|\n");
    let rows = [
        ("**failed**", Status::Fail),
        ("**unknown**", Status::Unknown),
        ("passed", Status::Pass),
        ("not applicable", Status::NotApplicable),
    ];
    for (name, status) in rows {
        let of = |severity: &Severity| head.summary.by_severity.get(severity).map_or(0, |counts| counts.of(status));
        let cells: Vec<String> = Severity::ALL.iter().map(|severity| of(severity).to_string()).collect();
        let all = Counts::of(&head.summary.findings.by_status, status);
        let _ = writeln!(out, "| {name} | {} | {all} |", cells.join(" | "));
    }
    if head.summary.findings.suppressed > 0 {
        let _ = write!(out, "\nSuppressed, of the failed: {}.\n", head.summary.findings.suppressed);
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

/// The failures by severity, each folded, the worst open; as many checks as there is room for.
fn failed(folded: &Folded, room: usize) -> String {
    let mut out = String::from("## Failed\n\n");
    if folded.failed.is_empty() {
        out.push_str("Nothing failed.\n\n");
        return out;
    }
    let (mut checks_left_out, mut findings_left_out) = (0_u64, 0_u64);
    let mut open = " open";
    for severity in Severity::ALL {
        let of: Vec<&OfCheck> = folded.failed.iter().filter(|one| one.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        let findings: u64 = of.iter().map(|one| one.count).sum();
        let (name, checks) = (severity.as_str().to_uppercase(), of.len());
        let _ = write!(
            out,
            "<details{open}>\n<summary><b>{name}</b>: {} of {}</summary>\n\n",
            number(findings, "finding"),
            number(checks as u64, "check")
        );
        open = "";
        for one in of {
            let text = of_check(one);
            // A little is kept for what is said at the end.
            if out.len() + text.len() + 1000 > room {
                checks_left_out += 1;
                findings_left_out += one.count;
            } else {
                out.push_str(&text);
            }
        }
        out.push_str("</details>\n\n");
    }
    if checks_left_out > 0 {
        let _ = write!(
            out,
            "> [!WARNING]\n> {} of {} did not fit on this page and are left out; the JSON report has all of them.\n\n",
            number(findings_left_out, "failed finding"),
            number(checks_left_out, "check")
        );
    }
    out
}

fn of_check(of: &OfCheck) -> String {
    let mut out = format!("#### {}\n\n{}, {}", plain(&of.title), code(&of.check_id), number(of.count, "finding"));
    let practices = of.shown.first().map(|record| record.practices.join(", ")).unwrap_or_default();
    if !practices.is_empty() {
        let _ = write!(out, ", {}", plain(&practices));
    }
    out.push_str("\n\n");
    list(&mut out, of);
    if let Some(check) = catalogue::find(&of.check_id) {
        let _ = write!(out, "\n<details>\n<summary>Fix</summary>\n\n{}\n\n", check.card.fix.cli);
        let _ = writeln!(out, "Why, and what it can break: `posture explain {}`\n\n</details>", check.id);
    }
    out.push('\n');
    out
}

fn list(out: &mut String, of: &OfCheck) {
    for record in &of.shown {
        let text = format!("{}{}", place(record), record.message);
        let _ = writeln!(out, "- {}<br>{}", code(&text), code(&subject(record)));
    }
    let more = of.count - of.shown.len() as u64;
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more, all of them in the JSON report");
    }
}

fn unseen(head: &Head, folded: &Folded) -> String {
    let accounts: Vec<String> = closed(head).map(|(_, why)| why).collect();
    if accounts.is_empty() && folded.unseen.is_empty() && folded.undecided.is_empty() {
        return String::new();
    }
    let mut out = String::from("## Could not be seen\n\n");
    for why in accounts.iter().take(GAPS) {
        let _ = writeln!(out, "- {}", code(why));
    }
    let left_out = accounts.len().saturating_sub(GAPS);
    if left_out > 0 {
        let _ = writeln!(out, "- … and {left_out} more accounts, all of them in the JSON report");
    }
    for one in folded.unseen.iter().take(GAPS) {
        call(&mut out, one);
    }
    let left_out = folded.unseen.len().saturating_sub(GAPS);
    if left_out > 0 {
        let _ = writeln!(out, "- … and {left_out} more calls, all of them in the JSON report");
    }
    for one in folded.undecided.iter().take(GAPS) {
        let first = one.shown.first().map(|record| format!("{}{}", place(record), record.message));
        let (id, count) = (code(&one.check_id), number(one.count, "finding"));
        let _ = writeln!(out, "- {id}: {count} undecided; the first: {}", code(&first.unwrap_or_default()));
    }
    let left_out = folded.undecided.len().saturating_sub(GAPS);
    if left_out > 0 {
        let _ = writeln!(out, "- … and {left_out} more checks that are undecided, all of them in the JSON report");
    }
    out.push('\n');
    out
}

fn call(out: &mut String, one: &Unseen) {
    let _ = write!(out, "- {} {} {}: {}", code(&one.call), one.kind.as_str(), plain(&one.places()), one.effect());
    if one.kind == GapKind::Denied {
        let _ = write!(out, "; **it needs the IAM action {}**", code(&one.action));
    }
    let _ = writeln!(out, "<br>{}", code(&one.message));
}

fn number(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A text as code on one line: nothing in it is markup. Too long a text is cut.
fn code(text: &str) -> String {
    let text = safe(text);
    let mut text: String = match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    };
    if text.trim().is_empty() {
        text = "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = |c| c == '`' || c == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text of ours in running text; should it hold markup after all, character references keep it text.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, ' ' | ',' | ';' | '.' | '-' | '/' | ':' | '(' | ')' | '\'') => {
                out.push(c)
            }
            '…' | '–' => out.push(c),
            c => {
                let _ = write!(out, "&#{};", c as u32);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_any_text() {
        assert_eq!(code("a|b"), "`a|b`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" "), "`(empty)`");
        assert_eq!(code("<img src=x>\n@you"), "`<img src=x>\\n@you`");
        assert_eq!(code(&"x".repeat(LONG + 1)).len(), LONG + 2 + '…'.len_utf8());
    }

    #[test]
    fn running_text_has_no_markup() {
        assert_eq!(
            plain("<b>@you [x](y) `c` *d* _e_"),
            "&#60;b&#62;&#64;you &#91;x&#93;(y) &#96;c&#96; &#42;d&#42; &#95;e&#95;"
        );
        assert_eq!(plain("No bucket is public, ünï"), "No bucket is public, ünï");
    }
}
