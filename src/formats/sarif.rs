//! SARIF 2.1.0, as GitHub code scanning and other services take it.
//!
//! A result is a failed finding. What is unknown is no result: services show every result as an alert, and not seen is not
//! failed. It goes, with the gaps, into the notifications of the invocation, which is what SARIF has them for. A resource of
//! a cloud has no file, and services insist on one: its place is a made-up path, `aws/<account>/<region>/<type>/<id>`,
//! beside the ARN as the logical location. What GitHub requires and what its limits are:
//! <https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.
//!
//! There is one run whatever its size. GitHub refuses a file with two runs of one category, and results that move between
//! categories as their number grows would leave alerts behind that nobody closes. It also refuses a run of more than 25,000
//! results: then the worst are kept, and a notification says how many are not. With a baseline every result says whether it
//! is in it, and what is new or worse is kept first, as the gate acts on that.

mod notes;
mod rules;
mod words;

use super::fold::is_known;
use crate::catalogue::Selection;
use crate::record::{Change, Record};
use crate::report::{Head, Report};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use posture_estate::finding::{Severity, Status};
use posture_estate::text::hex;
use posture_estate::text::safe;
use rules::RuleSet;
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use words::{level, message};

/// Results of a run that GitHub takes.
const MOST: u64 = 25_000;
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What may stand in a path segment as it is (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whether someone accepts it, whether the baseline has it, and its severity: the order in which results are kept.
type Rank = (bool, bool, Reverse<Severity>);

/// Writes the log; compact, ending with a newline.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_at_most(report, MOST, out)
}

fn write_at_most(report: &Report, most: u64, mut out: &mut dyn Write) -> io::Result<()> {
    let mut rules = RuleSet::of(&report.head);
    let mut ranks: BTreeMap<Rank, u64> = BTreeMap::new();
    for record in report.findings.iter() {
        let record = record?;
        rules.see(&record);
        if record.status == Status::Fail {
            *ranks.entry(rank(&report.head, &record)).or_default() += 1;
        }
    }
    let results = Results { report, rules: &rules, most, ranks };
    let run = Run {
        tool: json!({ "driver": rules.driver(&report.head, notes::descriptors()) }),
        automation_details: json!({ "id": automation_id(&report.head) }),
        invocations: [notes::invocation(report, &rules, results.left_out())],
        column_kind: "utf16CodeUnits",
        results,
        properties: json!({ "summary": report.head.summary, "catalogue": report.head.tool.catalogue }),
    };
    serde_json::to_writer(&mut out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    invocations: [Value; 1],
    column_kind: &'static str,
    results: Results<'a>,
    properties: Value,
}

/// The failed findings, written as they are read.
struct Results<'a> {
    report: &'a Report,
    rules: &'a RuleSet,
    most: u64,
    /// How many there are of each rank.
    ranks: BTreeMap<Rank, u64>,
}

fn rank(head: &Head, record: &Record) -> Rank {
    (record.suppression.is_some(), is_known(head, record), Reverse(record.severity))
}

impl Results<'_> {
    fn total(&self) -> u64 {
        self.ranks.values().sum()
    }

    fn left_out(&self) -> u64 {
        self.total().saturating_sub(self.most)
    }

    /// Once through the findings for all ranks when all fit, else once for each, the worst first.
    fn passes(&self) -> Vec<Option<Rank>> {
        if self.left_out() == 0 { vec![None] } else { self.ranks.keys().copied().map(Some).collect() }
    }

    /// SARIF wants the list of suppressions on all results or on none.
    fn any_suppressed(&self) -> bool {
        self.ranks.keys().any(|(accepted, ..)| *accepted)
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        let (mut left, suppressions) = (self.most, self.any_suppressed());
        for pass in self.passes() {
            for record in self.report.findings.iter() {
                if left == 0 {
                    return all.end();
                }
                let record = record.map_err(S::Error::custom)?;
                if record.status == Status::Fail && pass.is_none_or(|pass| pass == rank(&self.report.head, &record)) {
                    let mut result = result(&record, self.rules, suppressions);
                    if self.report.head.baseline.is_some() {
                        result["baselineState"] = baseline_state(record.change).into();
                    }
                    all.serialize_element(&result)?;
                    left -= 1;
                }
            }
        }
        all.end()
    }
}

fn result(record: &Record, rules: &RuleSet, suppressions: bool) -> Value {
    let resource = &record.resource;
    let mut result = json!({
        "ruleId": record.check_id,
        "ruleIndex": rules.index(&record.check_id),
        "kind": "fail",
        "level": level(record.severity),
        "message": { "text": message(&record.message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(record) },
                "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 },
            },
            "logicalLocations": [{
                "name": safe(resource.name.as_deref().unwrap_or(&resource.id)),
                "fullyQualifiedName": safe(&resource.arn),
                "kind": "resource",
            }],
        }],
        "partialFingerprints": { "primaryLocationLineHash": record.fingerprint },
        "fingerprints": { "posture/v1": record.fingerprint },
        "properties": {
            "severity": record.severity,
            "accountId": record.account_id,
            "region": safe(&record.region),
            "resourceType": safe(&resource.kind),
            "practices": record.practices,
            "reasons": record.reasons.iter().map(|slug| safe(slug)).collect::<Vec<_>>(),
        },
    });
    if suppressions {
        let of = |one: &crate::record::Suppression| {
            let why = format!("{} (accepted by {} until {})", one.reason, one.owner, one.expires);
            json!([{ "kind": "external", "status": "accepted", "justification": safe(&why) }])
        };
        result["suppressions"] = record.suppression.as_ref().map_or_else(|| json!([]), of);
    }
    result
}

/// What SARIF calls the change of a failure; without a mark nothing says that it was there before.
fn baseline_state(change: Option<Change>) -> &'static str {
    match change {
        Some(Change::Unchanged) => "unchanged",
        Some(Change::Worsened) => "updated",
        _ => "new",
    }
}

/// The made-up path of a resource, the same from run to run: GitHub's identity of an alert holds it.
fn uri(record: &Record) -> String {
    let kind = record.resource.kind.trim_start_matches("AWS::").trim_matches(':').replace("::", ".");
    let parts = [&*record.account_id, &*record.region, &*kind, &*record.resource.id];
    parts.iter().fold("aws".to_owned(), |path, part| path + "/" + &segment(part))
}

/// A path segment that no reader takes for another directory.
fn segment(text: &str) -> String {
    let dots = if text.chars().all(|c| c == '.') { "_" } else { "" };
    format!("{dots}{}", utf8_percent_encode(text, SEGMENT))
}

/// `posture/111122223333/<scan>`: before the last slash the category, in which a newer run replaces an older one. Scans of
/// other accounts, of a part of them or of a part of the catalogue, are other categories.
fn automation_id(head: &Head) -> String {
    let account = match head.scan.accounts.as_slice() {
        [one] => format!("/{}", segment(&one.id)),
        _ => String::new(),
    };
    let selection = &head.scan.selection;
    let part = if selection.is_all() { String::new() } else { format!("/{}", selected(selection)) };
    let shard = head.scan.shard.map(|shard| format!("/shard-{}-of-{}", shard.index, shard.count)).unwrap_or_default();
    format!("posture{account}{shard}{part}/{}", segment(&head.scan.id))
}

/// A selection as a path segment: a short hash of what was asked for.
fn selected(selection: &Selection) -> String {
    let text = serde_json::to_string(selection).unwrap_or_default();
    format!("selection-{}", hex(&Sha256::digest(text.as_bytes())[..6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_whatever_the_name() {
        assert_eq!(segment("../../etc/passwd"), "..%2F..%2Fetc%2Fpasswd");
        assert_eq!(segment(".."), "_..");
        assert_eq!(segment(""), "_");
        assert_eq!(segment("a b?#%\u{202e}<"), "a%20b%3F%23%25%E2%80%AE%3C");
    }

    #[test]
    fn a_message_has_no_link_and_no_placeholder() {
        assert_eq!(message("[click](https://evil) {0} {a}"), "[click] (https://evil) { 0} {a}.");
        assert_eq!(message("bucket a\n is public"), "bucket a\\n is public.");
    }
}
