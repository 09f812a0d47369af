//! What people accept, in the text report: who, what, until when; and what is wrong with a suppression.

use super::{BOLD, DIM, Page};
use crate::gate::{Date, SuppressionRule, SuppressionState, SuppressionUse};
use crate::report::{Head, safe};
use anstyle::AnsiColor;
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
        let day = Date::of(&head.scan.as_of);
        let warnings = || head.suppressions.iter().filter_map(|one| one.warning(day?));
        for warning in warnings().take(SHOWN) {
            let mark = self.paint(AnsiColor::Yellow.on_default(), "!");
            self.wrapped(&format!("  {mark} "), "    ", &safe(&warning))?;
        }
        self.more(warnings().count())?;
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
        let count = if one.findings == 1 { "1 finding".to_owned() } else { format!("{} findings", one.findings) };
        let SuppressionRule { conditions, suppression, .. } = &one.rule;
        let (owner, expires) = (safe(&suppression.owner), suppression.expires);
        self.wrapped(
            "  – ",
            "    ",
            &format!("{}: {count}, accepted by {owner} until {expires}", safe(conditions.check.as_str())),
        )?;
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
