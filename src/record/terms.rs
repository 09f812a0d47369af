//! The terms of a scan: what a finding is told by beyond its check. They are given to the engine, so that a record is born right and
//! nobody above has to change it.

use super::record::GapNote;
use super::{Change, Record, Suppression};
use crate::catalogue::Check;
use posture_estate::finding::{Finding, Severity, Status, Verdict};
use posture_estate::text::hex;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Debug;

/// What an organization says of findings. Each is the catalogue's own unless somebody says otherwise.
pub trait Terms: Debug {
    /// The severity that counts.
    fn severity(&self, check: &Check) -> Severity {
        check.severity()
    }

    fn title(&self, check: &'static Check) -> Cow<'static, str> {
        check.card.title.into()
    }

    /// Who accepts a finding. Asked once of every finding, whatever its status.
    fn suppression(&self, _record: &Record) -> Option<Suppression> {
        None
    }

    /// What became of a finding since an earlier report. Asked once of every finding, when all else of it is known.
    fn change(&self, _record: &Record) -> Option<Change> {
        None
    }
}

/// Those of the catalogue.
impl Terms for () {}

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
