//! What a run has to say besides its results: what was not seen, not decided, not reached, not written.

use super::rules::RuleSet;
use super::words::message;
use crate::formats::fold::{INCOMPLETE, closed};
use crate::record::{AccountStatus, GapSum};
use crate::report::Report;
use posture_estate::finding::GapKind;
use posture_estate::text::safe;
use serde_json::{Value, json};

const UNSEEN: &str = "call-unseen";
const UNDECIDED: &str = "check-undecided";
const INTERRUPTED: &str = "scan-interrupted";
const NOT_SCANNED: &str = "account-not-scanned";
const LEFT_OUT: &str = "results-left-out";

/// The kinds of notifications.
pub fn descriptors() -> Vec<Value> {
    let of = |(id, name, text, help): (&str, &str, &str, &str)| {
        let text = json!({ "text": text });
        json!({ "id": id, "name": name, "shortDescription": text, "fullDescription": text, "help": { "text": help } })
    };
    let all = [
        (
            UNSEEN,
            "CallUnseen",
            "A call to AWS was not answered, and what rests on it is unknown.",
            "Give the role that scans the IAM action that the notification names, or scan again. posture policy prints all of them.",
        ),
        (
            UNDECIDED,
            "CheckUndecided",
            "Every answer came, and they do not decide whether a check passes.",
            "The message says what is open; a person has to look. posture explain says what the check asks.",
        ),
        (INTERRUPTED, "ScanInterrupted", "The scan did not come to its end.", "Scan again, and let it finish."),
        (
            NOT_SCANNED,
            "AccountNotScanned",
            "Nothing of an account in scope was seen.",
            "The message says why; the role that scans must exist in the account and trust the caller.",
        ),
        (
            LEFT_OUT,
            "ResultsLeftOut",
            "There are more results than a code-scanning service takes.",
            "The JSON report has all of them. Select fewer checks (--check, --severity), or accept what is accepted in posture.toml.",
        ),
    ];
    all.map(of).to_vec()
}

/// The invocation with its notifications, the gravest first.
pub fn invocation(report: &Report, rules: &RuleSet, left_out: u64) -> Value {
    let scan = &report.head.scan;
    let mut notes = Vec::new();
    if !scan.complete {
        notes.push(note(INTERRUPTED, "error", INCOMPLETE));
    }
    for (row, why) in closed(&report.head) {
        notes.push(note(NOT_SCANNED, if row.status == AccountStatus::Suspended { "note" } else { "error" }, &why));
    }
    if left_out > 0 {
        let which = match &report.head.baseline {
            Some(_) => "those that the baseline has first, and of each kind the least severe ones",
            None => "the least severe ones",
        };
        let text = format!(
            "{left_out} failed findings are left out, {which}: services refuse more results than these in a run; \
             the JSON report has all of them"
        );
        notes.push(note(LEFT_OUT, "error", &text));
    }
    notes.extend(report.gaps.iter().map(|gap| unseen(gap, rules)));
    for (id, rule) in rules.iter().filter(|(_, rule)| rule.undecided > 0) {
        let text = format!("{id}: {} findings are unknown; the first: {}", rule.undecided, rule.first);
        let mut note = note(UNDECIDED, "warning", &text);
        note["associatedRule"] = json!({ "id": id, "index": rules.index(id) });
        notes.push(note);
    }
    json!({
        "executionSuccessful": scan.complete,
        "startTimeUtc": scan.started_at,
        "endTimeUtc": scan.finished_at,
        "toolExecutionNotifications": notes,
    })
}

fn unseen(gap: &GapSum, rules: &RuleSet) -> Value {
    let remedy =
        if gap.kind == GapKind::Denied { format!("; it needs the IAM action {}", gap.action) } else { String::new() };
    let resources = if gap.resources == 1 { "resource is".to_owned() } else { "resources are".to_owned() };
    let text = format!(
        "{} {} in account {}, {}: {}{remedy}; {} {resources} unknown or only partly judged",
        gap.call,
        gap.kind.as_str(),
        gap.account_id,
        gap.region,
        gap.message,
        gap.resources,
    );
    let mut note = note(UNSEEN, if gap.resources > 0 { "error" } else { "warning" }, &text);
    let only = gap.checks.first().filter(|_| gap.checks.len() == 1);
    if let Some((id, index)) = only.and_then(|id| Some((id, rules.index(id)?))) {
        note["associatedRule"] = json!({ "id": id, "index": index });
    }
    note["properties"] = json!({ "checks": gap.checks, "iamAction": safe(&gap.action) });
    note
}

fn note(id: &str, level: &str, text: &str) -> Value {
    let index = descriptors().iter().position(|one| one["id"] == id);
    json!({ "descriptor": { "id": id, "index": index }, "level": level, "message": { "text": message(text) } })
}
