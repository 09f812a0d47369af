//! What could not be seen, on the page: accounts, calls, and checks that no answer decides.

use super::words::{code, number, plain};
use crate::formats::fold::{Folded, Unseen, closed, place};
use crate::report::Head;
use posture_estate::finding::GapKind;
use std::fmt::Write as _;

/// Calls listed that were not answered, and checks that were not decided.
const GAPS: usize = 100;

pub fn unseen(head: &Head, folded: &Folded) -> String {
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
