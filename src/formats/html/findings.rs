//! Two lists of equal rank: the checks that failed, and the questions that had no answer.

use super::escape::Text;
use super::look::{Icon, counted, few, link, number, severity};
use super::survey::{CheckSum, Survey};
use crate::catalogue::grant;
use crate::record::GapSum;
use crate::report::Report;
use posture_estate::finding::GapKind;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Entries shown before the rest is folded.
const SHOWN: usize = 14;

/// The checks that failed, the worst first.
pub fn failed(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<section aria-labelledby=\"failed-title\">\n")?;
    let failed = survey.failed();
    writeln!(
        out,
        "<h2 id=\"failed-title\">Failed <span class=\"dim\">{}</span></h2>",
        counted(failed.len() as u64, "check")
    )?;
    if failed.is_empty() {
        out.write_all(b"<p>No check failed.</p>\n")?;
    }
    let (shown, folded) = failed.split_at(failed.len().min(SHOWN));
    list(shown, out)?;
    if !folded.is_empty() {
        writeln!(out, "<details class=\"more printed\"><summary>{} more</summary>", folded.len())?;
        list(folded, out)?;
        out.write_all(b"</details>\n")?;
    }
    out.write_all(b"</section>\n")
}

fn list(checks: &[(&str, &CheckSum)], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<ol class=\"failed\">\n")?;
    for (id, check) in checks {
        let accepted =
            if check.accepted > 0 { format!(", {} accepted", number(check.accepted)) } else { String::new() };
        let title = link(&[("status", "fail"), ("check", id)], Text(&check.title));
        writeln!(
            out,
            "<li>{}<span>{title} <code>{}</code></span><span class=\"n\">{}{accepted}</span></li>",
            severity(check.severity),
            Text(id),
            counted(check.counts.fail, "finding"),
        )?;
    }
    out.write_all(b"</ol>\n")
}

/// One kind of failure of a call, everywhere it happened.
#[derive(Default)]
struct Unseen<'a> {
    messages: BTreeSet<&'a str>,
    accounts: BTreeSet<&'a str>,
    regions: BTreeSet<&'a str>,
    checks: BTreeSet<&'a str>,
    resources: u64,
}

fn unseen(gaps: &[GapSum]) -> BTreeMap<(GapKind, &str, &str), Unseen<'_>> {
    let mut all: BTreeMap<_, Unseen<'_>> = BTreeMap::new();
    for gap in gaps {
        let entry = all.entry((gap.kind, gap.call.as_str(), gap.action.as_str())).or_default();
        entry.messages.insert(&gap.message);
        entry.accounts.insert(&gap.account_id);
        entry.regions.insert(&gap.region);
        entry.checks.extend(gap.checks.iter().map(String::as_str));
        entry.resources += gap.resources;
    }
    all
}

/// What could not be seen, the permission it needs, and what that leaves open.
pub fn gaps(report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let unseen = unseen(&report.gaps);
    out.write_all(b"<section aria-labelledby=\"gaps-title\">\n")?;
    writeln!(
        out,
        "<h2 id=\"gaps-title\">Could not be seen <span class=\"dim\">{}</span></h2>",
        counted(unseen.len() as u64, "call")
    )?;
    if unseen.is_empty() {
        out.write_all(b"<p>Every call of the scan was answered.</p>\n")?;
    } else {
        out.write_all(
            b"<p>These calls had no answer. What rests on them is unknown, not passed.</p>\n<ul class=\"gaps\">\n",
        )?;
    }
    let several = report.head.scan.accounts.len() > 1;
    for ((kind, call, action), gap) in &unseen {
        writeln!(
            out,
            "<li>{}<div><p><code>{}</code> <b class=\"kind\">{}</b> {}</p>",
            Icon("unknown"),
            Text(call),
            kind.as_str(),
            places(gap, several)
        )?;
        let messages: Vec<&str> = gap.messages.iter().copied().collect();
        for message in messages.iter().take(2) {
            writeln!(out, "<p class=\"dim\">{}</p>", Text(message))?;
        }
        if messages.len() > 2 {
            writeln!(out, "<p class=\"dim\">and {} with other words</p>", messages.len() - 2)?;
        }
        if *kind == GapKind::Denied {
            writeln!(out, "<p>needs the IAM action <code>{}</code></p>", Text(action))?;
        }
        let open = link(&[("status", "all"), ("q", call)], counted(gap.resources, "resource"));
        writeln!(out, "<p>leaves open: {} on {open}</p></div></li>", few(gap.checks.iter().copied(), 4))?;
    }
    if !unseen.is_empty() {
        out.write_all(b"</ul>\n")?;
    }
    policy(&report.gaps, out)?;
    if survey.undecided > 0 {
        writeln!(
            out,
            "<p>{} unknown although every answer came: what was seen does not decide them ({}).</p>",
            counted(survey.undecided, "finding"),
            link(&[("status", "unknown")], "show all unknown")
        )?;
    }
    out.write_all(b"</section>\n")
}

/// "in eu-west-1 and us-east-1 of 3 accounts".
fn places(gap: &Unseen<'_>, several: bool) -> String {
    let regions: Vec<&str> = gap.regions.iter().copied().filter(|region| *region != "global").collect();
    let mut text = match regions.len() {
        0 => "account-wide".to_owned(),
        1..=4 => format!("in {}", few(regions, 4)),
        many => format!("in {many} regions"),
    };
    if several {
        let accounts = &gap.accounts;
        text.push_str(&match accounts.len() {
            1..=2 => format!(" of {}", few(accounts.iter().copied(), 2)),
            many => format!(" of {many} accounts"),
        });
    }
    text
}

/// What to add to the scanning role, ready to copy.
fn policy(gaps: &[GapSum], out: &mut dyn Write) -> io::Result<()> {
    let actions: BTreeSet<String> =
        gaps.iter().filter(|gap| gap.kind == GapKind::Denied).map(|gap| gap.action.clone()).collect();
    if actions.is_empty() {
        return Ok(());
    }
    out.write_all(b"<details class=\"more\"><summary>IAM policy that allows the denied calls</summary>\n")?;
    for document in grant::documents(&actions) {
        let text = serde_json::to_string_pretty(&document)?;
        let lines: Vec<String> = text.lines().map(|line| Text(line).to_string()).collect();
        writeln!(out, "<pre><code>{}</code></pre>", lines.join("\n"))?;
    }
    out.write_all(
        b"<p class=\"dim\">A service control policy or a permissions boundary can deny them too.</p></details>\n",
    )
}
