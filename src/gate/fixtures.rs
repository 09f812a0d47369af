//! Reports for the tests of this module.

use super::change::tests::{opening, record};
use crate::catalogue::Selection;
use crate::record::{AccountRow, AccountStatus, Findings, Record, Tally};
use crate::report::{Head, Report, Scan, Summary, Tool, json};
use posture_estate::finding::{Resource, Severity, Status};
use posture_estate::services::sts::Caller;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub const ACCOUNT: &str = "111122223333";
pub const CHECKS: [&str; 2] = ["ec2_sg_no_open_admin_ports", "ec2_sg_default_closed"];

/// This build; its digest over all cards is made once.
fn tool() -> &'static Tool {
    static TOOL: OnceLock<Tool> = OnceLock::new();
    TOOL.get_or_init(Tool::this)
}

pub fn head() -> Head {
    Head {
        schema_version: json::SCHEMA_VERSION.into(),
        tool: tool().clone(),
        scan: Scan {
            id: "00000000-0000-4000-8000-000000000000".into(),
            started_at: "2026-11-22T07:00:00Z".into(),
            finished_at: "2026-11-22T07:01:00Z".into(),
            duration_ms: 60_000,
            as_of: "2026-11-22T07:00:00Z".into(),
            replayed: false,
            caller: Caller { arn: "arn:aws:iam::111122223333:role/r".into(), account: ACCOUNT.into() },
            accounts: vec![AccountRow {
                id: ACCOUNT.into(),
                name: None,
                status: AccountStatus::Scanned,
                reason: None,
                regions: Vec::new(),
            }],
            regions: vec!["eu-west-1".into()],
            selection: Selection::default(),
            config: None,
            attestations: None,
            severities: BTreeMap::new(),
            settings: Default::default(),
            checks: CHECKS.map(String::from).to_vec(),
            calls: 1,
            complete: true,
            shard: None,
            plan: None,
            unanswered: Vec::new(),
        },
        summary: Summary::of(&Tally::default()),
        practices: Vec::new(),
        suppressions: Vec::new(),
        baseline: None,
    }
}

pub fn report(records: impl IntoIterator<Item = Record>) -> Report {
    let mut findings = Findings::new();
    records.into_iter().for_each(|record| findings.add(record).unwrap());
    findings.seal();
    Report { head: head(), findings, gaps: Vec::new() }
}

/// The check on the account as a whole, unknown.
pub fn blind() -> Record {
    Record {
        resource: Resource::new("arn:aws:iam::111122223333:root", "AWS::::Account", ACCOUNT),
        ..record("root", Status::Unknown)
    }
}

/// A few findings over a few resources, each fingerprint once.
pub fn some() -> impl Strategy<Value = Vec<Record>> {
    let one = (0..4_u8, 0..6_usize, prop_oneof![Just(Severity::High), Just(Severity::Low)]);
    proptest::collection::btree_map(("[a-d]", 0..2_usize), one, 0..12).prop_map(|all| {
        let record = |((arn, check), (status, ports, severity)): ((String, usize), (u8, usize, Severity))| {
            let all = ["tcp/22", "tcp/3389", "udp/3389", "tcp/5985", "tcp/20-30"];
            let name = format!("{arn}{check}");
            let made = match status {
                0 => record(&name, Status::Pass),
                1 => record(&name, Status::Unknown),
                2 => record(&name, Status::NotApplicable),
                _ => opening(&name, &all[..ports]),
            };
            Record {
                check_id: CHECKS[check].into(),
                severity,
                resource: Resource { arn, ..made.resource.clone() },
                ..made
            }
        };
        all.into_iter().map(record).collect()
    })
}
