//! CSV, a row per finding, for spreadsheets: RFC 4180 (commas, CRLF, every cell quoted), UTF-8 without a byte order mark.
//!
//! A spreadsheet runs a cell that begins with `=` as a formula, and names and tags of AWS may begin so. Such a cell gets an
//! apostrophe before it, which spreadsheets take for "this is text" (OWASP, CSV injection); so does what follows a separator
//! inside a cell, because a spreadsheet that splits at `;` does not respect quotes in the middle. Control characters are
//! escaped, so that a finding is one line. Programs that need the exact bytes read the JSON report.

use crate::record::{GapLine, Record};
use crate::report::Report;
use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use posture_estate::text::safe;
use std::borrow::Cow;
use std::io::{self, Write};

/// The columns. They keep their names and order; new ones go to the end.
pub const COLUMNS: [&str; 23] = [
    "account_id",
    "region",
    "severity",
    "status",
    "check_id",
    "title",
    "practices",
    "resource_type",
    "resource_id",
    "resource_name",
    "resource_arn",
    "sub_key",
    "message",
    "tags",
    "unseen_calls",
    "needs_iam_actions",
    "suppressed_by",
    "suppressed_until",
    "suppression_reason",
    "fingerprint",
    "scan_id",
    "scan_started_at",
    "reasons",
];

/// Writes a header and the findings.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(out);
    csv.write_record(COLUMNS)?;
    for record in report.findings.iter() {
        let record = record?;
        let row = row(&record, &report.head.scan);
        csv.write_record(row.iter().map(|cell| defused(cell).into_owned()))?;
    }
    csv.flush()
}

fn row<'a>(record: &'a Record, scan: &'a crate::report::Scan) -> [Cow<'a, str>; COLUMNS.len()] {
    let resource = &record.resource;
    let gaps = |part: fn(&GapLine) -> &str| {
        let all: Vec<&str> = record.gap.iter().flat_map(|gap| gap.lines()).map(part).collect();
        Cow::Owned(all.join(" "))
    };
    let (by, until, reason) = match &record.suppression {
        Some(one) => (one.owner.as_str(), Cow::Owned(one.expires.to_string()), one.reason.as_str()),
        None => ("", "".into(), ""),
    };
    let tags: Vec<String> = resource.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    [
        record.account_id.as_str().into(),
        record.region.as_str().into(),
        record.severity.as_str().into(),
        record.status.as_str().into(),
        Cow::Borrowed(&*record.check_id),
        Cow::Borrowed(&*record.title),
        record.practices.join(" ").into(),
        resource.kind.as_str().into(),
        resource.id.as_str().into(),
        resource.name.as_deref().unwrap_or_default().into(),
        resource.arn.as_str().into(),
        record.sub_key.as_deref().unwrap_or_default().into(),
        record.message.as_str().into(),
        tags.join("; ").into(),
        gaps(|gap| &gap.call),
        gaps(|gap| &gap.action),
        by.into(),
        until,
        reason.into(),
        record.fingerprint.as_str().into(),
        scan.id.as_str().into(),
        scan.started_at.as_str().into(),
        record.reasons.join(" ").into(),
    ]
}

/// The text as no spreadsheet runs it.
fn defused(cell: &str) -> Cow<'_, str> {
    let cell = safe(cell);
    if !cell.contains(starts_formula) {
        return cell;
    }
    let mut out = String::with_capacity(cell.len() + 2);
    let mut first = true;
    for c in cell.chars() {
        if first && starts_formula(c) {
            out.push('\'');
        }
        out.push(c);
        let blank = c.is_whitespace() || c == '"' || (c == '\'' && !out.ends_with("''"));
        first = matches!(c, ',' | ';' | '|') || (first && blank);
    }
    Cow::Owned(out)
}

/// What a spreadsheet takes for the beginning of a formula, the full-width forms included.
fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::defused;

    #[test]
    fn formulas_become_text() {
        assert_eq!(defused("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(defused("+1"), "'+1");
        assert_eq!(defused("-2+3"), "'-2+3");
        assert_eq!(defused("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(defused("＝1"), "'＝1");
        assert_eq!(defused("  =1"), "  '=1", "spreadsheets may trim");
        assert_eq!(defused("\"=1"), "\"'=1");
    }

    #[test]
    fn a_separator_inside_a_cell_starts_no_formula_either() {
        assert_eq!(defused("a;=1"), "a;'=1");
        assert_eq!(defused("a, \"=1"), "a, \"'=1");
        assert_eq!(defused("team=a; =b"), "team=a; '=b");
    }

    #[test]
    fn what_is_harmless_stays_and_a_finding_is_one_line() {
        assert_eq!(defused("arn:aws:iam::111122223333:user/a=b@c-d+e"), "arn:aws:iam::111122223333:user/a=b@c-d+e");
        assert_eq!(defused("\t=1\r\n=2"), "\\t=1\\r\\n=2", "escaped, they begin nothing");
        assert_eq!(defused(""), "");
    }
}
