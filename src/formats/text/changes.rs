//! What changed since the baseline: how many, and the failures that it does not account for.

use super::page::{BOLD, Page, place, severity_style};
use crate::record::{BaselineNote, Record};
use posture_estate::finding::Severity;
use posture_estate::text::safe;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Failures shown before the rest is counted; they stand among the others of the report too.
const SHOWN: usize = 12;

/// The worst failures that are new, reopened or worsened.
#[derive(Default)]
pub(super) struct Worse {
    shown: BTreeMap<(Reverse<Severity>, usize), Record>,
    count: usize,
}

impl Worse {
    pub fn add(&mut self, record: &Record) {
        if !record.counts() || !record.change.is_some_and(|change| change.is_worse()) {
            return;
        }
        let key = (Reverse(record.severity), self.count);
        self.count += 1;
        if self.shown.len() < SHOWN || self.shown.last_key_value().is_some_and(|(last, _)| key < *last) {
            self.shown.insert(key, record.clone());
        }
        if self.shown.len() > SHOWN {
            self.shown.pop_last();
        }
    }
}

impl<W: Write> Page<W> {
    pub(super) fn changes(&mut self, baseline: &BaselineNote, worse: &Worse) -> io::Result<()> {
        let head = self.paint(BOLD.underline(), "What changed since the baseline");
        self.line(&head)?;
        self.line("")?;
        self.wrapped("  ", "  ", &format!("{}, of {}", baseline.counts.in_words(), safe(&baseline.finished_at)))?;
        for difference in &baseline.differences {
            self.wrapped("  ! ", "    ", &format!("{}; what it lacks counts as new", safe(difference)))?;
        }
        for record in worse.shown.values() {
            let change = record.change.map_or("", |change| change.as_str());
            let severity = self.paint(severity_style(record.severity), record.severity.as_str());
            self.line(&format!("  ✗ {change} {severity}  {}", safe(&record.check_id)))?;
            let message = format!("{}{}", place(record), safe(&record.message));
            self.wrapped("      ", "        ", &message)?;
        }
        let more = worse.count - worse.shown.len();
        if more > 0 {
            self.line(&format!("    … and {more} more (all of them with --output json)"))?;
        }
        self.line("")
    }
}
