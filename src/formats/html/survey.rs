//! What the page says before its findings: a first reading of them all that keeps numbers, by check, account and acceptance.

use crate::record::{Counts, Record, Suppression};
use crate::report::Report;
use posture_estate::finding::{Severity, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Numbers over all findings, and the names that rows refer to by their place.
#[derive(Debug, Default)]
pub struct Survey {
    pub checks: BTreeMap<String, CheckSum>,
    pub accounts: BTreeMap<String, AccountSum>,
    pub regions: BTreeSet<String>,
    pub kinds: BTreeSet<String>,
    /// How many failed findings each acceptance covers.
    pub accepted: Vec<(Suppression, u64)>,
    /// Unknown although every answer came.
    pub undecided: u64,
}

/// A check and what became of it.
#[derive(Debug)]
pub struct CheckSum {
    pub title: String,
    /// Of its findings, the worst.
    pub severity: Severity,
    pub practices: Vec<String>,
    pub counts: Counts,
    /// Failed findings that someone accepts.
    pub accepted: u64,
}

/// An account's findings.
#[derive(Debug, Default)]
pub struct AccountSum {
    pub counts: Counts,
    pub failed: BTreeMap<Severity, u64>,
}

impl Survey {
    /// Reads the findings once.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of(report: &Report) -> io::Result<Survey> {
        let mut survey = Survey::default();
        for record in report.findings.iter() {
            survey.add(&*record?);
        }
        Ok(survey)
    }

    fn add(&mut self, record: &Record) {
        if !self.checks.contains_key(&*record.check_id) {
            let new = CheckSum {
                title: record.title.clone().into_owned(),
                severity: record.severity,
                practices: record.practices.to_vec(),
                counts: Counts::default(),
                accepted: 0,
            };
            self.checks.insert(record.check_id.clone().into_owned(), new);
        }
        if let Some(check) = self.checks.get_mut(&*record.check_id) {
            check.severity = check.severity.max(record.severity);
            check.counts.add(record.status);
            check.accepted += u64::from(record.suppression.is_some());
        }
        let account = match self.accounts.get_mut(&record.account_id) {
            Some(account) => account,
            None => self.accounts.entry(record.account_id.clone()).or_default(),
        };
        account.counts.add(record.status);
        if record.status == Status::Fail {
            *account.failed.entry(record.severity).or_default() += 1;
        }
        for (names, name) in [(&mut self.regions, &record.region), (&mut self.kinds, &record.resource.kind)] {
            if !names.contains(name) {
                names.insert(name.clone());
            }
        }
        if let Some(suppression) = &record.suppression {
            match self.accepted.iter_mut().find(|(known, _)| known == suppression) {
                Some((_, count)) => *count += 1,
                None => self.accepted.push((suppression.clone(), 1)),
            }
        }
        self.undecided += u64::from(record.status == Status::Unknown && record.gap.is_none());
    }

    /// Checks with failures, the worst and most frequent first.
    pub fn failed(&self) -> Vec<(&str, &CheckSum)> {
        let mut failed: Vec<_> = self
            .checks
            .iter()
            .filter(|(_, check)| check.counts.fail > 0)
            .map(|(id, check)| (id.as_str(), check))
            .collect();
        failed.sort_by_key(|(_, check)| std::cmp::Reverse((check.severity, check.counts.fail)));
        failed
    }
}
