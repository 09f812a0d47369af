//! A finding with its place and its check, as reports carry it: what gates, renderers and later scans work on.

use super::{Change, Suppression, Terms};
use crate::catalogue::{self, Check};
use posture_estate::finding::Gap;
use posture_estate::finding::GapKind;
use posture_estate::finding::{Finding, Resource, Severity, Status, Verdict};
use posture_estate::text::hex;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A finding of a report. It stands alone: what an older report says of a check outlives the check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a finding")]
pub struct Record {
    /// Stable over scans: a hash of check, account, region, ARN and sub-key.
    pub fingerprint: String,
    pub check_id: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub status: Status,
    pub severity: Severity,
    pub practices: Cow<'static, [String]>,
    pub account_id: String,
    /// `us-east-1`, or `global`.
    pub region: String,
    pub resource: Resource,
    /// Tells apart several findings of one check on one resource.
    #[serde(default)]
    pub sub_key: Option<String>,
    pub message: String,
    /// The slugs of the broken conditions, as the check's card declares them: some if it fails, unless the report is older
    /// than they are.
    #[serde(default)]
    pub reasons: Vec<Cow<'static, str>>,
    pub evidence: Value,
    pub gap: Option<GapNote>,
    pub suppression: Option<Suppression>,
    /// What became of it since the baseline; none without one, and for what passes and was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The gaps with their places, while the scan adds them up.
    #[serde(skip)]
    pub gaps: Vec<Gap>,
}

/// The call that left a finding open; a finding that several calls left open names the others beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapNote {
    #[serde(flatten)]
    pub first: GapLine,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<GapLine>,
}

/// One call without an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GapLine {
    pub call: String,
    /// The IAM action that allows the call.
    pub action: String,
    pub kind: GapKind,
    pub message: String,
}

impl From<&Gap> for GapLine {
    fn from(gap: &Gap) -> Self {
        GapLine {
            call: gap.call().to_owned(),
            action: gap.action().to_owned(),
            kind: gap.kind(),
            message: gap.message().to_owned(),
        }
    }
}

impl GapNote {
    fn of(gaps: &[Gap]) -> Option<GapNote> {
        let (first, others) = gaps.split_first()?;
        Some(GapNote { first: first.into(), others: others.iter().map(GapLine::from).collect() })
    }

    /// All of them.
    pub fn lines(&self) -> impl Iterator<Item = &GapLine> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Record {
    /// A finding of a check by the terms of a scan.
    pub fn new(
        check: &'static Check,
        account: &str,
        region: &Option<String>,
        finding: Finding,
        terms: &dyn Terms,
    ) -> Self {
        let Finding { resource, verdict } = finding;
        debug_assert!(
            is_declared(check, &verdict),
            "{}: the reasons {:?} are not its card's",
            check.id,
            verdict.reasons
        );
        let account_id = account.to_owned();
        let own = resource.region.clone();
        let region = own.or_else(|| region.clone()).unwrap_or_else(|| "global".to_owned());
        let parts = [check.id, &account_id, &region, &resource.arn, verdict.sub.as_deref().unwrap_or("")];
        Record {
            fingerprint: fingerprint(parts),
            check_id: check.id.into(),
            title: terms.title(check),
            status: verdict.status,
            severity: terms.severity(check),
            practices: Cow::Borrowed(&check.practices),
            account_id,
            region,
            resource,
            sub_key: verdict.sub,
            message: verdict.message,
            reasons: verdict.reasons.into_iter().map(Cow::Borrowed).collect(),
            evidence: verdict.evidence,
            gap: GapNote::of(&verdict.gaps),
            suppression: None,
            change: None,
            gaps: verdict.gaps,
        }
        .judged(terms)
    }

    /// The same finding as the terms of this scan have it: also one that an earlier start of the scan has kept, for a day later somebody
    /// may accept what nobody accepted then.
    #[must_use]
    pub fn judged(mut self, terms: &dyn Terms) -> Self {
        (self.suppression, self.change) = (None, None);
        self.suppression = terms.suppression(&self);
        self.change = terms.change(&self);
        self
    }

    /// The check, if this build's catalogue still has it.
    pub fn check(&self) -> Option<&'static Check> {
        catalogue::find(&self.check_id)
    }

    /// Whether it failed and nobody accepted it.
    pub fn counts(&self) -> bool {
        self.status == Status::Fail && self.suppression.is_none()
    }

    /// The order of reports.
    pub fn order(&self) -> (&str, &str, &str, &str, Option<&str>, &str) {
        let sub = self.sub_key.as_deref();
        (&self.account_id, &self.region, &self.check_id, &self.resource.arn, sub, &self.message)
    }
}

/// Whether a verdict names the reasons that it must, and all of them stand on the card.
fn is_declared(check: &Check, verdict: &Verdict) -> bool {
    let failed = verdict.status == Status::Fail;
    failed != verdict.reasons.is_empty() && verdict.reasons.iter().all(|slug| check.card.reasons.contains_key(*slug))
}

fn fingerprint(parts: [&str; 5]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize()[..16])
}
