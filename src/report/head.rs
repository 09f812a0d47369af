//! All of a report but its findings and gaps: who looked, when, with what, and what it came to. Written by [`super::json`],
//! read back by [`super::read`]; members that a reader does not know are those of a newer minor version.

use crate::catalogue::{self, Automation, Changed, Risk, Selection, pillar};
use crate::record::{
    AccountRow, AccountStatus, Attestation, BaselineNote, ConfigFile, Counts, Override, PracticeResult, PracticeStatus,
    Record, Shard, SuppressionUse, Tally,
};
use posture_estate::arn::partition_of;
use posture_estate::day::Date;
use posture_estate::finding::PlacedGap;
use posture_estate::finding::{Severity, Status};
use posture_estate::services::sts::Caller;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What comes before the findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a report")]
pub struct Head {
    /// Minor for additions, major for what would break a reader.
    pub schema_version: String,
    pub tool: Tool,
    pub scan: Scan,
    pub summary: Summary,
    pub practices: Vec<PracticeRow>,
    /// Those of the configuration, in its order, with what became of each.
    #[serde(default)]
    pub suppressions: Vec<SuppressionUse>,
    /// The earlier report that the findings were compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineNote>,
}

/// Who judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "name and version of the tool")]
pub struct Tool {
    pub name: String,
    pub version: String,
    /// SHA-256 over all cards.
    pub catalogue: String,
    /// The edition of the Security Pillar.
    pub pillar: String,
}

/// What was looked at, when, as whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "what was scanned")]
pub struct Scan {
    /// A random UUID.
    pub id: String,
    /// RFC 3339.
    pub started_at: String,
    pub finished_at: String,
    /// Milliseconds from start to end.
    #[serde(default)]
    pub duration_ms: u64,
    /// The time that ages were judged by: `started_at`, or that of the tape.
    pub as_of: String,
    /// Whether the answers came from a tape.
    pub replayed: bool,
    pub caller: Caller,
    /// The ledger: every account in scope and what became of it.
    pub accounts: Vec<AccountRow>,
    pub regions: Vec<String>,
    pub selection: Selection,
    /// The configuration file.
    #[serde(default)]
    pub config: Option<ConfigFile>,
    /// The file that the attestations are from, when it is not the configuration file.
    #[serde(default)]
    pub attestations: Option<ConfigFile>,
    /// Severities that the configuration changed, by check id, of the checks that ran.
    #[serde(default)]
    pub severities: BTreeMap<String, Override>,
    /// Settings of checks that differ from the defaults, by check id and name, of the checks that ran.
    #[serde(default)]
    pub settings: Changed,
    /// Ids of the checks that ran.
    pub checks: Vec<String>,
    /// Requests made, retries included.
    pub calls: u64,
    /// Every selected check ran to its end everywhere; false after an interruption or a deadline.
    pub complete: bool,
    /// The part of the accounts that this is, when the scan was cut into shards.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// What all shards of a scan have in common: a digest of accounts, regions, checks and configuration.
    #[serde(default)]
    pub plan: Option<String>,
    /// For each call that was answered nowhere in some account the first such gap: what practices rest on besides findings.
    #[serde(default)]
    pub unanswered: Vec<PlacedGap>,
}

/// Numbers of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "numbers of findings")]
pub struct Summary {
    pub findings: Totals,
    pub by_severity: BTreeMap<Severity, Counts>,
    /// How many of the failed ones are suppressed.
    #[serde(default)]
    pub suppressed_by_severity: BTreeMap<Severity, u64>,
}

/// All findings by status; `suppressed` ones are failed ones too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    #[serde(flatten)]
    pub by_status: Counts,
    pub suppressed: u64,
}

impl Tool {
    /// This build.
    pub fn this() -> Tool {
        Tool {
            name: "posture".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            catalogue: catalogue::digest(),
            pillar: pillar().edition.clone(),
        }
    }
}

impl Summary {
    /// Findings of a status at or above a severity.
    pub fn at_least(&self, status: Status, severity: Severity) -> u64 {
        self.by_severity.range(severity..).map(|(_, counts)| counts.of(status)).sum()
    }

    /// Failed findings at or above a severity that nobody accepts.
    pub fn failing(&self, severity: Severity) -> u64 {
        let suppressed: u64 = self.suppressed_by_severity.range(severity..).map(|(_, count)| count).sum();
        self.at_least(Status::Fail, severity).saturating_sub(suppressed)
    }

    pub fn of(tally: &Tally) -> Summary {
        let counts = |severity: &Severity| (*severity, tally.by_severity.get(severity).copied().unwrap_or_default());
        Summary {
            findings: Totals { by_status: tally.counts(), suppressed: tally.suppressed.values().sum() },
            by_severity: Severity::ALL.iter().map(counts).collect(),
            suppressed_by_severity: tally.suppressed.clone(),
        }
    }
}

/// A practice and what the scan says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a practice with its status")]
pub struct PracticeRow {
    pub id: String,
    /// AWS's page name and Well-Architected Tool choice id; outlives the number.
    #[serde(default)]
    pub slug: String,
    /// The edition that the id belongs to.
    #[serde(default)]
    pub edition: String,
    pub title: String,
    pub area: String,
    pub risk: Risk,
    pub judged: Automation,
    pub status: PracticeStatus,
    #[serde(default)]
    pub reason: String,
    /// Worst status of each check that ran and bears on it.
    pub checks: BTreeMap<String, Status>,
    #[serde(default)]
    pub attestations: Vec<Statement>,
}

/// An attestation in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub statement: String,
    pub owner: String,
    pub date: Date,
    pub expires: Date,
    /// It counts as missing.
    pub expired: bool,
    /// Account numbers; empty means all.
    pub accounts: Vec<String>,
    pub evidence: String,
}

impl PracticeRow {
    pub fn of(result: &PracticeResult) -> PracticeRow {
        let in_force = result.attestations.len() - result.expired;
        let statement = |(index, one): (usize, &Attestation)| Statement {
            statement: one.statement.clone(),
            owner: one.owner.clone(),
            date: one.date,
            expires: one.expires,
            expired: index >= in_force,
            accounts: one.accounts.clone(),
            evidence: one.evidence.clone(),
        };
        let practice = result.practice;
        PracticeRow {
            id: practice.id.clone(),
            slug: practice.slug.clone(),
            edition: practice.edition.clone(),
            title: practice.title.clone(),
            area: practice.area.clone(),
            risk: practice.risk,
            judged: practice.automation,
            status: result.status,
            reason: result.reason.clone(),
            checks: result.checks.iter().map(|(id, status)| ((*id).to_owned(), *status)).collect(),
            attestations: result.attestations.iter().enumerate().map(statement).collect(),
        }
    }
}

impl Scan {
    /// The accounts that somebody could have looked into, and that attestations are asked for.
    pub fn in_reach(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().filter(|row| row.status != AccountStatus::Suspended).map(|row| row.id.as_str())
    }
}

impl Head {
    /// Whether a practice belongs to the edition of the pillar that the report is about.
    pub fn is_current(&self, practice: &PracticeRow) -> bool {
        practice.edition == self.tool.pillar
    }

    /// The account, when there is one: `111122223333 (production)`; else how many there are.
    pub fn accounts(&self) -> String {
        match self.scan.accounts.as_slice() {
            [AccountRow { id, name: Some(name), .. }] => format!("account {id} ({name})"),
            [one] => format!("account {}", one.id),
            many => format!("{} accounts", many.len()),
        }
    }

    /// The name of an account, where it is known.
    pub fn account_name(&self, id: &str) -> Option<&str> {
        self.scan.accounts.iter().find(|account| account.id == id)?.name.as_deref()
    }

    /// The partition of a finding: its resource's, or that of who scanned.
    pub fn partition<'a>(&'a self, record: &'a Record) -> &'a str {
        let of = |arn: &'a str| partition_of(arn).filter(|partition| partition.starts_with("aws"));
        of(&record.resource.arn).or_else(|| of(&self.scan.caller.arn)).unwrap_or("aws")
    }
}
