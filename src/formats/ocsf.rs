//! OCSF: each finding is an event of the class Compliance Finding (2003), one event a line.
//!
//! Newline-delimited, as Security Hub's own OCSF export and log pipelines have it: events are independent, and a collector can
//! begin with the first. `jq -s .` makes one array of them. What the schema has no place for (the structured gaps, who
//! suppressed) is in `unmapped`. <https://schema.ocsf.io/1.8.0/classes/compliance_finding?profiles=cloud>

use super::remedy::{remedy, unseen};
use crate::record::Record;
use crate::report::{Head, Report};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::arn::Arn;
use posture_estate::finding::{Severity, Status};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The version of the schema that the events follow.
pub const VERSION: &str = "1.8.0";

const CLASS: u32 = 2003;
/// `Create`: a scan reports what it found; it does not know what was found before.
const ACTIVITY: u32 = 1;

/// Writes an event a line.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let time = millis(&report.head.scan.as_of);
    for record in report.findings.iter() {
        let record = record?;
        serde_json::to_writer(&mut *out, &event(&report.head, &record, time))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Milliseconds since 1970 of a time in RFC 3339; 0 for what is none.
fn millis(time: &str) -> i64 {
    DateTime::from_str(time, Format::DateTime).ok().and_then(|time| time.to_millis().ok()).unwrap_or_default()
}

fn event(head: &Head, record: &Record, time: i64) -> Value {
    let (severity_id, severity) = severity(record);
    let (status_id, status) = if record.suppression.is_some() { (3, "Suppressed") } else { (1, "New") };
    let mut event = json!({
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_code": record.status.as_str(),
        "status_detail": record.message,
        "message": record.message,
        "metadata": metadata(head, record),
        "finding_info": finding_info(head, record, time),
        "compliance": compliance(head, record),
        "cloud": cloud(head, record),
        "resources": [resource(head, record)],
        "observables": [{
            "name": "resources[].uid", "type_id": 10, "type": "Resource UID", "value": record.resource.arn,
        }],
    });
    if let Some(event) = event.as_object_mut() {
        optional(event, record);
    }
    event
}

/// What not every finding has.
fn optional(event: &mut Map<String, Value>, record: &Record) {
    if let Some(remedy) = remedy(record) {
        event.insert("remediation".into(), json!({ "desc": remedy.whole(), "references": remedy.links }));
    }
    if record.evidence.as_object().is_some_and(|evidence| !evidence.is_empty()) {
        event.insert("evidences".into(), json!([{ "data": record.evidence }]));
    }
    let mut unmapped = Map::new();
    if let Some(accepted) = &record.suppression {
        let comment = format!("accepted by {} until {}: {}", accepted.owner, accepted.expires, accepted.reason);
        event.insert("comment".into(), comment.into());
        unmapped.insert("suppression".into(), json!(accepted));
    }
    if let Some(gap) = &record.gap {
        unmapped.insert("gaps".into(), json!(gap.lines().collect::<Vec<_>>()));
    }
    if let Some(key) = &record.sub_key {
        unmapped.insert("sub_key".into(), json!(key));
    }
    if !unmapped.is_empty() {
        event.insert("unmapped".into(), Value::Object(unmapped));
    }
}

/// The severity of the check for what needs action; what passes or does not apply is informational.
fn severity(record: &Record) -> (u32, &'static str) {
    match record.status {
        Status::Fail | Status::Unknown => level(record.severity),
        Status::Pass | Status::NotApplicable => level(Severity::Info),
    }
}

fn level(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// OCSF has no status for what does not apply: `Other`, under its own name.
fn verdict(status: Status) -> (u32, &'static str) {
    match status {
        Status::Pass => (1, "Pass"),
        Status::Fail => (3, "Fail"),
        Status::Unknown => (0, "Unknown"),
        Status::NotApplicable => (99, "Not Applicable"),
    }
}

fn metadata(head: &Head, record: &Record) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": { "name": head.tool.name, "vendor_name": head.tool.name, "uid": "aws-posture", "version": head.tool.version },
        "event_code": record.check_id,
        "uid": format!("{}/{}", head.scan.id, record.fingerprint),
        "correlation_uid": head.scan.id,
        "original_time": head.scan.as_of,
    })
}

fn finding_info(head: &Head, record: &Record, time: i64) -> Value {
    let mut info = json!({
        "uid": record.fingerprint,
        "title": record.title,
        "desc": record.message,
        "types": super::asff::TYPES,
        "created_time": time,
        "first_seen_time": time,
        "last_seen_time": time,
        "analytic": {
            "type_id": 1, "type": "Rule", "uid": record.check_id, "name": record.title, "version": head.tool.version,
        },
    });
    if let (Some(info), Some(link)) = (info.as_object_mut(), super::remedy::links_of(record).first()) {
        info.insert("src_url".into(), json!(link));
    }
    info
}

/// The framework, the practices, and what came of it. The check itself keeps its own severity, whatever the verdict.
fn compliance(head: &Head, record: &Record) -> Value {
    let (status_id, status) = verdict(record.status);
    let (severity_id, severity) = level(record.severity);
    let standards = [format!("AWS Well-Architected Framework, Security Pillar ({})", head.tool.pillar)];
    let mut compliance = json!({
        "standards": standards,
        "requirements": record.practices,
        "control": record.check_id,
        "desc": record.title,
        "status_id": status_id,
        "status": status,
        "status_code": record.status.as_str(),
        "status_details": std::iter::once(record.message.clone()).chain(unseen(record)).collect::<Vec<_>>(),
        "checks": [{
            "uid": record.check_id,
            "name": record.title,
            "standards": standards,
            "version": head.tool.version,
            "severity_id": severity_id,
            "severity": severity,
            "status_id": status_id,
            "status": status,
        }],
    });
    if let (Some(compliance), Status::Pass | Status::Fail) = (compliance.as_object_mut(), record.status) {
        let met = record.status == Status::Pass;
        let assessment =
            json!({ "uid": record.check_id, "name": record.title, "desc": record.message, "meets_criteria": met });
        let all: Vec<Value> = std::iter::once(assessment).chain(broken(record)).collect();
        compliance.insert("assessments".into(), all.into());
    }
    compliance
}

/// Each broken condition as an assessment of its own.
fn broken(record: &Record) -> impl Iterator<Item = Value> {
    let check = record.check();
    record.reasons.iter().map(move |slug| {
        let what = check.and_then(|check| check.card.reasons.get(&**slug)).map_or(&**slug, String::as_str);
        json!({ "uid": format!("{}/{slug}", record.check_id), "name": slug, "desc": what, "meets_criteria": false })
    })
}

fn cloud(head: &Head, record: &Record) -> Value {
    let mut account = json!({ "uid": record.account_id, "type_id": 10, "type": "AWS Account" });
    if let (Some(account), Some(name)) = (account.as_object_mut(), head.account_name(&record.account_id)) {
        account.insert("name".into(), name.into());
    }
    json!({ "provider": "AWS", "region": record.region, "cloud_partition": head.partition(record), "account": account })
}

fn resource(head: &Head, record: &Record) -> Value {
    let resource = &record.resource;
    let mut out = json!({
        "uid": resource.arn,
        "uid_alt": resource.id,
        "name": resource.name.as_ref().unwrap_or(&resource.id),
        "type": resource.kind,
        "role_id": 1,
        "role": "Target",
        "region": record.region,
        "cloud_partition": head.partition(record),
    });
    let Some(object) = out.as_object_mut() else { return out };
    if let Some(service) = Arn::parse(&resource.arn).map(|arn| arn.service).filter(|service| !service.is_empty()) {
        object.insert("namespace".into(), service.into());
    }
    if !resource.tags.is_empty() {
        let tags: Vec<Value> =
            resource.tags.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        object.insert("tags".into(), tags.into());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn times_are_milliseconds() {
        assert_eq!(millis("2026-11-22T07:00:00Z"), 1_795_330_800_000);
        assert_eq!(millis("yesterday"), 0);
    }
}
