//! What of a report is sent where, and which findings of earlier scans it shows to be fixed.
//!
//! Archived is only what this report can speak about: it is complete, ran the check, looked at the region, and is not older than
//! what Security Hub has. Such a finding is fixed when the same question passes now, or does not apply, or is gone. Gone counts only
//! where the check is unknown nowhere in that place: an unreadable list of buckets is no list without buckets.

use super::{HubFinding, past};
use crate::formats::asff;
use crate::record::{AccountRow, AccountStatus, Record};
use crate::report::{Head, Report};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::arn::partition_of;
use posture_estate::finding::Status;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

/// What to do with a finding that Security Hub has.
#[derive(Debug)]
pub enum Fate {
    /// As it is to be sent to archive it.
    Fixed(HubFinding),
    /// It stays; what an update must keep.
    Known(u128, Existing),
    Other,
}

/// What an update of a finding must keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    pub created_at: String,
    pub first_observed_at: String,
    /// A later scan than this one has seen it.
    pub newer: bool,
    pub suppressed: bool,
}

/// What the report says about the caller's account.
#[derive(Debug)]
pub struct Scope {
    account: String,
    partition: String,
    passing: bool,
    /// The status of each finding, 17 bytes of each.
    statuses: HashMap<u128, Status>,
    /// Check and region of what is unknown.
    unknown: HashSet<(String, String)>,
    /// Regions that the scan looked at.
    looked: BTreeSet<String>,
    /// Findings to send, by region; those without any are only looked through.
    regions: BTreeMap<String, u64>,
    /// Findings of other accounts.
    others: BTreeMap<String, u64>,
    /// Whether the scan of the account ran to its end.
    complete: bool,
}

/// A fingerprint as a number.
pub fn number(fingerprint: &str) -> Option<u128> {
    u128::from_str_radix(fingerprint, 16).ok()
}

impl Scope {
    /// Reads the report once. `wanted` chooses regions; `passing` sends passes too.
    ///
    /// # Errors
    /// When the findings cannot be read.
    pub fn of(report: &Report, account: &str, passing: bool, wanted: impl Fn(&str) -> bool) -> io::Result<Scope> {
        let head = &report.head;
        let partition = partition_of(&head.scan.caller.arn).filter(|one| one.starts_with("aws")).unwrap_or("aws");
        let row = head.scan.accounts.iter().find(|row| row.id == account);
        let looked = row.map_or_else(Vec::new, |row| looked(head, row));
        let mut scope = Scope {
            account: account.to_owned(),
            partition: partition.to_owned(),
            passing,
            statuses: HashMap::new(),
            unknown: HashSet::new(),
            looked: looked.iter().cloned().collect(),
            regions: BTreeMap::new(),
            others: BTreeMap::new(),
            complete: head.scan.complete && row.is_some_and(|row| seen(row.status)),
        };
        let mut targets: BTreeMap<String, u64> = looked.iter().map(|region| (region.clone(), 0)).collect();
        targets.entry(asff::global_region(head, partition).to_owned()).or_default();
        for record in report.findings.iter() {
            let record = record?;
            let sends = scope.wants(record.status);
            if record.account_id != account {
                if sends {
                    *scope.others.entry(record.account_id.clone()).or_default() += 1;
                }
                continue;
            }
            if let Some(number) = number(&record.fingerprint) {
                scope.statuses.insert(number, record.status);
            }
            if record.status == Status::Unknown {
                scope.unknown.insert((record.check_id.to_string(), record.region.clone()));
            }
            *targets.entry(asff::region(head, &record).to_owned()).or_default() += u64::from(sends);
        }
        targets.retain(|region, _| wanted(region));
        scope.regions = targets;
        Ok(scope)
    }

    fn wants(&self, status: Status) -> bool {
        match status {
            Status::Fail | Status::Unknown => true,
            Status::Pass => self.passing,
            Status::NotApplicable => false,
        }
    }

    pub fn account(&self) -> &str {
        &self.account
    }

    pub fn partition(&self) -> &str {
        &self.partition
    }

    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    pub fn has_findings(&self, region: &str) -> bool {
        self.regions.get(region).is_some_and(|count| *count > 0)
    }

    /// Accounts whose findings are not the caller's to import, with their number.
    pub fn others(&self) -> &BTreeMap<String, u64> {
        &self.others
    }

    pub fn complete(&self) -> bool {
        self.complete
    }

    pub fn sends(&self, record: &Record) -> bool {
        record.account_id == self.account && self.wants(record.status)
    }

    /// The region that takes a finding.
    pub fn target<'a>(&self, report: &'a Report, record: &'a Record) -> &'a str {
        asff::region(&report.head, record)
    }

    /// Judges a finding that Security Hub has of this product.
    pub fn fate(&self, report: &Report, finding: HubFinding) -> Fate {
        let text = |name: &str| finding.get(name).and_then(Value::as_str);
        let Some((region, check, fingerprint)) = text("Id").and_then(asff::identity) else { return Fate::Other };
        let Some(number) = number(fingerprint) else { return Fate::Other };
        let as_of = time(&report.head.scan.as_of);
        let seen = text("LastObservedAt").or(text("UpdatedAt")).and_then(time);
        let newer = seen.is_some_and(|seen| as_of.is_none_or(|as_of| seen > as_of));
        if !newer && self.is_fixed(&report.head, region, check, self.statuses.get(&number).copied()) {
            return Fate::Fixed(past::archived(finding, &report.head.scan.as_of));
        }
        let created_at = text("CreatedAt").unwrap_or(&report.head.scan.as_of).to_owned();
        let first_observed_at = text("FirstObservedAt").unwrap_or(&created_at).to_owned();
        let suppressed = finding.get("Workflow").is_some_and(|workflow| workflow["Status"] == "SUPPRESSED");
        Fate::Known(number, Existing { created_at, first_observed_at, newer, suppressed })
    }

    fn is_fixed(&self, head: &Head, region: &str, check: &str, now: Option<Status>) -> bool {
        if !self.complete || !head.scan.checks.iter().any(|ran| ran == check) {
            return false;
        }
        match now {
            Some(status) if self.wants(status) => false,
            Some(_) => true,
            None => {
                let looked = region == "global" || self.looked.contains(region);
                looked && !self.is_unknown(check, region)
            }
        }
    }

    /// Whether something that was there may only be out of sight.
    fn is_unknown(&self, check: &str, region: &str) -> bool {
        let places: BTreeSet<&str> =
            self.unknown.iter().filter(|(one, _)| one == check).map(|(_, place)| place.as_str()).collect();
        match region {
            "global" => !places.is_empty(),
            region => places.contains(region) || places.contains("global"),
        }
    }
}

fn seen(status: AccountStatus) -> bool {
    matches!(status, AccountStatus::Scanned | AccountStatus::Partly)
}

/// The regions of an account that were looked at; reports of version 1.1 tell it for the scan only.
fn looked(head: &Head, row: &AccountRow) -> Vec<String> {
    if row.regions.is_empty() {
        return head.scan.regions.clone();
    }
    row.regions.iter().filter(|region| seen(region.status)).map(|region| region.name.clone()).collect()
}

fn time(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(unknown: &[(&str, &str)]) -> Scope {
        Scope {
            account: "111122223333".into(),
            partition: "aws".into(),
            passing: false,
            statuses: HashMap::new(),
            unknown: unknown.iter().map(|(check, region)| ((*check).to_owned(), (*region).to_owned())).collect(),
            looked: BTreeSet::new(),
            regions: BTreeMap::new(),
            others: BTreeMap::new(),
            complete: true,
        }
    }

    #[test]
    fn what_may_be_out_of_sight_is_not_gone() {
        let nowhere = scope(&[]);
        assert!(!nowhere.is_unknown("c", "global") && !nowhere.is_unknown("c", "eu-west-1"));
        let here = scope(&[("c", "eu-west-1"), ("d", "global")]);
        assert!(here.is_unknown("c", "eu-west-1") && !here.is_unknown("c", "us-east-1"));
        assert!(here.is_unknown("c", "global"), "a bucket whose region was not known may have turned up in one");
        assert!(here.is_unknown("d", "us-east-1"), "what is unknown account-wide may be anywhere");
    }

    #[test]
    fn fingerprints_are_numbers() {
        assert_eq!(number("000000000000000000000000000000ff"), Some(255));
        assert_eq!(number("nonsense"), None);
    }
}
