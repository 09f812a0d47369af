//! The report as one HTML file: no network, no other files, for a browser, a phone or paper.
//!
//! The top (what failed, what could not be seen, the pillar) is HTML as written here and is painted before any data is read. The
//! findings follow as JSON in chunks that the page's script turns into a table of which only the visible rows exist. A content
//! security policy lets exactly that script and style in, by hash; what comes from AWS is text wherever it stands.

mod commands;
mod data;
mod escape;
mod findings;
mod head;
mod look;
mod markdown;
mod pillar;
mod survey;

use crate::report::Report;
use escape::source_hash;
use std::io::{self, Write};
use survey::Survey;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Writes the page.
///
/// # Errors
/// When the writer fails, or the findings cannot be read twice.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let survey = Survey::of(report)?;
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((slot, after)) = after.split_once("}}") else { break };
        out.write_all(before.as_bytes())?;
        fill(slot, report, &survey, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn fill(slot: &str, report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    match slot {
        "policy" => out.write_all(policy().as_bytes()),
        "title" => out.write_all(head::title(&report.head).as_bytes()),
        "style" => out.write_all(STYLE.as_bytes()),
        "head" => head::head(&report.head, out),
        "summary" => head::summary(report, survey, out),
        "pillar" => pillar::write(&report.head, out),
        "failed" => findings::failed(survey, out),
        "gaps" => findings::gaps(report, survey, out),
        "breakdown" => head::breakdown(report, survey, out),
        "accepted" => pillar::accepted(&report.head, survey, out),
        "foot" => head::foot(&report.head, out),
        "names" => data::names(report, survey, out),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "cards" => data::cards(survey, out),
        "rows" => data::rows(report, survey, out),
        other => Err(io::Error::other(format!("the page has no part {other:?}"))),
    }
}

/// Nothing may be loaded, sent or framed; only the page's own script and style are let in.
fn policy() -> String {
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source_hash(SCRIPT),
        source_hash(STYLE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_can_stand_inside_the_page() {
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--") && !STYLE.contains("</style"));
        assert!(!SCRIPT.contains('\r') && !STYLE.contains('\r'), "a browser would hash other bytes");
        for danger in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "http://",
            "https://",
        ] {
            assert!(!SCRIPT.contains(danger), "{danger}");
        }
    }
}
