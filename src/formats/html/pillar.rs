//! The pillar as a picture, and the same as a table; what people said about it.

use super::escape::{Text, fragment};
use super::look::{Look, counted, few, link, number, practice};
use super::survey::Survey;
use crate::catalogue::pillar;
use crate::record::PracticeStatus;
use crate::report::{Head, PracticeRow, Statement};
use std::io::{self, Write};

const ORDER: [PracticeStatus; 6] = [
    PracticeStatus::NotMet,
    PracticeStatus::Unknown,
    PracticeStatus::NeedsAttestation,
    PracticeStatus::Attested,
    PracticeStatus::Met,
    PracticeStatus::NotApplicable,
];

/// Areas with their questions, and each question with its practices.
type Areas<'a> = Vec<(&'a str, Vec<(&'a str, Vec<&'a PracticeRow>)>)>;

fn areas(head: &Head) -> Areas<'_> {
    let mut areas: Areas<'_> = Vec::new();
    for row in head.practices.iter().filter(|row| head.is_current(row)) {
        let question = row.id.split_once('-').map_or(row.id.as_str(), |(question, _)| question);
        let index = areas.iter().position(|(name, _)| *name == row.area).unwrap_or_else(|| {
            areas.push((&row.area, Vec::new()));
            areas.len() - 1
        });
        let questions = &mut areas[index].1;
        match questions.iter_mut().find(|(name, _)| *name == question) {
            Some((_, rows)) => rows.push(row),
            None => questions.push((question, vec![row])),
        }
    }
    areas
}

/// Whether the selection left out all that could say something about it.
fn is_left_out(head: &Head, row: &PracticeRow) -> bool {
    !head.scan.selection.is_all() && row.checks.is_empty()
}

pub fn write(head: &Head, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"pillar-title\">\n<h2 id=\"pillar-title\">Security Pillar <span class=\"dim\">{}</span></h2>",
        Text(&head.tool.pillar)
    )?;
    let current: Vec<&PracticeRow> = head.practices.iter().filter(|row| head.is_current(row)).collect();
    out.write_all(b"<ul class=\"legend\">\n")?;
    for status in ORDER {
        let count = current.iter().filter(|row| row.status == status).count();
        let Look { class, words } = practice(status);
        writeln!(
            out,
            "<li class=\"{class}{}\">{}<b>{count}</b> {words}</li>",
            if count == 0 { " none" } else { "" },
            practice(status).icon()
        )?;
    }
    out.write_all(b"</ul>\n<div class=\"pillar\">\n")?;
    for (area, questions) in areas(head) {
        let rows = || questions.iter().flat_map(|(_, rows)| rows);
        let fine = rows().filter(|row| matches!(row.status, PracticeStatus::Met | PracticeStatus::Attested)).count();
        writeln!(
            out,
            "<section class=\"area\"><h3>{} <span class=\"dim\">{fine} of {} met or attested</span></h3><div class=\"questions\">",
            Text(area),
            rows().count()
        )?;
        for (question, rows) in &questions {
            writeln!(out, "<div class=\"question\"><span>{}</span><ul>", Text(question))?;
            for row in rows {
                tile(head, row, out)?;
            }
            out.write_all(b"</ul></div>\n")?;
        }
        out.write_all(b"</div></section>\n")?;
    }
    out.write_all(b"</div>\n<p id=\"hint\" class=\"hint dim\" aria-hidden=\"true\">Point at a practice to read it; choose it to see its findings.</p>\n")?;
    table(head, out)?;
    out.write_all(b"</section>\n")
}

fn tile(head: &Head, row: &PracticeRow, out: &mut dyn Write) -> io::Result<()> {
    let look = practice(row.status);
    let left_out = is_left_out(head, row);
    let words = if left_out { "not part of the selection" } else { look.words };
    let number = row.id.rsplit_once("BP").map_or(row.id.as_str(), |(_, number)| number);
    let label = format!("{} {}: {words}", row.id, row.title);
    writeln!(
        out,
        "<li><a class=\"tile {class}{out_class}\" href=\"#status=all&amp;practice={}\" aria-label=\"{}\" data-reason=\"{}\">\
         {}<span aria-hidden=\"true\">{}</span></a></li>",
        fragment(&row.id),
        Text(&label),
        Text(&row.reason),
        look.icon(),
        Text(number),
        class = look.class,
        out_class = if left_out { " out" } else { "" },
    )
}

/// All of it in words: for print, for reading from top to bottom, and for scripts that are off.
fn table(head: &Head, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"<details class=\"more printed\"><summary>All practices as a table, with reasons</summary>\n<table class=\"practices\"><thead><tr>\
          <th scope=\"col\">Practice</th><th scope=\"col\">Status</th><th scope=\"col\">Risk</th><th scope=\"col\">Why</th></tr></thead><tbody>\n",
    )?;
    let (current, other): (Vec<&PracticeRow>, Vec<&PracticeRow>) =
        head.practices.iter().partition(|row| head.is_current(row));
    for row in current.into_iter().chain(other) {
        let look = practice(row.status);
        let edition = if head.is_current(row) {
            String::new()
        } else {
            format!(" <span class=\"dim\">({})</span>", edition(row))
        };
        let page = pillar().reported(&row.slug, &row.id).and_then(|known| known.page());
        let title = match page {
            Some(page) => format!("<a rel=\"noreferrer\" href=\"{}\">{}</a>", Text(&page), Text(&row.title)),
            None => Text(&row.title).to_string(),
        };
        writeln!(
            out,
            "<tr><th scope=\"row\"><span class=\"id\">{}</span> {title}{edition}</th><td class=\"{} status\">{}{}</td><td>{}</td><td>{}</td></tr>",
            Text(&row.id),
            look.class,
            look.icon(),
            look.words,
            row.risk.as_str(),
            Text(&row.reason)
        )?;
    }
    out.write_all(b"</tbody></table></details>\n")
}

fn edition(row: &PracticeRow) -> String {
    match row.edition.as_str() {
        "none" => "in no edition".to_owned(),
        other => format!("edition {}", Text(other)),
    }
}

/// What people stated, and what they accepted.
pub fn accepted(head: &Head, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let statements: Vec<(&PracticeRow, &Statement)> =
        head.practices.iter().flat_map(|row| row.attestations.iter().map(move |one| (row, one))).collect();
    if statements.is_empty() && survey.accepted.is_empty() {
        return Ok(());
    }
    out.write_all(
        b"<section aria-labelledby=\"people-title\">\n<h2 id=\"people-title\">Stated and accepted by people</h2>\n",
    )?;
    if !statements.is_empty() {
        out.write_all(b"<table class=\"people\"><caption>Attestations</caption><thead><tr><th scope=\"col\">Practice</th><th scope=\"col\">Statement</th><th scope=\"col\">By</th><th scope=\"col\">Holds</th></tr></thead><tbody>\n")?;
        for (row, one) in statements {
            let accounts = if one.accounts.is_empty() {
                "every account".to_owned()
            } else {
                few(one.accounts.iter().map(String::as_str), 8)
            };
            let expired = if one.expired { "<b class=\"expired\">expired</b>, counts as missing: " } else { "" };
            writeln!(
                out,
                "<tr><th scope=\"row\"><span class=\"id\">{}</span> {}</th><td>{}<br><span class=\"dim\">evidence: {}</span></td><td>{}</td><td>{expired}{} to {}, {accounts}</td></tr>",
                Text(&row.id),
                Text(&row.title),
                Text(&one.statement),
                Text(&one.evidence),
                Text(&one.owner),
                one.date,
                one.expires
            )?;
        }
        out.write_all(b"</tbody></table>\n")?;
    }
    if !survey.accepted.is_empty() {
        let all = link(&[("status", "all"), ("accepted", "yes")], "show them");
        let count: u64 = survey.accepted.iter().map(|(_, count)| count).sum();
        writeln!(
            out,
            "<table class=\"people\"><caption>Accepted findings: {} ({all})</caption><thead><tr><th scope=\"col\">Reason</th><th scope=\"col\">By</th><th scope=\"col\">Until</th><th scope=\"col\" class=\"n\">Findings</th></tr></thead><tbody>",
            counted(count, "failed finding")
        )?;
        for (one, count) in &survey.accepted {
            writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                Text(&one.reason),
                Text(&one.owner),
                one.expires,
                number(*count)
            )?;
        }
        out.write_all(b"</tbody></table>\n")?;
    }
    out.write_all(b"</section>\n")
}
