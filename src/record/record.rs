//! A finding with its place and its check, as reports carry it: what gates, renderers and later scans work on.

use super::{Change, Suppression};
use crate::catalogue::{self, Check};
use posture_estate::finding::Gap;
use posture_estate::finding::GapKind;
use posture_estate::finding::{Resource, Severity, Status};

use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    pub(super) fn of(gaps: &[Gap]) -> Option<GapNote> {
        let (first, others) = gaps.split_first()?;
        Some(GapNote { first: first.into(), others: others.iter().map(GapLine::from).collect() })
    }

    /// All of them.
    pub fn lines(&self) -> impl Iterator<Item = &GapLine> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Record {
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
