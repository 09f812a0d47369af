//! What a page shows of the findings: as much as fits, and how many there are.

use super::changes;
use crate::record::{GapLine, GapSum, Record};
use crate::report::Report;
use posture_estate::finding::GapKind;
use posture_estate::finding::{Severity, Status};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Resources shown for one check before the rest is counted.
pub(super) const SHOWN: usize = 8;

/// What is shown of the findings: as much as fits a page, and how many there are.
pub(super) struct Seen<'a> {
    /// By check, the worst first.
    pub failed: Vec<Failed<'a>>,
    pub unseen: Vec<Unseen<'a>>,
    /// Unknown although every answer came.
    pub undecided: Folded<'a>,
    pub worse: changes::Worse,
}

/// The first of many findings.
#[derive(Default)]
pub(super) struct Folded<'a> {
    pub shown: Vec<Cow<'a, Record>>,
    pub count: usize,
}

/// A check's failed findings of one severity.
pub(super) struct Failed<'a> {
    pub check_id: String,
    pub severity: Severity,
    pub title: String,
    pub findings: Folded<'a>,
}

impl<'a> Folded<'a> {
    fn add(&mut self, record: Cow<'a, Record>, most: usize) {
        self.count += 1;
        if self.shown.len() < most {
            self.shown.push(record);
        }
    }
}

impl<'a> Seen<'a> {
    pub fn of(report: &'a Report) -> io::Result<Seen<'a>> {
        let mut failed: BTreeMap<(Reverse<Severity>, String), Folded<'a>> = BTreeMap::new();
        let mut unseen = unseen(&report.gaps);
        let (mut undecided, mut worse) = (Folded::default(), changes::Worse::default());
        for record in report.findings.iter() {
            let record = record?;
            worse.add(&record);
            match record.status {
                Status::Fail if record.counts() => {
                    let key = (Reverse(record.severity), record.check_id.clone().into_owned());
                    failed.entry(key).or_default().add(record, SHOWN);
                }
                Status::Unknown => match &record.gap {
                    Some(note) => {
                        let named = |unseen: &&mut Unseen<'_>| note.lines().any(|gap| unseen.is_of(gap));
                        unseen.iter_mut().filter(named).for_each(|unseen| unseen.findings += 1);
                    }
                    None => undecided.add(record, 3 * SHOWN),
                },
                _ => {}
            }
        }
        let of_check = |((Reverse(severity), check_id), findings): (_, Folded<'a>)| {
            let title = findings.shown.first().map(|record| record.title.clone().into_owned()).unwrap_or_default();
            Failed { check_id, severity, title, findings }
        };
        unseen.sort_by_key(|unseen| (unseen.kind, Reverse(unseen.findings)));
        Ok(Seen { failed: failed.into_iter().map(of_check).collect(), unseen, undecided, worse })
    }
}

/// A question that failed for the same reason in one or many regions.
pub(super) struct Unseen<'a> {
    pub kind: GapKind,
    pub call: &'a str,
    pub action: &'a str,
    pub message: &'a str,
    pub regions: BTreeSet<&'a str>,
    pub checks: BTreeSet<&'a str>,
    /// Findings that are unknown for it.
    pub findings: usize,
}

/// The gaps, those of many regions as one; they are shown denials first, as a policy mends them.
fn unseen(gaps: &[GapSum]) -> Vec<Unseen<'_>> {
    let mut all: BTreeMap<_, Unseen<'_>> = BTreeMap::new();
    for gap in gaps {
        let (kind, call, message) = (gap.kind, gap.call.as_str(), gap.message.as_str());
        let new = || Unseen {
            kind,
            call,
            action: &gap.action,
            message,
            regions: BTreeSet::new(),
            checks: BTreeSet::new(),
            findings: 0,
        };
        let unseen = all.entry((kind, call, message)).or_insert_with(new);
        unseen.regions.insert(&gap.region);
        unseen.checks.extend(gap.checks.iter().map(String::as_str));
    }
    all.into_values().collect()
}

impl Unseen<'_> {
    fn is_of(&self, gap: &GapLine) -> bool {
        self.kind == gap.kind && self.call == gap.call && self.message == gap.message
    }
}
