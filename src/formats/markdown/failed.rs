//! What failed, on the page: with a baseline first what is new or worse, which is what the gate acts on.

use super::words::{code, number, plain};
use crate::catalogue;
use crate::formats::fold::{Folded, OfCheck, change, place, subject};
use crate::report::Head;
use posture_estate::finding::Severity;
use std::fmt::Write as _;

/// New failures that stand open on the page; of more only the worst.
const FEW: u64 = 50;
/// Bytes kept for saying that what the baseline has is left out.
const KEPT: usize = 2000;

/// A section of the page.
struct Section<'a> {
    title: &'a str,
    /// What stands there when there is nothing.
    empty: &'a str,
    checks: &'a [OfCheck],
    /// Whether what is worst is open.
    open: bool,
}

/// What failed; with a baseline what it does not have before what it has.
pub fn failed(head: &Head, folded: &Folded, room: usize) -> String {
    let checks = &*folded.failed;
    if head.baseline.is_none() {
        let failed = Section { title: "Failed", empty: "Nothing failed.", checks, open: true };
        return failed.text(head, room);
    }
    let empty = "Nothing failed that the baseline does not have.";
    let new = Section { title: "New since the baseline", empty, checks, open: true };
    let new = new.text(head, room.saturating_sub(KEPT));
    if folded.known.is_empty() {
        return new;
    }
    let known = Section { title: "As in the baseline", empty: "", checks: &folded.known, open: false };
    let room = room.saturating_sub(new.len());
    new + &known.text(head, room)
}

impl Section<'_> {
    /// The failures by severity, each folded, the worst open, and all when they are few; as many checks as there is room for.
    fn text(&self, head: &Head, room: usize) -> String {
        let mut out = format!("## {}\n\n", self.title);
        if self.checks.is_empty() {
            let _ = write!(out, "{}\n\n", self.empty);
            return out;
        }
        let (mut checks_left_out, mut findings_left_out) = (0_u64, 0_u64);
        let few = head.baseline.is_some() && self.checks.iter().map(|one| one.count).sum::<u64>() <= FEW;
        let mut open = self.open;
        for severity in Severity::ALL {
            let of: Vec<&OfCheck> = self.checks.iter().filter(|one| one.severity == severity).collect();
            if of.is_empty() {
                continue;
            }
            let findings: u64 = of.iter().map(|one| one.count).sum();
            let (name, checks) = (severity.as_str().to_uppercase(), of.len());
            let tag = if open { "<details open>" } else { "<details>" };
            let _ = write!(
                out,
                "{tag}\n<summary><b>{name}</b>: {} of {}</summary>\n\n",
                number(findings, "finding"),
                number(checks as u64, "check")
            );
            open = self.open && few;
            for one in of {
                let text = of_check(head, one);
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
}

fn of_check(head: &Head, of: &OfCheck) -> String {
    let mut out = format!("#### {}\n\n{}, {}", plain(&of.title), code(&of.check_id), number(of.count, "finding"));
    let practices = of.shown.first().map(|record| record.practices.join(", ")).unwrap_or_default();
    if !practices.is_empty() {
        let _ = write!(out, ", {}", plain(&practices));
    }
    out.push_str("\n\n");
    list(&mut out, head, of);
    if let Some(check) = catalogue::find(&of.check_id) {
        let _ = write!(out, "\n<details>\n<summary>Fix</summary>\n\n{}\n\n", check.card.fix.cli);
        let _ = writeln!(out, "Why, and what it can break: `posture explain {}`\n\n</details>", check.id);
    }
    out.push('\n');
    out
}

fn list(out: &mut String, head: &Head, of: &OfCheck) {
    for record in &of.shown {
        let text = format!("{}{}", place(record), record.message);
        let change = change(head, record).map(|change| format!("**{change}** ")).unwrap_or_default();
        let _ = writeln!(out, "- {change}{}<br>{}", code(&text), code(&subject(record)));
    }
    let more = of.count - of.shown.len() as u64;
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more, all of them in the JSON report");
    }
}
