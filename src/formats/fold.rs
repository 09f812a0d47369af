//! What short reports have in common: failures by check and gaps by call, the first few of each shown and all of them counted.
//!
//! A CI job shows a page or ten annotations, not fifty thousand findings. What is kept here grows with the checks and the
//! gaps of a report, never with its findings.

use crate::record::{AccountRow, AccountStatus, Change, GapLine, Record};
use crate::report::{Head, Report};
use posture_estate::day::Date;
use posture_estate::finding::GapKind;
use posture_estate::finding::{Resource, Severity, Status};
use posture_estate::text::safe;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// A report in short.
#[derive(Debug, Default)]
pub struct Folded {
    /// Failed, accepted by nobody and not in the baseline: by severity, the worst first, and check.
    pub failed: Vec<OfCheck>,
    /// Failed as in the baseline, in the same order; none without one.
    pub known: Vec<OfCheck>,
    /// Calls without an answer, those first that leave the worst open.
    pub unseen: Vec<Unseen>,
    /// Unknown although every answer came.
    pub undecided: Vec<OfCheck>,
}

/// Findings of one check, of one severity and one status.
#[derive(Debug)]
pub struct OfCheck {
    pub severity: Severity,
    pub check_id: String,
    pub title: String,
    pub count: u64,
    /// The first of them, without evidence and tags.
    pub shown: Vec<Record>,
}

/// A call that was not answered, wherever it was made.
#[derive(Debug)]
pub struct Unseen {
    pub kind: GapKind,
    pub call: String,
    /// The IAM action that allows the call.
    pub action: String,
    /// The first of the messages; they differ by the resource that they name.
    pub message: String,
    pub accounts: BTreeSet<String>,
    pub regions: BTreeSet<String>,
    pub checks: BTreeSet<String>,
    /// Findings that are unknown for it.
    pub findings: u64,
    /// The worst severity of these.
    pub severity: Option<Severity>,
}

type Grouped = BTreeMap<(Reverse<Severity>, String), OfCheck>;

impl Folded {
    /// Reads all findings once and keeps `most` of each group.
    ///
    /// # Errors
    /// When the findings cannot be read.
    pub fn of(report: &Report, most: usize) -> io::Result<Folded> {
        let (mut failed, mut known, mut undecided) = (Grouped::new(), Grouped::new(), Grouped::new());
        let mut unseen = unseen(report);
        for record in report.findings.iter() {
            let record = record?;
            match (record.status, &record.gap) {
                (Status::Fail, _) if is_known(&report.head, &record) => add(&mut known, &record, most),
                (Status::Fail, _) if record.counts() => add(&mut failed, &record, most),
                (Status::Unknown, None) => add(&mut undecided, &record, most),
                (Status::Unknown, Some(gap)) => {
                    let keys: BTreeSet<_> = gap.lines().map(key).collect();
                    for key in keys {
                        let unseen = unseen.entry(key).or_insert_with_key(|key| Unseen::new(key, ""));
                        unseen.findings += 1;
                        unseen.severity = unseen.severity.max(Some(record.severity));
                        unseen.checks.insert(record.check_id.clone().into_owned());
                    }
                }
                _ => {}
            }
        }
        let mut unseen: Vec<Unseen> = unseen.into_values().collect();
        unseen.sort_by_key(|unseen| (Reverse(unseen.severity), unseen.kind, Reverse(unseen.findings)));
        let [failed, known, undecided] = [failed, known, undecided].map(|groups| groups.into_values().collect());
        Ok(Folded { failed, known, unseen, undecided })
    }
}

fn add(groups: &mut Grouped, record: &Record, most: usize) {
    let key = (Reverse(record.severity), record.check_id.clone().into_owned());
    let group = groups.entry(key).or_insert_with(|| OfCheck {
        severity: record.severity,
        check_id: record.check_id.clone().into_owned(),
        title: record.title.clone().into_owned(),
        count: 0,
        shown: Vec::new(),
    });
    group.count += 1;
    if group.shown.len() < most {
        group.shown.push(lean(record));
    }
}

/// What a line is made of; evidence and tags are the bulk of a finding.
fn lean(record: &Record) -> Record {
    let resource = &record.resource;
    Record {
        fingerprint: record.fingerprint.clone(),
        check_id: record.check_id.clone(),
        title: record.title.clone(),
        practices: record.practices.clone(),
        account_id: record.account_id.clone(),
        region: record.region.clone(),
        resource: Resource::new(&resource.arn, &resource.kind, &resource.id),
        sub_key: record.sub_key.clone(),
        message: record.message.clone(),
        reasons: Vec::new(),
        evidence: Value::Null,
        gap: None,
        suppression: None,
        gaps: Vec::new(),
        ..*record
    }
}

type Key = (GapKind, String, String);

fn key(gap: &GapLine) -> Key {
    (gap.kind, gap.call.clone(), gap.action.clone())
}

fn unseen(report: &Report) -> BTreeMap<Key, Unseen> {
    let mut all: BTreeMap<Key, Unseen> = BTreeMap::new();
    for gap in &report.gaps {
        let key = (gap.kind, gap.call.clone(), gap.action.clone());
        let unseen = all.entry(key).or_insert_with_key(|key| Unseen::new(key, &gap.message));
        unseen.accounts.insert(gap.account_id.clone());
        unseen.regions.insert(gap.region.clone());
        unseen.checks.extend(gap.checks.iter().cloned());
    }
    all
}

impl Unseen {
    fn new((kind, call, action): &Key, message: &str) -> Unseen {
        Unseen {
            kind: *kind,
            call: call.clone(),
            action: action.clone(),
            message: message.to_owned(),
            accounts: BTreeSet::new(),
            regions: BTreeSet::new(),
            checks: BTreeSet::new(),
            findings: 0,
            severity: None,
        }
    }

    /// "in eu-west-1", "account-wide", "in 17 regions of 3 accounts"; safe for a terminal.
    pub fn places(&self) -> String {
        let regions: Vec<&str> = self.regions.iter().map(String::as_str).filter(|one| *one != "global").collect();
        let place = match regions.as_slice() {
            [] => "account-wide".to_owned(),
            [one] => format!("in {}", safe(one)),
            many => format!("in {} regions", many.len()),
        };
        match self.accounts.len() {
            0 | 1 => place,
            many => format!("{place} of {many} accounts"),
        }
    }

    /// "3 findings are unknown", or that none is.
    pub fn effect(&self) -> String {
        match self.findings {
            0 => "no finding hangs on it alone".to_owned(),
            1 => "1 finding is unknown".to_owned(),
            many => format!("{many} findings are unknown"),
        }
    }
}

/// Said of a scan that is not complete.
pub const INCOMPLETE: &str = "the scan did not come to its end: what it did not reach is unknown";

/// Accounts of the ledger of which nothing was seen, with why; those that are suspended are no gap.
pub fn closed(head: &Head) -> impl Iterator<Item = (&AccountRow, String)> {
    let of = |row: &AccountRow| {
        let reason = row.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("account {} is {}{reason}", row.id, row.status.as_str().replace('_', " "))
    };
    let seen = |row: &&AccountRow| !matches!(row.status, AccountStatus::Scanned | AccountStatus::Partly);
    head.scan.accounts.iter().filter(seen).map(move |row| (row, of(row)))
}

/// Whether a failure counts and is the one that the baseline has, which the gate does not act on. Without a mark nothing
/// says that it was there before.
pub fn is_known(head: &Head, record: &Record) -> bool {
    head.baseline.is_some() && record.counts() && record.change == Some(Change::Unchanged)
}

/// `new`, `reopened` or `worsened` of a failure that counts, in a report with a baseline.
pub fn change(head: &Head, record: &Record) -> Option<&'static str> {
    let worse = head.baseline.is_some() && record.counts() && !is_known(head, record);
    worse.then(|| record.change.unwrap_or(Change::New).as_str())
}

/// ` (2 critical, 1 low)`, or nothing.
pub fn by_severity(checks: &[OfCheck]) -> String {
    let of = |severity: &Severity| {
        let count = count(checks, *severity);
        (count > 0).then(|| format!("{count} {}", severity.as_str()))
    };
    let all: Vec<String> = Severity::ALL.iter().filter_map(of).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

/// Findings of some checks at a severity.
pub fn count(checks: &[OfCheck], severity: Severity) -> u64 {
    checks.iter().filter(|one| one.severity == severity).map(|one| one.count).sum()
}

/// What people should know of the suppressions, as of the day of the scan; its texts are as the file has them.
pub fn warnings(head: &Head) -> impl Iterator<Item = String> {
    let day = Date::of(&head.scan.as_of);
    head.suppressions.iter().filter_map(move |one| one.warning(day?))
}

/// The region before a message that does not name it itself; empty for what is global.
pub fn place(record: &Record) -> String {
    let named = record.region == "global" || record.message.contains(&record.region);
    if named { String::new() } else { format!("{}: ", record.region) }
}

/// What a message is about: the ARN, or the account, whose ARN is that of its root user.
pub fn subject(record: &Record) -> String {
    let resource = &record.resource;
    if resource.kind == "AWS::::Account" { format!("account {}", resource.id) } else { resource.arn.clone() }
}
