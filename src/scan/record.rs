//! A finding with its place and its check: what reports and gates work on.

use crate::aws::gap::{Gap, GapKind};
use crate::aws::session::Session;
use crate::aws::tape::hex;
use crate::catalogue::Check;
use crate::finding::{Finding, Status};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A finding of a scan.
#[derive(Clone, Debug)]
pub struct Record {
    /// Stable over scans: a hash of check, account, region, ARN and sub-key.
    pub fingerprint: String,
    pub check: &'static Check,
    pub account_id: String,
    /// `us-east-1`, or `global`.
    pub region: String,
    pub finding: Finding,
}

impl Record {
    pub(super) fn new(check: &'static Check, session: &Session, region: &Option<String>, finding: Finding) -> Self {
        let account_id = session.account.account_id().to_owned();
        let own = finding.resource.region.clone();
        let region = own.or_else(|| region.clone()).unwrap_or_else(|| "global".to_owned());
        let parts =
            [check.id, &account_id, &region, &finding.resource.arn, finding.verdict.sub.as_deref().unwrap_or("")];
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        let fingerprint = hex(&hasher.finalize()[..16]);
        Record { fingerprint, check, account_id, region, finding }
    }

    pub fn status(&self) -> Status {
        self.finding.verdict.status
    }

    /// The order of reports.
    pub(super) fn order(&self) -> (&str, &str, &str, &str, Option<&str>, &str) {
        let Finding { resource, verdict } = &self.finding;
        (&self.account_id, &self.region, self.check.id, &resource.arn, verdict.sub.as_deref(), &verdict.message)
    }
}

/// One unanswered question and everything that it leaves open.
#[derive(Clone, Debug, Serialize)]
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
    pub resources: usize,
}

/// Adds up the gaps of all findings: one line per account, region, call, kind and message.
pub fn sum_gaps(records: &[Record]) -> Vec<GapSum> {
    let mut sums: BTreeMap<&Gap, (BTreeSet<String>, BTreeSet<&str>)> = BTreeMap::new();
    for record in records {
        for gap in &record.finding.verdict.gaps {
            let (checks, resources) = sums.entry(gap).or_default();
            checks.insert(record.check.id.to_owned());
            resources.insert(&record.finding.resource.arn);
        }
    }
    let line = |(gap, (checks, resources)): (&Gap, (BTreeSet<String>, BTreeSet<&str>))| GapSum {
        account_id: gap.account().to_owned(),
        region: gap.region().to_owned(),
        call: gap.call().to_owned(),
        action: gap.action().into_owned(),
        kind: gap.kind(),
        message: gap.message().to_owned(),
        checks,
        resources: resources.len(),
    };
    sums.into_iter().map(line).collect()
}
