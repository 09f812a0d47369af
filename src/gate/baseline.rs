//! A baseline: an earlier JSON report whose failures are known. Only what is new or worse since then fails the gate; what the
//! baseline does not say counts as new, so that a wrong, partial or old one can never make the gate green.
//!
//! Read as a stream and kept as a map from fingerprint to a few bytes: a baseline of 50,000 findings costs a few megabytes.

use super::change::{Before, Change};
use super::scope::{Scope, Vanished, differences, other_rules, subject};
use crate::report::{self, Head, ReadError};
use crate::scan::Record;
use posture_estate::finding::Status;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// What a report says of its baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineNote {
    /// Of the earlier scan.
    pub scan_id: String,
    pub finished_at: String,
    pub counts: ChangeCounts,
    /// How the earlier scan differs in what it looked at.
    #[serde(default)]
    pub differences: Vec<String>,
}

/// Findings by what became of them; failures that someone accepts today are not counted as new, reopened, worsened or unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeCounts {
    pub new: u64,
    pub reopened: u64,
    pub worsened: u64,
    /// Failures that are what they were.
    pub unchanged: u64,
    pub fixed: u64,
    /// Failed before; the check ran there and does not find the resource any more.
    pub gone: u64,
    /// Failed before; its check, account or region is not part of this scan.
    pub not_scanned: u64,
    /// Those that failed before and cannot be seen any more among them.
    pub became_unknown: u64,
    pub became_known: u64,
}

impl ChangeCounts {
    /// `2 new, 0 reopened, …`; what is rare only when there is any.
    pub fn in_words(&self) -> String {
        let counts = self;
        let always = [("new", counts.new), ("reopened", counts.reopened), ("worsened", counts.worsened)];
        let some = [
            ("became unknown", counts.became_unknown),
            ("became known", counts.became_known),
            ("gone", counts.gone),
            ("not scanned any more", counts.not_scanned),
            ("failed as before", counts.unchanged),
        ];
        let some = some.into_iter().filter(|(_, count)| *count > 0);
        let all: Vec<String> = always
            .into_iter()
            .chain([("fixed", counts.fixed)])
            .chain(some)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        all.join(", ")
    }

    fn add(&mut self, change: Change, record: &Record) {
        let counter = match change {
            Change::Fixed => &mut self.fixed,
            Change::BecameUnknown => &mut self.became_unknown,
            Change::BecameKnown => &mut self.became_known,
            _ if !record.counts() => return,
            Change::New => &mut self.new,
            Change::Reopened => &mut self.reopened,
            Change::Worsened => &mut self.worsened,
            Change::Unchanged => &mut self.unchanged,
        };
        *counter += 1;
    }
}

impl BaselineNote {
    /// Adds what another shard of the same scan says of the same baseline.
    pub fn join(&mut self, other: BaselineNote) {
        let ChangeCounts { new, reopened, worsened, unchanged, fixed, gone, not_scanned, became_unknown, became_known } =
            other.counts;
        let counts = &mut self.counts;
        counts.new += new;
        counts.reopened += reopened;
        counts.worsened += worsened;
        counts.unchanged += unchanged;
        counts.fixed += fixed;
        counts.gone += gone;
        counts.not_scanned += not_scanned;
        counts.became_unknown += became_unknown;
        counts.became_known += became_known;
        for difference in other.differences {
            if !self.differences.contains(&difference) {
                self.differences.push(difference);
            }
        }
    }
}

/// An earlier report, to compare findings with as they come.
#[derive(Debug)]
pub struct Baseline {
    head: Head,
    findings: HashMap<u128, Entry>,
    /// Account, region and check of those findings whose end must be told.
    places: Vec<(String, String, String)>,
    counts: ChangeCounts,
    /// Where the scan that is compared was blind.
    scope: Scope,
}

#[derive(Debug)]
struct Entry {
    before: Before,
    place: u32,
    subject: u64,
    seen: bool,
}

impl Baseline {
    /// Reads an earlier report.
    ///
    /// # Errors
    /// When it cannot be read, or is no report.
    pub fn read(path: &Path) -> Result<Baseline, ReadError> {
        let mut findings: HashMap<u128, Entry> = HashMap::new();
        let mut places: Vec<(String, String, String)> = Vec::new();
        let mut known: HashMap<(String, String, String), u32> = HashMap::new();
        let (head, _) = report::visit(path, |record| {
            let key = fingerprint(&record)?;
            let at = (record.account_id.clone(), record.region.clone(), record.check_id.clone().into_owned());
            let place = match known.get(&at) {
                Some(place) => *place,
                None => {
                    let place = u32::try_from(places.len()).map_err(|_| "too many findings".to_owned())?;
                    places.push(at.clone());
                    known.insert(at, place);
                    place
                }
            };
            let before = Before::of(&record);
            let subject = subject(&record.account_id, &record.check_id, &record.resource.arn);
            match findings.get_mut(&key) {
                Some(entry) => entry.before.meet(before),
                None => drop(findings.insert(key, Entry { before, place, subject, seen: false })),
            }
            Ok(())
        })?;
        Ok(Baseline { head, findings, places, counts: ChangeCounts::default(), scope: Scope::default() })
    }

    /// Compares a finding with the earlier one and says so in it. After whatever sets its severity or its suppression.
    pub fn mark(&mut self, record: &mut Record) {
        let entry = fingerprint(record).ok().and_then(|key| self.findings.get_mut(&key));
        record.change = Change::of(entry.as_ref().map(|entry| &entry.before), record);
        if let Some(entry) = entry {
            entry.seen = true;
        }
        if let Some(change) = record.change {
            self.counts.add(change, record);
        }
        self.scope.see(record);
    }

    /// What the comparison came to, when every finding has been marked; `head` is that of this scan.
    pub fn note(&self, head: &Head) -> BaselineNote {
        let mut counts = self.counts;
        let scope = self.scope.clone().of(head);
        for entry in self.findings.values().filter(|entry| !entry.seen) {
            let Some((account, region, check)) = self.places.get(entry.place as usize) else { continue };
            match (entry.before.status, scope.vanished(account, region, check, entry.subject)) {
                (Status::Fail, Vanished::Gone) => counts.gone += 1,
                // The accounts of other shards are theirs to tell, those that left the scan are of one shard too.
                (Status::Fail, Vanished::NotScanned) if head.scan.shard.is_some_and(|shard| !shard.holds(account)) => {}
                (Status::Fail, Vanished::NotScanned) => counts.not_scanned += 1,
                (Status::Fail, Vanished::Unseen) => counts.became_unknown += 1,
                (Status::Unknown, Vanished::Gone) => counts.became_known += 1,
                _ => {}
            }
        }
        let mut differences = differences("the baseline", &self.head, head);
        differences.extend(other_rules("the baseline", &self.head, head));
        BaselineNote {
            scan_id: self.head.scan.id.clone(),
            finished_at: self.head.scan.finished_at.clone(),
            counts,
            differences,
        }
    }
}

/// The fingerprint as a number.
pub(super) fn fingerprint(record: &Record) -> Result<u128, String> {
    let text = &record.fingerprint;
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten();
    number.ok_or_else(|| format!("{text:?} is no fingerprint"))
}

#[cfg(test)]
mod tests;
