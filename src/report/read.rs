//! Reading a JSON report back, finding by finding: for a baseline, a comparison, or another format.

use super::{Head, Report};
use crate::scan::{Findings, GapSum, Record};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// A file that is no report, with the place.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {}: {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{} is no JSON report of posture: {error}", path.display())]
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
    let file = File::open(path).map_err(|error| ReadError::Read { path: path.to_owned(), error })?;
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, file));
    let parts = json.deserialize_map(Whole(each)).and_then(|parts| json.end().map(|()| parts));
    parts.map_err(|error| ReadError::Wrong { path: path.to_owned(), error })
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
