//! What is added up while findings pass by, so that nobody has to hold them all.

use super::Record;
use posture_estate::finding::{Gap, GapKind};
use posture_estate::finding::{Severity, Status};
use serde::{Deserialize, Serialize};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};

/// Numbers of findings by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub not_applicable: u64,
}

impl Counts {
    pub fn of(&self, status: Status) -> u64 {
        match status {
            Status::Pass => self.pass,
            Status::Fail => self.fail,
            Status::Unknown => self.unknown,
            Status::NotApplicable => self.not_applicable,
        }
    }

    pub fn add(&mut self, status: Status) {
        *match status {
            Status::Pass => &mut self.pass,
            Status::Fail => &mut self.fail,
            Status::Unknown => &mut self.unknown,
            Status::NotApplicable => &mut self.not_applicable,
        } += 1;
    }

    pub fn total(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.not_applicable
    }
}

/// One unanswered question and everything that it leaves open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GapSum {
    pub account_id: String,
    pub region: String,
    pub call: String,
    /// The IAM action that allows the call.
    pub action: String,
    pub kind: GapKind,
    pub message: String,
    pub checks: BTreeSet<String>,
    /// How many resources have a finding that this gap left unknown or incomplete.
    pub resources: u64,
}

/// What a check came to, over everything it judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckTally {
    /// The worst status.
    pub worst: Status,
    /// The same, without the failed findings that someone accepts; `None` when there are only such.
    pub judged: Option<Status>,
    /// Failed findings that someone accepts.
    pub accepted: u64,
}

/// The running totals.
#[derive(Debug, Default)]
pub struct Tally {
    /// Counts by severity.
    pub by_severity: BTreeMap<Severity, Counts>,
    /// Counts by account.
    pub by_account: BTreeMap<String, Counts>,
    /// Failed findings that someone accepts; they are in the other counts too.
    pub suppressed: BTreeMap<Severity, u64>,
    pub checks: BTreeMap<String, CheckTally>,
    /// By gap: the checks that rest on it, and a hash of each resource.
    gaps: BTreeMap<Gap, (BTreeSet<String>, HashSet<u64>)>,
}

impl Tally {
    pub fn add(&mut self, record: &Record) {
        self.by_severity.entry(record.severity).or_default().add(record.status);
        match self.by_account.get_mut(&record.account_id) {
            Some(counts) => counts.add(record.status),
            None => self.by_account.entry(record.account_id.clone()).or_default().add(record.status),
        }
        self.add_check(record);
        for gap in &record.gaps {
            let (checks, resources) = self.gaps.entry(gap.clone()).or_default();
            if !checks.contains(&*record.check_id) {
                checks.insert(record.check_id.clone().into_owned());
            }
            let mut hasher = DefaultHasher::new();
            record.resource.arn.hash(&mut hasher);
            resources.insert(hasher.finish());
        }
    }

    fn add_check(&mut self, record: &Record) {
        let (id, status) = (&*record.check_id, record.status);
        let accepted = status == Status::Fail && record.suppression.is_some();
        let new = CheckTally { worst: status, judged: None, accepted: 0 };
        let tally = match self.checks.get_mut(id) {
            Some(tally) => tally,
            None => self.checks.entry(id.to_owned()).or_insert(new),
        };
        tally.worst = tally.worst.min(status);
        if accepted {
            tally.accepted += 1;
            *self.suppressed.entry(record.severity).or_default() += 1;
        } else {
            tally.judged = Some(tally.judged.map_or(status, |judged| judged.min(status)));
        }
    }

    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        for counts in self.by_severity.values() {
            all.pass += counts.pass;
            all.fail += counts.fail;
            all.unknown += counts.unknown;
            all.not_applicable += counts.not_applicable;
        }
        all
    }

    /// One line per account, region, call, kind and message.
    pub fn gaps(&self) -> Vec<GapSum> {
        let line = |(gap, (checks, resources)): (&Gap, &(BTreeSet<String>, HashSet<u64>))| GapSum {
            account_id: gap.account().to_owned(),
            region: gap.region().to_owned(),
            call: gap.call().to_owned(),
            action: gap.action().to_owned(),
            kind: gap.kind(),
            message: gap.message().to_owned(),
            checks: checks.clone(),
            resources: resources.len() as u64,
        };
        self.gaps.iter().map(line).collect()
    }
}
