//! The findings as the page's script reads them: names once, then rows of values in chunks, and each card once, rendered.

use super::commands::{self, Part};
use super::escape::{Text, script_json};
use super::markdown;
use super::survey::Survey;
use crate::catalogue::{self, Check};
use crate::record::{GapNote, PracticeStatus, Record, Suppression};
use crate::report::{Head, PracticeRow, Report};
use posture_estate::finding::{Severity, Status};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows of a `<script>`; the page reads one at a time and stays responsive meanwhile.
const CHUNK: usize = 500;

#[derive(Serialize)]
struct Names<'a> {
    total: u64,
    complete: bool,
    checks: Vec<CheckNames<'a>>,
    /// Id and name.
    accounts: Vec<(&'a str, Option<&'a str>)>,
    regions: Vec<&'a str>,
    kinds: Vec<&'a str>,
    practices: BTreeMap<&'a str, PracticeNames<'a>>,
}

#[derive(Serialize)]
struct CheckNames<'a> {
    id: &'a str,
    title: &'a str,
    service: &'a str,
    practices: &'a [String],
    commands: Vec<Vec<Part>>,
}

#[derive(Serialize)]
struct PracticeNames<'a> {
    title: &'a str,
    status: PracticeStatus,
    reason: &'a str,
}

/// What a row shows only when it is opened; kept as text until then.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reasons: &'a [Cow<'static, str>],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_empty")]
    evidence: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: &'a Option<GapNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: &'a Option<Suppression>,
}

fn is_empty(value: &&Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Writes the names that rows refer to by their place.
pub fn names(report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let head = &report.head;
    let name = |id: &str| head.scan.accounts.iter().find(|row| row.id == id).and_then(|row| row.name.as_deref());
    let names = Names {
        total: report.findings.len(),
        complete: head.scan.complete,
        checks: survey
            .checks
            .iter()
            .map(|(id, sum)| {
                let check = catalogue::find(id);
                let calls = check.map_or(&[][..], |check| &check.card.calls);
                CheckNames {
                    id,
                    title: &sum.title,
                    service: check.map_or_else(|| id.split('_').next().unwrap_or(id), |check| check.service),
                    practices: &sum.practices,
                    commands: commands::commands(calls.iter().map(String::as_str)),
                }
            })
            .collect(),
        accounts: survey.accounts.keys().map(|id| (id.as_str(), name(id))).collect(),
        regions: survey.regions.iter().map(String::as_str).collect(),
        kinds: survey.kinds.iter().map(String::as_str).collect(),
        practices: practices(head),
    };
    out.write_all(b"<script type=\"application/json\" id=\"names\">")?;
    script_json(out, &serde_json::to_string(&names)?)?;
    out.write_all(b"</script>\n")
}

fn practices<'a>(head: &'a Head) -> BTreeMap<&'a str, PracticeNames<'a>> {
    let of = |row: &'a PracticeRow| {
        (row.id.as_str(), PracticeNames { title: &row.title, status: row.status, reason: &row.reason })
    };
    head.practices.iter().map(of).collect()
}

/// Writes the card of every check that has a finding.
pub fn cards(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    for id in survey.checks.keys() {
        match catalogue::find(id) {
            Some(check) => card(check, out)?,
            None => writeln!(
                out,
                "<template id=\"card-{}\"><p>This version of posture has no such check, so it cannot explain it.</p></template>",
                Text(id)
            )?,
        }
    }
    Ok(())
}

fn card(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let card = &check.card;
    let e = &card.equivalents;
    write!(out, "<template id=\"card-{}\">", check.id)?;
    let open = |title: &str, class: &str, text: &str| {
        format!("<section class=\"{class}\"><h4>{title}</h4>\n{}</section>\n", markdown::html(text))
    };
    let folded =
        |title: &str, text: &str| format!("<details><summary>{title}</summary>\n{}</details>\n", markdown::html(text));
    out.write_all(open("Why it matters", "why", card.why).as_bytes())?;
    out.write_all(b"<section class=\"fix\"><h4>How to fix</h4>\n")?;
    write!(out, "<h5>Console</h5>\n{}", markdown::html(card.fix.console))?;
    write!(out, "<h5>AWS CLI</h5>\n{}", markdown::html(card.fix.cli))?;
    out.write_all(folded("Terraform", card.fix.terraform).as_bytes())?;
    write!(
        out,
        "<div class=\"breaks\"><h5>What it can break</h5>\n{}</div></section>\n",
        markdown::html(card.fix.can_break)
    )?;
    out.write_all(folded("What passes", card.passes).as_bytes())?;
    let known: Vec<String> =
        [("Security Hub", &e.security_hub), ("CIS", &e.cis), ("AWS Config", &e.config), ("Prowler", &e.prowler)]
            .iter()
            .filter(|(_, ids)| !ids.is_empty())
            .map(|(who, ids)| format!("{who} {}", ids.join(", ")))
            .collect();
    if !known.is_empty() {
        write!(out, "<p class=\"dim also\">Known elsewhere as: {}</p>", Text(&known.join("; ")))?;
    }
    out.write_all(b"</template>\n")
}

/// Writes all rows; what is kept meanwhile is one of them.
pub fn rows(report: &Report, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let places = Places {
        checks: survey.checks.keys().map(String::as_str).zip(0..).collect(),
        accounts: survey.accounts.keys().map(String::as_str).zip(0..).collect(),
        regions: survey.regions.iter().map(String::as_str).zip(0..).collect(),
        kinds: survey.kinds.iter().map(String::as_str).zip(0..).collect(),
    };
    let mut written = 0;
    for record in report.findings.iter() {
        let head: &[u8] = match written % CHUNK {
            0 if written == 0 => b"<script type=\"application/json\" class=\"rows\">[",
            0 => b"]</script>\n<script type=\"application/json\" class=\"rows\">[",
            _ => b",\n",
        };
        out.write_all(head)?;
        script_json(out, &places.row(&*record?)?)?;
        written += 1;
    }
    if written > 0 {
        out.write_all(b"]</script>\n")?;
    }
    Ok(())
}

struct Places<'a> {
    checks: BTreeMap<&'a str, u32>,
    accounts: BTreeMap<&'a str, u32>,
    regions: BTreeMap<&'a str, u32>,
    kinds: BTreeMap<&'a str, u32>,
}

impl Places<'_> {
    /// A finding as an array; the script names its members in the same order.
    fn row(&self, record: &Record) -> io::Result<String> {
        let place = |names: &BTreeMap<&str, u32>, name: &str| {
            names.get(name).copied().ok_or_else(|| io::Error::other("the findings changed while they were read"))
        };
        let resource = &record.resource;
        let details = Details {
            reasons: &record.reasons,
            tags: &resource.tags,
            evidence: &record.evidence,
            gap: &record.gap,
            suppression: &record.suppression,
        };
        let details = serde_json::to_string(&details)?;
        let row = (
            place(&self.checks, &record.check_id)?,
            status(record.status),
            severity(record.severity),
            place(&self.accounts, &record.account_id)?,
            place(&self.regions, &record.region)?,
            place(&self.kinds, &resource.kind)?,
            (&resource.arn, &resource.id, &resource.name),
            &record.sub_key,
            &record.message,
            &record.fingerprint,
            u8::from(record.suppression.is_some()),
            change(record),
            if details == "{}" { None } else { Some(details) },
        );
        Ok(serde_json::to_string(&row)?)
    }
}

/// What became of the finding since the baseline.
fn change(record: &Record) -> Option<&'static str> {
    record.change.map(crate::record::Change::as_str)
}

fn status(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Unknown => 1,
        Status::Pass => 2,
        Status::NotApplicable => 3,
    }
}

/// The worst is 0.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
        Severity::Info => 4,
    }
}
