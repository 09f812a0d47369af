//! The pillar at a glance: a row per area, what the unknown practices wait for, and the attestations that have run out.

use super::page::{BOLD, Page};
use crate::catalogue;
use crate::record::PracticeStatus;
use crate::report::{Head, PracticeRow};
use posture_estate::finding::Status;
use posture_estate::text::safe;
use std::collections::BTreeMap;
use std::io::{self, Write};

use PracticeStatus::{Attested, Met, NeedsAttestation, NotApplicable, NotMet, Unknown};

/// How wide the first column is, and what the others are called.
struct Layout {
    area: usize,
    columns: [(&'static str, PracticeStatus); 6],
}

const WIDE: Layout = Layout {
    area: 32,
    columns: [
        ("    met", Met),
        ("attested", Attested),
        ("not met", NotMet),
        ("unknown", Unknown),
        ("needs attestation", NeedsAttestation),
        ("not applicable", NotApplicable),
    ],
};

/// For terminals of 80 columns.
const NARROW: Layout = Layout {
    area: 30,
    columns: [
        ("met", Met),
        ("attested", Attested),
        ("not met", NotMet),
        ("unknown", Unknown),
        ("to attest", NeedsAttestation),
        ("n/a", NotApplicable),
    ],
};

impl Layout {
    fn of(width: usize) -> &'static Layout {
        if WIDE.width() <= width { &WIDE } else { &NARROW }
    }

    const fn width(&self) -> usize {
        let (mut width, mut index) = (self.area, 0);
        while index < self.columns.len() {
            width += 2 + self.columns[index].0.len();
            index += 1;
        }
        width
    }
}

impl<W: Write> Page<W> {
    pub(super) fn glance(&mut self, head: &Head) -> io::Result<()> {
        let mut rows: Vec<(&str, BTreeMap<PracticeStatus, usize>)> = Vec::new();
        // A selection says nothing about the practices that it leaves out.
        let partial = !head.scan.selection.is_all();
        let shown = |row: &&PracticeRow| head.is_current(row) && !(partial && row.checks.is_empty());
        let shown: Vec<&PracticeRow> = head.practices.iter().filter(shown).collect();
        for practice in &shown {
            let area = practice.area.as_str();
            let row = match rows.iter().position(|(name, _)| *name == area) {
                Some(index) => index,
                None => {
                    rows.push((area, BTreeMap::new()));
                    rows.len() - 1
                }
            };
            *rows[row].1.entry(practice.status).or_default() += 1;
        }
        let layout = Layout::of(self.options.width);
        let (title, width) = (format!("Security Pillar, {}", head.tool.pillar), layout.area);
        let heads: String = layout.columns.iter().map(|(name, _)| format!("  {name}")).collect();
        let heads = self.paint(BOLD, &format!("{title:<width$}{heads}"));
        self.line(&heads)?;
        for (area, counts) in rows {
            let cell = |(name, status): &(&str, PracticeStatus)| {
                format!("  {:>1$}", counts.get(status).copied().unwrap_or_default(), name.len())
            };
            let line: String = layout.columns.iter().map(cell).collect();
            self.line(&format!("{area:<width$}{line}"))?;
        }
        let unknown = shown.into_iter().filter(|row| row.status == Unknown).map(|row| Why::of(row, head));
        if let Some(line) = told(unknown) {
            self.wrapped("", "  ", &line)?;
        }
        for practice in &head.practices {
            for one in practice.attestations.iter().filter(|one| one.expired) {
                let by = safe(&one.owner);
                let line = format!("{}: the attestation by {by} expired on {}", practice.id, one.expires);
                self.wrapped("! ", "  ", &line)?;
            }
        }
        self.line("")
    }
}

/// Why a practice is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    NoCheck,
    NotRun,
    UnknownFindings,
    /// No finding hangs on it: the answer itself is missing.
    Unanswered,
}

impl Why {
    /// In the order in which a practice gets its status.
    fn of(row: &PracticeRow, head: &Head) -> Why {
        let practice = catalogue::pillar().reported(&row.slug, &row.id);
        let bears =
            |check: &&catalogue::Check| practice.is_some_and(|practice| check.card.slugs.contains(&practice.slug));
        let cards = catalogue::checks().iter().filter(bears);
        let (ran, not_run): (Vec<_>, Vec<_>) = cards.partition(|check| row.checks.contains_key(check.id));
        let asks = |call: &str| ran.iter().any(|check| check.card.calls.iter().any(|own| own == call));
        if row.checks.values().any(|status| *status == Status::Unknown) {
            Why::UnknownFindings
        } else if head.scan.unanswered.iter().any(|one| asks(&one.call)) {
            Why::Unanswered
        } else if !not_run.is_empty() {
            Why::NotRun
        } else if row.checks.is_empty() {
            Why::NoCheck
        } else {
            Why::Unanswered
        }
    }

    fn words(self, count: usize) -> String {
        let (has, rests) = if count == 1 { ("has", "rests") } else { ("have", "rest") };
        match self {
            Why::NoCheck => format!("{count} {has} no check yet"),
            Why::NotRun => format!("{count} {rests} on checks that were not part of the scan"),
            Why::UnknownFindings => format!("{count} {rests} on findings that are unknown"),
            Why::Unanswered => format!("{count} {rests} on calls that had no answer"),
        }
    }
}

/// How many are unknown for which reason; nothing when none is.
fn told(unknown: impl Iterator<Item = Why>) -> Option<String> {
    let mut counts: BTreeMap<Why, usize> = BTreeMap::new();
    unknown.for_each(|why| *counts.entry(why).or_default() += 1);
    let parts: Vec<String> = counts.into_iter().map(|(why, count)| why.words(count)).collect();
    (!parts.is_empty()).then(|| format!("unknown: {}", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_80_columns() {
        assert_eq!(WIDE.width(), 104);
        assert!(NARROW.width() <= 80);
        assert_eq!(Layout::of(104).area, WIDE.area);
        assert_eq!(Layout::of(103).area, NARROW.area);
        let pillar = catalogue::pillar();
        let area = pillar.practices.iter().filter(|one| one.is_current()).map(|one| one.area.len()).max().unwrap();
        assert!(area <= NARROW.area && format!("Security Pillar, {}", pillar.edition).len() <= NARROW.area);
    }

    #[test]
    fn reasons_are_counted() {
        let all = [Why::NotRun, Why::NoCheck, Why::UnknownFindings, Why::NoCheck];
        assert_eq!(
            told(all.into_iter()).unwrap(),
            "unknown: 2 have no check yet, 1 rests on checks that were not part of the scan, 1 rests on findings that are \
             unknown"
        );
        assert_eq!(told(std::iter::empty()), None);
    }
}
