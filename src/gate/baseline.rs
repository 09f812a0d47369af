//! A baseline: an earlier JSON report whose failures are known. Only what is new or worse since then fails the gate; what the
//! baseline does not say counts as new, so that a wrong, partial or old one can never make the gate green.
//!
//! Read as a stream and kept as a map from fingerprint to a few bytes: a baseline of 50,000 findings costs a few megabytes.

use super::change::{Before, change};
use super::scope::{Scope, Vanished, differences, other_rules, subject};
use crate::record::{BaselineNote, Change, ChangeCounts, Record};
use crate::report::{self, Head, ReadError};
use posture_estate::finding::Status;
use std::collections::HashMap;
use std::path::Path;

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

    /// What became of a finding since then; after whatever sets its severity or its suppression.
    pub fn compare(&mut self, record: &Record) -> Option<Change> {
        let entry = fingerprint(record).ok().and_then(|key| self.findings.get_mut(&key));
        let change = change(entry.as_ref().map(|entry| &entry.before), record);
        if let Some(entry) = entry {
            entry.seen = true;
        }
        if let Some(change) = change {
            self.counts.add(change, record);
        }
        self.scope.see(record);
        change
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
pub(super) mod tests;
