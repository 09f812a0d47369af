//! The top of the page: whose report it is, whether it is whole, and what it came to; and, at its end, how it was made.

use super::escape::Text;
use super::look::{Icon, counted, few, finding, link, number, severity};
use super::survey::Survey;
use crate::record::{AccountRow, AccountStatus};
use crate::report::{Head, Report, Scan};
use posture_estate::finding::Severity;
use posture_estate::finding::Status;
use std::io::{self, Write};

pub fn title(head: &Head) -> String {
    Text(&format!("Security posture of {}", head.accounts())).to_string()
}

/// Who looked, when, at what.
pub fn head(head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let scan = &head.scan;
    writeln!(out, "<h1>Security posture <span>of {}</span></h1>", Text(&head.accounts()))?;
    if !scan.complete {
        writeln!(
            out,
            "<p class=\"warning\" role=\"note\">{}<b>Incomplete.</b> The scan ended before its checks did; those that had not ended are \
             unknown. Do not read a missing failure as a pass.</p>",
            Icon("unknown")
        )?;
    }
    let broken = broken(scan);
    out.write_all(b"<dl class=\"facts\">\n")?;
    let mut fact = |name: &str, value: &str| writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    let when = format!("<time datetime=\"{0}\">{0}</time>", Text(&scan.started_at));
    let took = format!("{}.{} s", scan.duration_ms / 1000, scan.duration_ms % 1000 / 100);
    fact("Scanned", &format!("{when}, in {took}"))?;
    if scan.replayed || scan.as_of != scan.started_at {
        let how = if scan.replayed { "answers recorded earlier; " } else { "" };
        fact(
            "Judged as of",
            &format!("{} <span class=\"dim\">({how}ages are counted to this time)</span>", Text(&scan.as_of)),
        )?;
    }
    fact("Caller", &format!("<code>{}</code>", Text(&scan.caller.arn)))?;
    let names = |row: &AccountRow| match &row.name {
        Some(name) => format!("{} ({name})", row.id),
        None => row.id.clone(),
    };
    let accounts: Vec<String> = scan.accounts.iter().map(names).collect();
    fact(if accounts.len() == 1 { "Account" } else { "Accounts" }, &few(accounts.iter().map(String::as_str), 6))?;
    if !broken.is_empty() {
        fact("Not seen whole", &few(broken.iter().map(String::as_str), 12))?;
    }
    fact("Regions", &few(scan.regions.iter().map(String::as_str), 40))?;
    fact("Checks", &format!("{}{}", number(scan.checks.len() as u64), selection(head)))?;
    if let Some(shard) = &scan.shard {
        fact("Shard", &format!("{} of {}; the other accounts are in other reports", shard.index, shard.count))?;
    }
    for (name, source) in [("Configuration", &scan.config), ("Statements", &scan.attestations)] {
        if let Some(source) = source {
            let digest = source.sha256.get(..12).unwrap_or(&source.sha256);
            fact(name, &format!("{} <span class=\"dim\">SHA-256 {}…</span>", Text(&source.path), Text(digest)))?;
        }
    }
    if !scan.severities.is_empty() {
        let changed =
            scan.severities.iter().map(|(id, one)| format!("{id} {} (was {})", one.to.as_str(), one.from.as_str()));
        let changed: Vec<String> = changed.collect();
        fact("Severities changed", &few(changed.iter().map(String::as_str), 8))?;
    }
    out.write_all(b"</dl>\n")
}

/// The accounts that were not seen whole, with why.
fn broken(scan: &Scan) -> Vec<String> {
    scan.accounts
        .iter()
        .filter_map(|row| Some((row, account(row.status)?)))
        .map(|(row, words)| match &row.reason {
            Some(reason) => format!("{} {words}: {reason}", row.id),
            None => format!("{} {words}", row.id),
        })
        .collect()
}

fn selection(head: &Head) -> String {
    let picked = &head.scan.selection;
    if picked.is_all() {
        return " <span class=\"dim\">(the whole catalogue)</span>".to_owned();
    }
    let lists = [("check", &picked.checks), ("practice", &picked.practices), ("service", &picked.services)];
    let mut parts: Vec<String> =
        lists.iter().flat_map(|(flag, values)| values.iter().map(move |value| format!("--{flag} {value}"))).collect();
    parts.extend(picked.severity.map(|severity| format!("--severity {}", severity.as_str())));
    format!(", selected with <code>{}</code>; nothing is said about the others", Text(&parts.join(" ")))
}

/// What is wrong with an account's part of the scan.
fn account(status: AccountStatus) -> Option<&'static str> {
    Some(match status {
        AccountStatus::Scanned => return None,
        AccountStatus::Partly => "(some calls had no answer)",
        AccountStatus::Denied => "(access denied)",
        AccountStatus::Suspended => "(suspended)",
        AccountStatus::NotEnabled => "(not enabled)",
        AccountStatus::Unreachable => "(not reachable)",
        AccountStatus::Interrupted => "(interrupted)",
        AccountStatus::OutOfTime => "(out of time)",
    })
}

/// The numbers, each a way to its findings.
pub fn summary(report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let totals = report.head.summary.findings;
    let counts = totals.by_status;
    out.write_all(b"<section class=\"numbers\" aria-label=\"Summary\">\n<ul>\n")?;
    for status in [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable] {
        let look = finding(status);
        let text = format!("{}<b>{}</b> {}", look.icon(), number(counts.of(status)), look.words);
        writeln!(out, "<li class=\"{}\">{}", look.class, link(&[("status", status.as_str())], text))?;
        if status == Status::Fail && counts.fail > 0 {
            let by = |severity: &Severity| {
                let count = report.head.summary.by_severity.get(severity).map_or(0, |counts| counts.fail);
                (count > 0).then(|| format!("{} {}", number(count), severity.as_str()))
            };
            let by: Vec<String> = Severity::ALL.iter().filter_map(by).collect();
            write!(out, "<span class=\"dim\">{}</span>", by.join(", "))?;
        }
        if status == Status::Unknown && survey.undecided > 0 {
            write!(out, "<span class=\"dim\">{} although every answer came</span>", number(survey.undecided))?;
        }
        out.write_all(b"</li>\n")?;
    }
    if totals.suppressed > 0 {
        let text = format!("<b>{}</b> of the failed accepted", number(totals.suppressed));
        writeln!(out, "<li class=\"accepted\">{}</li>", link(&[("accepted", "yes"), ("status", "all")], text))?;
    }
    out.write_all(b"</ul>\n</section>\n")
}

/// Failed findings by severity and account.
pub fn breakdown(report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let head = &report.head;
    let several = survey.accounts.len() > 1;
    writeln!(
        out,
        "<section aria-labelledby=\"breakdown-title\">\n<h2 id=\"breakdown-title\">By severity{}</h2>\n<div class=\"breakdown\">",
        if several { " and account" } else { "" }
    )?;
    out.write_all(
        b"<table class=\"counts\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\" class=\"n\">Failed</th>\
          <th scope=\"col\" class=\"n\">Unknown</th><th scope=\"col\" class=\"n\">Passed</th><th scope=\"col\" class=\"n\">Not applicable</th>\
          <th class=\"bar\"></th></tr></thead><tbody>\n",
    )?;
    for level in Severity::ALL {
        let Some(counts) = head.summary.by_severity.get(&level) else { continue };
        write!(out, "<tr><th scope=\"row\">{}</th>", severity(level))?;
        for status in [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable] {
            let count = counts.of(status);
            let filters = [("status", status.as_str()), ("severity", level.as_str())];
            let text = if count == 0 { "0".to_owned() } else { link(&filters, number(count)) };
            write!(out, "<td class=\"n\">{text}</td>")?;
        }
        writeln!(out, "<td class=\"bar\">{}</td></tr>", bar([counts.fail, counts.unknown, counts.pass]))?;
    }
    out.write_all(b"</tbody></table>\n")?;
    if several {
        accounts(head, survey, out)?;
    }
    out.write_all(b"</div>\n</section>\n")
}

/// Accounts shown before the rest is folded.
const ACCOUNTS: usize = 15;

fn accounts(head: &Head, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<_> = survey.accounts.iter().collect();
    rows.sort_by_key(|(_, sum)| {
        std::cmp::Reverse(Severity::ALL.map(|severity| sum.failed.get(&severity).copied().unwrap_or(0)))
    });
    let heads = Severity::ALL.map(|severity| format!("<th scope=\"col\" class=\"n\">{}</th>", severity.as_str()));
    let heads = format!(
        "<thead><tr><th scope=\"col\">Account</th>{}<th scope=\"col\" class=\"n\">Unknown</th>\
         <th scope=\"col\" class=\"n\">Passed</th></tr></thead>",
        heads.concat()
    );
    let (shown, folded) = rows.split_at(rows.len().min(ACCOUNTS));
    for (index, part) in [shown, folded].into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        if index == 1 {
            writeln!(
                out,
                "<details class=\"more\"><summary>{} with fewer failures</summary>",
                counted(part.len() as u64, "account")
            )?;
        }
        writeln!(out, "<table class=\"counts accounts\"><caption>Failed findings by account</caption>{heads}<tbody>")?;
        for (id, sum) in part {
            let name = head.scan.accounts.iter().find(|row| row.id == **id).and_then(|row| row.name.as_deref());
            let name = name.map(|name| format!(" <span class=\"dim\">{}</span>", Text(name))).unwrap_or_default();
            write!(out, "<tr><th scope=\"row\">{}{name}</th>", link(&[("account", id.as_str())], Text(id)))?;
            for level in Severity::ALL {
                let count = sum.failed.get(&level).copied().unwrap_or(0);
                let filters = [("status", "fail"), ("severity", level.as_str()), ("account", id.as_str())];
                let text = if count == 0 { "0".to_owned() } else { link(&filters, number(count)) };
                write!(out, "<td class=\"n\">{text}</td>")?;
            }
            for status in [Status::Unknown, Status::Pass] {
                let count = sum.counts.of(status);
                let filters = [("status", status.as_str()), ("account", id.as_str())];
                let text = if count == 0 { "0".to_owned() } else { link(&filters, number(count)) };
                write!(out, "<td class=\"n\">{text}</td>")?;
            }
            out.write_all(b"</tr>\n")?;
        }
        out.write_all(b"</tbody></table>\n")?;
        if index == 1 {
            out.write_all(b"</details>\n")?;
        }
    }
    Ok(())
}

/// Parts of a whole, drawn; the numbers stand beside it.
fn bar(parts: [u64; 3]) -> String {
    let total: u64 = parts.iter().sum();
    if total == 0 {
        return String::new();
    }
    let mut at = 0;
    let mut rects = String::new();
    for (count, class) in parts.into_iter().zip(["fail", "unknown", "pass"]) {
        let width = (count * 1000).div_ceil(total).min(1000 - at);
        if count > 0 {
            rects.push_str(&format!("<rect class=\"{class}\" x=\"{at}\" width=\"{width}\" height=\"10\"/>"));
        }
        at += width;
    }
    format!("<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{rects}</svg>")
}

/// Who judged, with what.
pub fn foot(head: &Head, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<p>{} {}, Security Pillar of {}, catalogue <code>{}</code>, {}, scan <code>{}</code>. \
         A pass rests on evidence that was seen; what was not seen is unknown, never a pass.</p>",
        Text(&head.tool.name),
        Text(&head.tool.version),
        Text(&head.tool.pillar),
        Text(head.tool.catalogue.get(..12).unwrap_or(&head.tool.catalogue)),
        counted(head.scan.calls, "call"),
        Text(&head.scan.id)
    )
}
