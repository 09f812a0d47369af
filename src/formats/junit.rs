//! JUnit XML, as CI systems read it: a test case is a check on a resource.
//!
//! | finding | test case |
//! | --- | --- |
//! | fail | `failure`, its type the severity |
//! | fail, suppressed | `skipped`, with who accepts it until when |
//! | fail, as in the baseline | `skipped`: the gate does not act on it |
//! | unknown | `error`: not seen is not passed |
//! | not applicable | `skipped` |
//! | pass | nothing inside |
//!
//! Suites are places, an account and region each, because findings come in that order and a suite begins with its counts.
//! CI systems group by class, which is the check. The name has the region and the ARN, so that class and name together
//! follow one finding from run to run. The first suite says whether the scan came to its end, and which accounts it did not see.

use super::fold::{INCOMPLETE, change, closed, is_known};
use crate::record::{AccountStatus, Record};
use crate::report::{Head, Report};
use posture_estate::finding::Status;
use posture_estate::text::safe;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

/// Account and region.
type Place = (String, String);

/// Writes the suites.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let scan = &report.head.scan;
    let mut places: BTreeMap<Place, Counts> = BTreeMap::new();
    for record in report.findings.iter() {
        let record = record?;
        places.entry((record.account_id.clone(), record.region.clone())).or_default().add(&report.head, &record);
    }
    let mut of_scan = Counts { tests: 1, errors: u64::from(!scan.complete), ..Counts::default() };
    for (row, _) in closed(&report.head) {
        of_scan.tests += 1;
        *(if row.status == AccountStatus::Suspended { &mut of_scan.skipped } else { &mut of_scan.errors }) += 1;
    }
    let all = places.values().fold(of_scan, Counts::plus);

    let mut xml = Xml(Writer::new_with_indent(out, b' ', 1));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let time = format!("{}.{:03}", scan.duration_ms / 1000, scan.duration_ms % 1000);
    let name = format!("posture {}", report.head.accounts());
    let [tests, failures, errors, _] = all.text();
    xml.open(
        "testsuites",
        &[("name", &name), ("tests", &tests), ("failures", &failures), ("errors", &errors), ("time", &time)],
    )?;
    scan_suite(&mut xml, &report.head, of_scan)?;
    place_suites(&mut xml, report, &places)?;
    xml.close("testsuites")?;
    xml.0.into_inner().write_all(b"\n")
}

/// The suite of the scan itself: whether it came to its end, and in every account.
fn scan_suite<W: Write>(xml: &mut Xml<W>, head: &Head, counts: Counts) -> io::Result<()> {
    let scan = &head.scan;
    let timestamp = scan.started_at.trim_end_matches('Z');
    xml.suite("scan", counts, timestamp)?;
    let attributes = [("classname", "posture.scan"), ("name", "every check ran to its end")];
    if scan.complete {
        xml.empty("testcase", &attributes)?;
    } else {
        xml.open("testcase", &attributes)?;
        xml.outcome("error", "interrupted", INCOMPLETE, "")?;
        xml.close("testcase")?;
    }
    for (row, why) in closed(head) {
        let outcome = if row.status == AccountStatus::Suspended { "skipped" } else { "error" };
        let name = format!("account {} is scanned", row.id);
        xml.open("testcase", &[("classname", "posture.scan"), ("name", &name)])?;
        xml.outcome(outcome, row.status.as_str(), &why, "")?;
        xml.close("testcase")?;
    }
    xml.close("testsuite")
}

/// A suite for each account and region.
fn place_suites<W: Write>(xml: &mut Xml<W>, report: &Report, places: &BTreeMap<Place, Counts>) -> io::Result<()> {
    let timestamp = report.head.scan.started_at.trim_end_matches('Z');
    let mut open: Option<Place> = None;
    for record in report.findings.iter() {
        let record = record?;
        let here =
            open.as_ref().is_some_and(|(account, region)| *account == record.account_id && *region == record.region);
        if !here {
            if open.is_some() {
                xml.close("testsuite")?;
            }
            let place = (record.account_id.clone(), record.region.clone());
            let counts = places.get(&place).copied().unwrap_or_default();
            xml.suite(&format!("{} {}", place.0, place.1), counts, timestamp)?;
            open = Some(place);
        }
        case(xml, &report.head, &record)?;
    }
    if open.is_some() { xml.close("testsuite") } else { Ok(()) }
}

fn case<W: Write>(xml: &mut Xml<W>, head: &Head, record: &Record) -> io::Result<()> {
    let sub = record.sub_key.as_deref().map(|sub| format!(" {sub}")).unwrap_or_default();
    let name = format!("{} {}{sub}", record.region, record.resource.arn);
    let class = format!("posture.{}", record.check_id);
    let attributes = [("classname", &*class), ("name", &*name)];
    if record.status == Status::Pass {
        return xml.empty("testcase", &attributes);
    }
    xml.open("testcase", &attributes)?;
    match (record.status, &record.suppression) {
        (Status::Pass, _) => {}
        (Status::NotApplicable, _) => xml.outcome("skipped", "not applicable", &record.message, "")?,
        (Status::Fail, Some(accepted)) => {
            let who = format!("suppressed by {} until {}", accepted.owner, accepted.expires);
            let message = format!("{who}: {}; {}", accepted.reason, record.message);
            xml.outcome("skipped", "suppressed", &message, "")?;
        }
        (Status::Fail, None) if is_known(head, record) => {
            let since = head.baseline.as_ref().map_or("", |baseline| &baseline.finished_at);
            let message = format!("failed as in the baseline of {since}: {}", record.message);
            xml.outcome("skipped", "baseline", &message, "")?;
        }
        (Status::Fail, None) => {
            xml.outcome("failure", record.severity.as_str(), &record.message, &details(head, record))?;
        }
        (Status::Unknown, _) => xml.outcome("error", "unknown", &record.message, &details(head, record))?,
    }
    xml.close("testcase")
}

/// What a person reads who opens the test case.
fn details(head: &Head, record: &Record) -> String {
    let resource = &record.resource;
    let name = resource.name.as_deref().map(|name| format!(" ({})", safe(name))).unwrap_or_default();
    let mut lines = vec![
        String::new(),
        safe(&record.message).into_owned(),
        format!("check      {} [{}]: {}", safe(&record.check_id), record.severity.as_str(), safe(&record.title)),
        format!("practices  {}", safe(&record.practices.join(", "))),
        format!("account    {}, {}", safe(&record.account_id), safe(&record.region)),
        format!("resource   {}{name}", safe(&resource.arn)),
    ];
    lines.extend(change(head, record).map(|change| format!("baseline   {change}")));
    for gap in record.gap.iter().flat_map(|gap| gap.lines()) {
        lines.push(format!("needs      the answer of {} (IAM action {})", safe(&gap.call), safe(&gap.action)));
    }
    lines.push(format!("fix        posture explain {}\n", safe(&record.check_id)));
    lines.join("\n")
}

impl Counts {
    fn add(&mut self, head: &Head, record: &Record) {
        self.tests += 1;
        match record.status {
            Status::Pass => {}
            Status::Unknown => self.errors += 1,
            Status::Fail if record.counts() && !is_known(head, record) => self.failures += 1,
            Status::Fail | Status::NotApplicable => self.skipped += 1,
        }
    }

    fn plus(self, other: &Counts) -> Counts {
        Counts {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    fn text(self) -> [String; 4] {
        [self.tests, self.failures, self.errors, self.skipped].map(|count| count.to_string())
    }
}

/// A writer that lets only characters through that XML 1.0 has.
struct Xml<W: Write>(Writer<W>);

impl<W: Write> Xml<W> {
    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        self.0.write_event(event)
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.event(Event::Start(start(name, attributes)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.event(Event::Empty(start(name, attributes)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    fn suite(&mut self, name: &str, counts: Counts, timestamp: &str) -> io::Result<()> {
        let [tests, failures, errors, skipped] = counts.text();
        let counts = [("tests", &*tests), ("failures", &*failures), ("errors", &*errors), ("skipped", &*skipped)];
        self.open("testsuite", &[&[("name", name)], &counts[..], &[("timestamp", timestamp)]].concat())
    }

    fn outcome(&mut self, name: &str, kind: &str, message: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return self.empty(name, &[("type", kind), ("message", message)]);
        }
        self.open(name, &[("type", kind), ("message", message)])?;
        self.event(Event::Text(BytesText::new(&legal(text))))?;
        self.close(name)
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*legal(&safe(value))));
    }
    start
}

/// The text without the two characters that XML 1.0 forbids and [`safe`] leaves; the controls are already escaped.
fn legal(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        Cow::Owned(text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_legal_xml() {
        let mut xml = Xml(Writer::new(Vec::new()));
        let hostile: String = ('\0'..='\u{a0}').chain(['\u{fffe}', '\u{ffff}', '\u{10ffff}', '\u{202e}']).collect();
        xml.open("a", &[("b", &hostile)]).unwrap();
        xml.outcome("c", "]]>", &hostile, "]]></c>").unwrap();
        xml.close("a").unwrap();
        let text = String::from_utf8(xml.0.into_inner()).unwrap();
        assert!(!text.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')), "{text:?}");
        assert!(!text.contains("]]></c></c>"), "{text}");
        assert!(text.ends_with("]]&gt;&lt;/c&gt;</c></a>"), "{text}");
    }
}
