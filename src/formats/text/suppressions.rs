//! What people accept, in the text report: who, what, until when; and what is wrong with a suppression.

use super::page::{BOLD, DIM, Page};
use crate::formats::fold::warnings;
use crate::record::{SuppressionRule, SuppressionState, SuppressionUse};
use crate::report::Head;
use anstyle::AnsiColor;
use posture_estate::text::safe;
use std::io::{self, Write};

/// Suppressions of a kind that are shown before the rest is counted.
const SHOWN: usize = 20;

impl<W: Write> Page<W> {
    /// Nothing when there are no suppressions.
    pub(super) fn suppressions(&mut self, head: &Head) -> io::Result<()> {
        if head.suppressions.is_empty() {
            return Ok(());
        }
        let title = self.paint(BOLD.underline(), "Suppressed");
        self.line(&title)?;
        self.line("")?;
        let of = |state| head.suppressions.iter().filter(move |one| one.state == state);
        for one in of(SuppressionState::InForce).take(SHOWN) {
            self.accepted(one)?;
        }
        self.more(of(SuppressionState::InForce).count())?;
        for warning in warnings(head).take(SHOWN) {
            let mark = self.paint(AnsiColor::Yellow.on_default(), "!");
            self.wrapped(&format!("  {mark} "), "    ", &safe(&warning))?;
        }
        self.more(warnings(head).count())?;
        let lines: Vec<String> = of(SuppressionState::NotJudged).map(|one| one.rule.line.to_string()).collect();
        match lines.as_slice() {
            [] => {}
            [one] => self.wrapped(
                "  ",
                "    ",
                &format!("the suppression of line {one} is about what this scan did not see"),
            )?,
            many => {
                let lines = many.join(", ");
                self.wrapped(
                    "  ",
                    "    ",
                    &format!("{} suppressions are about what this scan did not see: lines {lines}", many.len()),
                )?;
            }
        }
        self.line("")
    }

    fn accepted(&mut self, one: &SuppressionUse) -> io::Result<()> {
        let SuppressionRule { conditions, suppression, .. } = &one.rule;
        self.wrapped("  – ", "    ", &safe(&one.acceptance()))?;
        self.wrapped("    ", "    ", &safe(&suppression.reason))?;
        let place = conditions.place();
        if place.is_empty() {
            return Ok(());
        }
        let place = self.paint(DIM, &format!("    {}", safe(&place)));
        self.line(&place)
    }

    fn more(&mut self, count: usize) -> io::Result<()> {
        match count.checked_sub(SHOWN) {
            Some(more @ 1..) => self.line(&format!("    … and {more} more (all of them with --output json)")),
            _ => Ok(()),
        }
    }
}
