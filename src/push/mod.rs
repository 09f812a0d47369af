//! Sending a report to Security Hub, and archiving there what it shows to be fixed.
//!
//! The one part of the program that writes to AWS, with a client of its own: the scan's transport refuses writes. Two operations
//! and no other: `GetFindings`, and `BatchImportFindings`, by which an account imports findings of its own. Findings go to the
//! region that they belong to, which is how Security Hub wants them.

mod hub;
mod past;
mod scope;

pub use hub::{Hub, HubError, HubFinding, Refused};
pub use scope::{Existing, Fate, Scope};

use crate::formats::asff;
use crate::record::Record;
use crate::report::Report;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Bytes of a batch; Security Hub takes 6 MB.
const BATCH_BYTES: usize = 5_500_000;
/// Findings of a batch.
const BATCH: usize = 100;
/// Findings of a batch to archive, whose sizes are not known: of 240 KB each that is 5 MB.
const ARCHIVED: usize = 20;

/// The IAM actions that it needs.
pub const ACTIONS: [&str; 2] = ["securityhub:BatchImportFindings", "securityhub:GetFindings"];

/// What became of one region.
#[derive(Debug, Default)]
pub struct Sent {
    pub imported: u64,
    pub archived: u64,
    /// Findings that a newer scan has reported since.
    pub newer: u64,
    /// Suppressed here, not in Security Hub, where only its users may change that once a finding exists.
    pub unsuppressed: u64,
    pub refused: Vec<Refused>,
    pub errors: Vec<String>,
}

/// The findings of one region on their way.
struct Lane {
    hub: Hub,
    existing: HashMap<u128, Existing>,
    fixed: Vec<HubFinding>,
    batch: Vec<Value>,
    bytes: usize,
    sent: Sent,
    /// Nothing can be imported here.
    closed: bool,
}

/// Sends what `scope` lets through to the hubs of its regions, then archives. With `dry` nothing is written, only counted.
///
/// # Errors
/// When the report's findings cannot be read; what AWS refuses is in the answer.
pub async fn run(report: &Report, scope: &Scope, hubs: Vec<Hub>, dry: bool) -> io::Result<BTreeMap<String, Sent>> {
    let opened = hubs.into_iter().map(|hub| open(report, scope, hub));
    let mut lanes: BTreeMap<String, Lane> = futures_util::future::join_all(opened).await.into_iter().collect();
    for record in report.findings.iter() {
        let record = record?;
        if !scope.sends(&record) {
            continue;
        }
        if let Some(lane) = lanes.get_mut(scope.target(report, &record)) {
            lane.take(report, scope, &record, dry).await;
        }
    }
    let ended = lanes.into_iter().map(|(region, mut lane)| async move {
        lane.flush(dry).await;
        lane.archive(dry).await;
        (region, lane.sent)
    });
    Ok(futures_util::future::join_all(ended).await.into_iter().collect())
}

/// Asks what is there already.
async fn open(report: &Report, scope: &Scope, mut hub: Hub) -> (String, Lane) {
    let region = hub.region().to_owned();
    let (mut existing, mut fixed, mut sent, mut closed) = (HashMap::new(), Vec::new(), Sent::default(), false);
    let product = asff::product_arn(scope.partition(), &region, scope.account());
    let found = hub
        .existing(&product, scope.account(), |finding| match scope.fate(report, finding) {
            Fate::Fixed(archived) => fixed.push(archived),
            Fate::Known(fingerprint, known) => drop(existing.insert(fingerprint, known)),
            Fate::Other => {}
        })
        .await;
    match found {
        // Where nothing would be sent, there is nothing to miss either.
        Err(HubError::NotEnabled(_)) if !scope.has_findings(&region) => closed = true,
        Err(error @ HubError::NotEnabled(_)) => {
            sent.errors.push(error.to_string());
            closed = true;
        }
        Err(error) => {
            // What is incomplete archives nothing.
            fixed.clear();
            sent.errors.push(format!("nothing is archived: {error}"));
        }
        Ok(()) => {}
    }
    (region, Lane { hub, existing, fixed, batch: Vec::new(), bytes: 0, sent, closed })
}

impl Lane {
    async fn take(&mut self, report: &Report, scope: &Scope, record: &Record, dry: bool) {
        if self.closed {
            return;
        }
        let mut finding = asff::finding(&report.head, record, self.hub.region());
        if let Some(known) = scope::number(&record.fingerprint).and_then(|number| self.existing.get(&number)) {
            if known.newer {
                self.sent.newer += 1;
                return;
            }
            finding.created_at.clone_from(&known.created_at);
            finding.first_observed_at.clone_from(&known.first_observed_at);
            self.sent.unsuppressed += u64::from(record.suppression.is_some() && !known.suppressed);
        }
        debug_assert_eq!(scope.account(), finding.aws_account_id);
        let bytes = asff::size(&finding);
        if self.batch.len() >= BATCH || self.bytes + bytes > BATCH_BYTES {
            self.flush(dry).await;
        }
        match serde_json::to_value(&finding) {
            Ok(finding) => self.batch.push(finding),
            Err(error) => return self.sent.errors.push(format!("{}: {error}", finding.id)),
        }
        self.bytes += bytes;
    }

    async fn flush(&mut self, dry: bool) {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        if batch.is_empty() || self.closed {
            return;
        }
        let (done, closed) = send(&mut self.hub, batch, dry, &mut self.sent).await;
        self.sent.imported += done;
        self.closed = closed;
    }

    async fn archive(&mut self, dry: bool) {
        let mut fixed = std::mem::take(&mut self.fixed).into_iter().peekable();
        while fixed.peek().is_some() && !self.closed {
            let batch = fixed.by_ref().take(ARCHIVED).map(Value::Object).collect();
            let (done, closed) = send(&mut self.hub, batch, dry, &mut self.sent).await;
            self.sent.archived += done;
            self.closed = closed;
        }
    }
}

/// How many were taken, and whether to stop here.
async fn send(hub: &mut Hub, batch: Vec<Value>, dry: bool, sent: &mut Sent) -> (u64, bool) {
    let count = batch.len() as u64;
    if dry {
        return (count, false);
    }
    match hub.import(batch).await {
        Ok(refused) => {
            let taken = count.saturating_sub(refused.len() as u64);
            sent.refused.extend(refused);
            (taken, false)
        }
        Err(error) => {
            sent.errors.push(error.to_string());
            (0, true)
        }
    }
}
