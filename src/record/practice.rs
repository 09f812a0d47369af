//! A practice in a scan: its status, and what that rests on.

use super::Attestation;
use crate::catalogue::Practice;
use posture_estate::finding::Status;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of a practice in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PracticeStatus {
    /// Some evidence fails.
    NotMet,
    /// Something was not seen, or there is no check for it yet.
    Unknown,
    /// The account shows nothing against it; the rest is for a person to say.
    NeedsAttestation,
    /// A person said so, or accepts what fails.
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
    /// Why it has this status, in a clause.
    pub reason: String,
    /// Worst status by check id, of the checks that ran; what is suppressed shows as what it is.
    pub checks: BTreeMap<&'static str, Status>,
    /// Statements about the accounts of the scan, those in force first.
    pub attestations: Vec<Attestation>,
    /// How many of them have run out.
    pub expired: usize,
}
