//! Reading a JSON report back, finding by finding: for a baseline, a comparison, or another format.

use super::{Head, Report};
use crate::record::{Findings, GapSum, Record};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A file that is no report, with the place.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {}: {error}; give the report of --output json", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{} is empty; give the report of --output json", path.display())]
    Empty { path: PathBuf },
    #[error("{} ends in line {line}, in the middle of the report: it was not written or copied whole; get it again", path.display())]
    CutShort { path: PathBuf, line: usize },
    #[error("{} holds a finding a line, without the scan around them; give the report of --output json", path.display())]
    Lines { path: PathBuf },
    #[error("{} is no JSON report of posture: {error}; give the report of --output json", path.display())]
    Wrong { path: PathBuf, error: serde_json::Error },
}

/// Reads a whole report; its findings go where [`Findings`] keeps them.
///
/// # Errors
/// When the file cannot be read, or is no report of version 1.
pub fn read(path: &Path) -> Result<Report, ReadError> {
    let mut findings = Findings::new();
    let (head, gaps) = visit(path, |record| findings.add(record).map_err(|error| error.to_string()))?;
    findings.seal();
    Ok(Report { head, findings, gaps })
}

/// Hands over each finding of a report in its order, and gives the rest at the end.
///
/// # Errors
/// When the file cannot be read, is no report of version 1, or `each` refuses a finding.
pub fn visit(path: &Path, each: impl FnMut(Record) -> Result<(), String>) -> Result<(Head, Vec<GapSum>), ReadError> {
    let cannot = |error| ReadError::Read { path: path.to_owned(), error };
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(cannot)?);
    // The file is looked at before it is read, for a pipe cannot be read again.
    let start = Start::of(file.fill_buf().map_err(cannot)?);
    let mut json = serde_json::Deserializer::from_reader(file);
    let parts = json.deserialize_map(Whole(each)).and_then(|parts| json.end().map(|()| parts));
    parts.map_err(|error| start.explain(path.to_owned(), error))
}

/// What a file begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Nothing,
    /// A finding on a line of its own, as `--output ndjson` writes them.
    Finding,
    Other,
}

impl Start {
    fn of(bytes: &[u8]) -> Start {
        if bytes.trim_ascii().is_empty() {
            return Start::Nothing;
        }
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line) {
            Ok(object) if object.contains_key("check_id") => Start::Finding,
            _ => Start::Other,
        }
    }

    /// Why the file is no report.
    fn explain(self, path: PathBuf, error: serde_json::Error) -> ReadError {
        match self {
            Start::Finding => ReadError::Lines { path },
            Start::Nothing if error.is_eof() => ReadError::Empty { path },
            _ if error.is_eof() => ReadError::CutShort { path, line: error.line() },
            _ if error.is_io() => ReadError::Read { path, error: io::Error::from(error) },
            _ => ReadError::Wrong { path, error },
        }
    }
}

struct Whole<F>(F);

impl<'de, F: FnMut(Record) -> Result<(), String>> Visitor<'de> for Whole<F> {
    type Value = (Head, Vec<GapSum>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut version, mut tool, mut scan, mut summary, mut practices) = (None, None, None, None, None);
        let (mut found, mut gaps, mut suppressions, mut baseline) = (None, None, Vec::new(), None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema_version" => {
                    let text: String = map.next_value()?;
                    if text.split('.').next() != Some("1") {
                        return Err(A::Error::custom(format!("its schema_version is {text:?}, this posture reads 1")));
                    }
                    version = Some(text);
                }
                "tool" => tool = Some(map.next_value()?),
                "scan" => scan = Some(map.next_value()?),
                "summary" => summary = Some(map.next_value()?),
                "practices" => practices = Some(map.next_value()?),
                "suppressions" => suppressions = map.next_value()?,
                "baseline" => baseline = map.next_value()?,
                "findings" => found = Some(map.next_value_seed(Each(&mut self.0))?),
                "gaps" => gaps = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let head = Head {
            schema_version: version.ok_or_else(|| A::Error::missing_field("schema_version"))?,
            tool: tool.ok_or_else(|| A::Error::missing_field("tool"))?,
            scan: scan.ok_or_else(|| A::Error::missing_field("scan"))?,
            summary: summary.ok_or_else(|| A::Error::missing_field("summary"))?,
            practices: practices.ok_or_else(|| A::Error::missing_field("practices"))?,
            suppressions,
            baseline,
        };
        found.ok_or_else(|| A::Error::missing_field("findings"))?;
        Ok((head, gaps.ok_or_else(|| A::Error::missing_field("gaps"))?))
    }
}

struct Each<'f, F>(&'f mut F);

impl<'de, F: FnMut(Record) -> Result<(), String>> DeserializeSeed<'de> for Each<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Record) -> Result<(), String>> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(record) = seq.next_element()? {
            (self.0)(record).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a file with this text.
    fn refused(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let error = visit(file.path(), |_| Ok(())).map(drop).expect_err(text).to_string();
        error.replace(&file.path().display().to_string(), "F")
    }

    #[test]
    fn what_is_no_report_is_told_apart() {
        assert_eq!(refused(""), "F is empty; give the report of --output json");
        assert_eq!(refused(" \n\n"), "F is empty; give the report of --output json");
        let cut = "{\n  \"schema_version\": \"1.0\",\n  \"tool\": {";
        assert!(refused(cut).starts_with("F ends in line 3, in the middle of the report"));
        let line = "{\"fingerprint\":\"a\",\"check_id\":\"b\",\"practices\":[\"SEC01-BP02\"]}\n";
        assert!(refused(line).contains("a finding a line") && refused(&line.repeat(3)).contains("--output json"));
        assert!(refused("check,account\n").contains("is no JSON report of posture"));
        assert!(refused("[1]").contains("expected a report"));
        assert!(refused("{\"practices\":[\"SEC01-BP02\"]}").contains("expected a practice with its status"));
        assert!(refused("{\"schema_version\":\"2.0\"}").contains("this posture reads 1"));
        assert!(refused("{\"schema_version\":\"1.0\"}").contains("missing field"));
    }
}
