//! What people accept, on the page: who, what, until when; and what is wrong with a suppression.

use super::words::{code, number};
use crate::formats::fold::warnings;
use crate::record::{SuppressionState, SuppressionUse};
use crate::report::Head;
use std::fmt::Write as _;

/// Lines for what is accepted, and for warnings.
const SHOWN: usize = 10;

/// At most twenty lines and two that count the rest; nothing when there are no suppressions.
pub fn suppressed(head: &Head) -> String {
    if head.suppressions.is_empty() {
        return String::new();
    }
    let mut out = String::from("## Suppressed\n\n");
    let of = |state| head.suppressions.iter().filter(move |one| one.state == state);
    lines(&mut out, of(SuppressionState::InForce).map(accepted).collect());
    lines(&mut out, warnings(head).map(|warning| format!("**!** {}", code(&warning))).collect());
    let unjudged = of(SuppressionState::NotJudged).count() as u64;
    if unjudged > 0 {
        let _ = writeln!(out, "- about what this scan did not see: {}", number(unjudged, "suppression"));
    }
    out.push('\n');
    out
}

fn accepted(one: &SuppressionUse) -> String {
    let place = one.rule.conditions.place();
    let place = if place.is_empty() { String::new() } else { format!(", {}", code(&place)) };
    format!("{}{place}: {}", code(&one.acceptance()), code(&one.rule.suppression.reason))
}

fn lines(out: &mut String, all: Vec<String>) {
    for line in all.iter().take(SHOWN) {
        let _ = writeln!(out, "- {line}");
    }
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more, all of them in the JSON report");
    }
}
