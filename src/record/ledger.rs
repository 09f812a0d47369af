//! The ledger: what became of every account and region that was in scope. None is missing from a report.

use posture_estate::finding::{Gap, GapKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An account of the scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    pub id: String,
    /// Its name in the organization.
    pub name: Option<String>,
    pub status: AccountStatus,
    /// Why it was not scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default)]
    pub regions: Vec<RegionRow>,
}

/// A region of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRow {
    pub name: String,
    pub status: AccountStatus,
}

/// What became of an account or a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Everything that was asked was answered.
    Scanned,
    /// Some of it could not be seen.
    Partly,
    /// Nothing could be seen: AWS refused.
    Denied,
    /// AWS has suspended the account, or it is being closed.
    Suspended,
    /// The account has not enabled the region.
    NotEnabled,
    /// Nothing could be seen: no answer, or no usable one.
    Unreachable,
    Interrupted,
    OutOfTime,
}

impl AccountStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            AccountStatus::Scanned => "scanned",
            AccountStatus::Partly => "partly",
            AccountStatus::Denied => "denied",
            AccountStatus::Suspended => "suspended",
            AccountStatus::NotEnabled => "not_enabled",
            AccountStatus::Unreachable => "unreachable",
            AccountStatus::Interrupted => "interrupted",
            AccountStatus::OutOfTime => "out_of_time",
        }
    }

    /// Of a place where nothing at all was seen.
    pub fn lost(kind: GapKind) -> AccountStatus {
        if kind == GapKind::Denied { AccountStatus::Denied } else { AccountStatus::Unreachable }
    }
}

impl From<Stop> for AccountStatus {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Interrupted => AccountStatus::Interrupted,
            Stop::OutOfTime => AccountStatus::OutOfTime,
        }
    }
}

/// Why a scan ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Ctrl-C, or the SIGTERM by which a CI system ends a job.
    Interrupted,
    /// `--deadline`.
    OutOfTime,
}

impl Stop {
    /// What a finding says that was not judged for it.
    pub fn message(self) -> &'static str {
        match self {
            Stop::Interrupted => "the scan was interrupted before this check had ended here",
            Stop::OutOfTime => "out of time: the deadline of the scan came before this check had ended here",
        }
    }
}

/// An account at the end of its scan.
#[derive(Debug)]
pub struct Ended {
    pub row: AccountRow,
    /// The region that global questions were asked in; empty when nobody got in.
    pub home: String,
    pub regions: Vec<String>,
    /// Calls that were answered nowhere in the account.
    pub gaps: BTreeSet<Gap>,
    /// Why nobody got in.
    pub lost: Option<Gap>,
}
