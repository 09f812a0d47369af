//! ASFF, the AWS Security Finding Format (2018-10-08): a JSON array of findings as `BatchImportFindings` takes them, which
//! `posture push security-hub` sends.
//!
//! Verdicts: a failure is FAILED; unknown is WARNING ("some information is missing") with a reason a call; a pass is PASSED and
//! informational; what does not apply is NOT_AVAILABLE and archived, as Security Hub does with its own. Times are those of the
//! scan's `as_of`. A finding whose region is `global` belongs to the region where its partition's global services are
//! recorded ([`global_region`]): us-east-1, cn-north-1, us-gov-west-1, else the first one scanned.
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>

mod limits;
mod model;
mod resource;

pub use limits::{FINDING_BYTES, size};
pub use model::{
    Compliance, Finding, Note, ProviderFields, Recommendation, Remediation, Resource, ResourceDetails, Severity,
    StatusReason, Workflow,
};

use super::remedy::{remedy, unseen};
use crate::catalogue;
use crate::record::Record;
use crate::report::{Head, Report};
use limits::{fit, text};
use posture_estate::arn::Arn;
use posture_estate::finding::GapKind;
use posture_estate::finding::{self, Status};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What every finding is, in the taxonomy of ASFF.
pub const TYPES: [&str; 2] = [
    "Software and Configuration Checks/AWS Security Best Practices",
    "Software and Configuration Checks/Industry and Regulatory Standards/AWS-Well-Architected-Security-Pillar",
];

/// The product and company under which Security Hub files the findings.
pub const PRODUCT: &str = "posture";

/// How the generator of every finding begins; the id of the check follows.
pub const GENERATOR: &str = "posture/";

/// Characters of the advice.
const RECOMMENDATION: usize = 512;

/// Writes the findings.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut before = "[\n";
    for record in report.findings.iter() {
        let record = record?;
        let region = region(&report.head, &record);
        out.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *out, &finding(&report.head, &record, region))?;
        before = ",\n";
    }
    out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
}

/// The region whose Security Hub a finding belongs to.
pub fn region<'a>(head: &'a Head, record: &'a Record) -> &'a str {
    if record.region == "global" { global_region(head, head.partition(record)) } else { &record.region }
}

/// Where the findings of global services belong.
pub fn global_region<'a>(head: &'a Head, partition: &str) -> &'a str {
    match partition {
        "aws" => "us-east-1",
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => head.scan.regions.first().map_or("us-east-1", String::as_str),
    }
}

/// The custom integration that every account has in every region.
pub fn product_arn(partition: &str, region: &str, account: &str) -> String {
    let resource = &format!("product/{account}/default");
    Arn { partition, service: "securityhub", region, account, resource }.to_string()
}

/// A finding for the Security Hub of a region.
pub fn finding(head: &Head, record: &Record, region: &str) -> Finding {
    let as_of = &head.scan.as_of;
    let severity = severity(record);
    let types: Vec<String> = TYPES.map(str::to_owned).to_vec();
    let mut finding = Finding {
        schema_version: "2018-10-08",
        id: id(record),
        product_arn: product_arn(head.partition(record), region, &record.account_id),
        product_name: PRODUCT,
        company_name: PRODUCT,
        generator_id: text(&format!("{GENERATOR}{}", record.check_id), 512),
        aws_account_id: record.account_id.clone(),
        aws_account_name: head.account_name(&record.account_id).map(|name| text(name, 50)),
        types: types.clone(),
        first_observed_at: as_of.clone(),
        last_observed_at: as_of.clone(),
        created_at: as_of.clone(),
        updated_at: as_of.clone(),
        severity: severity.clone(),
        title: text(&record.title, 256),
        description: text(&record.message, 1024),
        remediation: remediation(record),
        product_fields: product_fields(head, record),
        resources: vec![resource::of(head, record, region)],
        compliance: compliance(record),
        workflow: Workflow { status: workflow(record) },
        record_state: if record.status == Status::NotApplicable { "ARCHIVED" } else { "ACTIVE" },
        note: note(head, record),
        finding_provider_fields: ProviderFields { severity, types },
    };
    fit(&mut finding);
    finding
}

/// `posture/ACCOUNT/REGION/CHECK/FINGERPRINT`; what [`identity`] takes apart.
fn id(record: &Record) -> String {
    let parts = [&record.account_id, &record.region, &*record.check_id, &record.fingerprint];
    text(&format!("{GENERATOR}{}", parts.join("/")), 512)
}

/// Region (`global` as it is), check and fingerprint of a finding that this product once imported.
pub fn identity(id: &str) -> Option<(&str, &str, &str)> {
    let mut parts = id.strip_prefix(GENERATOR)?.split('/').skip(1);
    let found = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

/// What passes or does not apply needs no action.
fn severity(record: &Record) -> Severity {
    let label = match (record.status, record.severity) {
        (Status::Pass | Status::NotApplicable, _) | (_, finding::Severity::Info) => "INFORMATIONAL",
        (_, finding::Severity::Low) => "LOW",
        (_, finding::Severity::Medium) => "MEDIUM",
        (_, finding::Severity::High) => "HIGH",
        (_, finding::Severity::Critical) => "CRITICAL",
    };
    Severity { label, original: record.severity.as_str() }
}

fn workflow(record: &Record) -> &'static str {
    match record.status {
        _ if record.suppression.is_some() => "SUPPRESSED",
        Status::Fail | Status::Unknown => "NEW",
        Status::Pass | Status::NotApplicable => "RESOLVED",
    }
}

fn compliance(record: &Record) -> Compliance {
    let status = match record.status {
        Status::Fail => "FAILED",
        Status::Unknown => "WARNING",
        Status::Pass => "PASSED",
        Status::NotApplicable => "NOT_AVAILABLE",
    };
    let kinds = record.gap.iter().flat_map(|gap| gap.lines()).map(|line| line.kind);
    let reason =
        |(kind, why): (GapKind, String)| StatusReason { reason_code: code(kind), description: text(&why, 2048) };
    let mut status_reasons: Vec<StatusReason> = kinds.zip(unseen(record)).take(20).map(reason).collect();
    if status_reasons.is_empty() {
        let code = match record.status {
            Status::Unknown => Some("UNDECIDED"),
            Status::NotApplicable => Some("NOT_APPLICABLE"),
            Status::Fail | Status::Pass => None,
        };
        status_reasons
            .extend(code.map(|reason_code| StatusReason { reason_code, description: text(&record.message, 2048) }));
    }
    Compliance { status, related_requirements: requirements(record), status_reasons }
}

fn code(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Denied => "ACCESS_DENIED",
        GapKind::Throttled => "THROTTLED",
        GapKind::Timeout => "TIMEOUT",
        GapKind::Unavailable => "UNAVAILABLE",
        GapKind::Unsupported => "UNSUPPORTED",
        GapKind::Malformed => "MALFORMED",
    }
}

/// The practices, then the CIS recommendations that ask the same.
fn requirements(record: &Record) -> Vec<String> {
    let practices = record.practices.iter().map(|id| format!("AWS Well-Architected Security Pillar {id}"));
    let cis = catalogue::find(&record.check_id).map_or(&[][..], |check| &check.card.equivalents.cis);
    let cis = cis.iter().map(|id| format!("CIS AWS Foundations Benchmark {}", id.replacen(':', "/", 1)));
    practices.chain(cis).map(|one| text(&one, 64)).take(32).collect()
}

fn remediation(record: &Record) -> Option<Remediation> {
    let remedy = remedy(record)?;
    // What is cut is the text, not the pointer to the rest of it.
    let words = match remedy.more {
        Some(more) => format!("{} {more}", text(&remedy.text, RECOMMENDATION.saturating_sub(more.chars().count() + 1))),
        None => remedy.text,
    };
    let url = remedy.links.first().map(|url| (*url).to_owned());
    Some(Remediation { recommendation: Recommendation { text: text(&words, RECOMMENDATION), url } })
}

fn note(head: &Head, record: &Record) -> Option<Note> {
    let accepted = record.suppression.as_ref()?;
    let words = format!("accepted by {} until {}: {}", accepted.owner, accepted.expires, accepted.reason);
    Some(Note { text: text(&words, 512), updated_by: PRODUCT, updated_at: head.scan.as_of.clone() })
}

fn product_fields(head: &Head, record: &Record) -> BTreeMap<String, String> {
    let mut fields = vec![
        ("Version", head.tool.version.clone()),
        ("Catalogue", head.tool.catalogue.clone()),
        ("ScanId", head.scan.id.clone()),
        ("CheckId", record.check_id.to_string()),
        ("Fingerprint", record.fingerprint.clone()),
        ("Region", record.region.clone()),
        ("Status", record.status.as_str().to_owned()),
        ("Practices", record.practices.join(", ")),
    ];
    if let Some(key) = &record.sub_key {
        fields.push(("SubKey", key.clone()));
    }
    if !record.reasons.is_empty() {
        fields.push(("Reasons", record.reasons.join(", ")));
    }
    if let Some(check) =
        catalogue::find(&record.check_id).filter(|check| !check.card.equivalents.security_hub.is_empty())
    {
        fields.push(("SecurityHubControls", check.card.equivalents.security_hub.join(", ")));
    }
    if let Some(accepted) = &record.suppression {
        fields.push(("SuppressionOwner", accepted.owner.clone()));
        fields.push(("SuppressionReason", accepted.reason.clone()));
        fields.push(("SuppressionExpires", accepted.expires.to_string()));
    }
    fields.into_iter().map(|(key, value)| (format!("{PRODUCT}/{key}"), text(&value, 2048))).collect()
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn ids_are_taken_apart() {
        let id = "posture/111122223333/global/iam_root_mfa_enabled/0123";
        assert_eq!(identity(id), Some(("global", "iam_root_mfa_enabled", "0123")));
        assert_eq!(identity("posture/111122223333/global/x"), None);
        assert_eq!(identity("posture/1/2/3/4/5"), None);
        assert_eq!(identity("prowler/111122223333/global/x/0123"), None);
    }
}
