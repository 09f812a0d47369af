//! What a comparison came to, in numbers and by the first few findings.

use crate::gate::{DeltaKind, Diff};
use crate::record::ChangeCounts;
use posture_estate::finding::Severity;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Findings that a person is shown of each kind before the rest is counted.
const SHOWN: usize = 50;

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Worst first, then in the order of the reports.
    pub(super) severity: Reverse<Severity>,
    pub(super) index: u64,
    pub(super) check_id: String,
    pub(super) arn: String,
    pub(super) message: String,
}

/// What a comparison came to: how many findings differ, and the first few of each kind.
#[derive(Debug, Default)]
pub struct DiffSummary {
    pub counts: ChangeCounts,
    /// New, reopened and worsened failures.
    worse: BTreeMap<Severity, u64>,
    lines: BTreeMap<DeltaKind, BTreeSet<Line>>,
}

impl DiffSummary {
    /// Reads both reports once.
    ///
    /// # Errors
    /// When the findings cannot be read again.
    pub fn of(diff: &Diff<'_>) -> io::Result<DiffSummary> {
        let mut seen = DiffSummary::default();
        for (index, delta) in diff.iter().enumerate() {
            let delta = delta?;
            *delta.kind.count(&mut seen.counts) += 1;
            let Some(record) = delta.record() else { continue };
            if delta.kind.is_worse() {
                *seen.worse.entry(record.severity).or_default() += 1;
            }
            let (severity, index) = (Reverse(record.severity), index as u64);
            let lines = seen.lines.entry(delta.kind).or_default();
            let last = lines.last().map(|last| (last.severity, last.index));
            if lines.len() < SHOWN || last.is_some_and(|last| (severity, index) < last) {
                lines.insert(Line {
                    severity,
                    index,
                    check_id: record.check_id.clone().into_owned(),
                    arn: record.resource.arn.clone(),
                    message: record.message.clone(),
                });
            }
            if lines.len() > SHOWN {
                lines.pop_last();
            }
        }
        Ok(seen)
    }

    /// New, reopened and worsened failures of a severity and worse.
    pub fn worse_at_least(&self, severity: Severity) -> u64 {
        self.worse.range(severity..).map(|(_, count)| count).sum()
    }

    /// By kind: how many, and the first of them; kinds without any are left out.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (DeltaKind, u64, Vec<&Line>)> {
        DeltaKind::ALL.into_iter().filter_map(|kind| {
            let count = *kind.count(&mut self.counts.clone());
            (count > 0).then(|| (kind, count, self.lines.get(&kind).into_iter().flatten().collect()))
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// "3 new, 1 fixed", or that nothing differs.
pub(super) fn counted(seen: &DiffSummary) -> String {
    let all: Vec<String> = seen.kinds().map(|(kind, count, _)| format!("{count} {}", kind.as_str())).collect();
    if all.is_empty() { "nothing differs".to_owned() } else { all.join(", ") }
}
