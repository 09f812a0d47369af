//! From findings to practices: never met while anything that it rests on is unknown.

use super::Record;
use crate::catalogue::{Automation, Check, Practice, pillar};
use crate::finding::Status;
use serde::Serialize;
use std::collections::BTreeMap;

/// The state of a practice in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PracticeStatus {
    /// Some evidence fails.
    NotMet,
    /// Something was not seen, or there is no check for it yet.
    Unknown,
    /// The account shows nothing against it; the rest is for a person to say.
    NeedsAttestation,
    /// A person said so.
    Attested,
    Met,
    /// None of its checks applies to anything in the account.
    NotApplicable,
}

impl PracticeStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            PracticeStatus::NotMet => "not_met",
            PracticeStatus::Unknown => "unknown",
            PracticeStatus::NeedsAttestation => "needs_attestation",
            PracticeStatus::Attested => "attested",
            PracticeStatus::Met => "met",
            PracticeStatus::NotApplicable => "not_applicable",
        }
    }
}

/// A practice with the worst status of each of its checks.
#[derive(Clone, Debug)]
pub struct PracticeResult {
    pub practice: &'static Practice,
    pub status: PracticeStatus,
    /// Worst status by check id, of the checks that ran.
    pub checks: BTreeMap<&'static str, Status>,
}

/// One result for every practice of the pillar, in its order. `ran` are the checks of the scan.
pub fn roll_up(records: &[Record], ran: &[&'static Check], all: &'static [Check]) -> Vec<PracticeResult> {
    let mut worst: BTreeMap<&'static str, Status> = BTreeMap::new();
    for record in records {
        let status = worst.entry(record.check.id).or_insert(record.status());
        *status = (*status).min(record.status());
    }
    let result = |practice: &'static Practice| {
        let bears = |check: &&Check| check.card.practices.contains(&practice.id);
        let checks: BTreeMap<_, _> = ran
            .iter()
            .filter(|check| bears(check))
            .filter_map(|check| Some((check.id, *worst.get(check.id)?)))
            .collect();
        let skipped = all.iter().filter(bears).any(|check| !checks.contains_key(check.id));
        PracticeResult { practice, status: status(practice.automation, checks.values().copied(), skipped), checks }
    };
    pillar().practices.iter().map(result).collect()
}

/// `skipped`: some check that bears on the practice was not part of the scan.
fn status(automation: Automation, statuses: impl Iterator<Item = Status>, skipped: bool) -> PracticeStatus {
    let statuses: Vec<Status> = statuses.collect();
    if statuses.contains(&Status::Fail) {
        return PracticeStatus::NotMet;
    }
    if statuses.contains(&Status::Unknown) || skipped {
        return PracticeStatus::Unknown;
    }
    match automation {
        Automation::Attested => PracticeStatus::NeedsAttestation,
        Automation::Partial => PracticeStatus::NeedsAttestation,
        Automation::Automated if statuses.is_empty() => PracticeStatus::Unknown,
        Automation::Automated if statuses.iter().all(|status| *status == Status::NotApplicable) => {
            PracticeStatus::NotApplicable
        }
        Automation::Automated => PracticeStatus::Met,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Fail, NotApplicable, Pass, Unknown};

    fn of(automation: Automation, statuses: &[Status], skipped: bool) -> PracticeStatus {
        status(automation, statuses.iter().copied(), skipped)
    }

    #[test]
    fn a_practice_is_met_only_when_all_of_it_was_seen() {
        use Automation::{Attested, Automated, Partial};
        assert_eq!(of(Automated, &[Pass, NotApplicable], false), PracticeStatus::Met);
        assert_eq!(of(Automated, &[Pass, Unknown], false), PracticeStatus::Unknown);
        assert_eq!(of(Automated, &[Pass], true), PracticeStatus::Unknown);
        assert_eq!(of(Automated, &[], false), PracticeStatus::Unknown);
        assert_eq!(of(Automated, &[NotApplicable], false), PracticeStatus::NotApplicable);
        assert_eq!(of(Partial, &[Pass], false), PracticeStatus::NeedsAttestation);
        assert_eq!(of(Partial, &[Unknown, Fail], true), PracticeStatus::NotMet);
        assert_eq!(of(Attested, &[], false), PracticeStatus::NeedsAttestation);
    }
}
