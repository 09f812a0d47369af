//! The JSON report, version 1: what other programs build on. `report-v1.schema.json` beside this file describes it.

use super::Report;
use crate::catalogue;
use crate::finding::{Severity, Status};
use crate::scan::Record;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The version of the shape; minor for additions, major for what would break a reader.
pub const SCHEMA_VERSION: &str = "1.0";

/// The JSON Schema of the report.
pub const SCHEMA: &str = include_str!("report-v1.schema.json");

#[derive(Serialize)]
struct Finding<'a> {
    fingerprint: &'a str,
    check_id: &'a str,
    title: &'a str,
    status: Status,
    severity: Severity,
    practices: &'a [String],
    account_id: &'a str,
    region: &'a str,
    resource: &'a crate::finding::Resource,
    message: &'a str,
    evidence: &'a Value,
    gap: Option<Value>,
    suppression: Option<()>,
}

/// Writes the report; indented, ending with a newline.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report<'_>, mut out: impl Write) -> io::Result<()> {
    let findings: Vec<Finding<'_>> = report.records.iter().map(finding).collect();
    #[derive(Serialize)]
    struct Whole<'a> {
        schema_version: &'a str,
        tool: Value,
        scan: Value,
        summary: Value,
        practices: Vec<Value>,
        findings: Vec<Finding<'a>>,
        gaps: &'a [crate::scan::GapSum],
    }
    let whole = Whole {
        schema_version: SCHEMA_VERSION,
        tool: json!({
            "name": "posture",
            "version": env!("CARGO_PKG_VERSION"),
            "catalogue": catalogue::digest(),
            "pillar": catalogue::pillar().edition,
        }),
        scan: scan(report),
        summary: summary(report),
        practices: practices(report),
        findings,
        gaps: report.gaps,
    };
    serde_json::to_writer_pretty(&mut out, &whole)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn scan(report: &Report<'_>) -> Value {
    json!({
        "id": report.id,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "as_of": report.as_of,
        "replayed": report.replayed,
        "caller": report.caller,
        "accounts": [{
            "id": report.account_id,
            "name": report.account_name,
            "status": if !report.complete { "interrupted" } else if report.gaps.is_empty() { "scanned" } else { "partly" },
        }],
        "regions": report.regions,
        "selection": report.selection,
        "checks": report.checks.iter().map(|check| check.id).collect::<Vec<_>>(),
        "calls": report.calls,
        "complete": report.complete,
    })
}

fn summary(report: &Report<'_>) -> Value {
    let statuses = [Status::Pass, Status::Fail, Status::Unknown, Status::NotApplicable];
    let mut findings: Map<String, Value> =
        statuses.iter().map(|status| (status.as_str().to_owned(), report.count(*status).into())).collect();
    findings.insert("suppressed".into(), 0.into());
    let by_severity: Map<String, Value> = Severity::ALL
        .iter()
        .map(|severity| {
            let of = |status: Status| {
                let counts = |record: &&Record| record.status() == status && record.check.severity() == *severity;
                report.records.iter().filter(counts).count()
            };
            let counts: Map<String, Value> =
                statuses.iter().map(|status| (status.as_str().to_owned(), of(*status).into())).collect();
            (severity.as_str().to_owned(), Value::Object(counts))
        })
        .collect();
    json!({ "findings": findings, "by_severity": by_severity })
}

fn practices(report: &Report<'_>) -> Vec<Value> {
    let row = |result: &crate::scan::PracticeResult| {
        let in_force = result.attestations.len() - result.expired;
        let attestation = |(index, one): (usize, &crate::gate::Attestation)| {
            json!({
                "statement": one.statement,
                "owner": one.owner,
                "date": one.date,
                "expires": one.expires,
                "expired": index >= in_force,
                "accounts": one.accounts,
                "evidence": one.evidence,
            })
        };
        json!({
            "id": result.practice.id,
            "slug": result.practice.slug,
            "edition": result.practice.edition.as_ref().unwrap_or(&catalogue::pillar().edition),
            "title": result.practice.title,
            "area": result.practice.area,
            "risk": result.practice.risk,
            "judged": result.practice.automation,
            "status": result.status,
            "reason": result.reason,
            "checks": result.checks,
            "attestations": result.attestations.iter().enumerate().map(attestation).collect::<Vec<_>>(),
        })
    };
    report.practices.iter().map(row).collect()
}

fn finding(record: &Record) -> Finding<'_> {
    let crate::finding::Finding { resource, verdict } = &record.finding;
    // One gap is told in place; a finding that several calls left open names the others beside it.
    let gap = verdict.gaps.split_first().map(|(first, others)| {
        let mut gap = json!(first);
        if let (Some(gap), false) = (gap.as_object_mut(), others.is_empty()) {
            gap.insert("others".into(), json!(others));
        }
        gap
    });
    Finding {
        fingerprint: &record.fingerprint,
        check_id: record.check.id,
        title: record.check.card.title,
        status: verdict.status,
        severity: record.check.severity(),
        practices: &record.check.card.practices,
        account_id: &record.account_id,
        region: &record.region,
        resource,
        message: &verdict.message,
        evidence: &verdict.evidence,
        gap,
        suppression: None,
    }
}
