//! The JSON report, version 1: what other programs build on. `report-v1.schema.json` beside this file describes it.

use super::Report;
use crate::record::Findings;
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::io::{self, Write};

/// The version of the shape; minor for additions, major for what would break a reader.
pub const SCHEMA_VERSION: &str = "1.3";

/// The JSON Schema of the report.
pub const SCHEMA: &str = include_str!("report-v1.schema.json");

/// Writes the report; indented, ending with a newline.
///
/// # Errors
/// When the writer fails, or the findings cannot be read.
pub fn write(report: &Report, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    out.write_all(b"\n")
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let head = &self.head;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &head.schema_version)?;
        map.serialize_entry("tool", &head.tool)?;
        map.serialize_entry("scan", &head.scan)?;
        map.serialize_entry("summary", &head.summary)?;
        map.serialize_entry("practices", &head.practices)?;
        map.serialize_entry("suppressions", &head.suppressions)?;
        if let Some(baseline) = &head.baseline {
            map.serialize_entry("baseline", baseline)?;
        }
        map.serialize_entry("findings", &Streamed(&self.findings))?;
        map.serialize_entry("gaps", &self.gaps)?;
        map.end()
    }
}

struct Streamed<'a>(&'a Findings);

impl Serialize for Streamed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for record in self.0.iter() {
            all.serialize_element(&record.map_err(S::Error::custom)?)?;
        }
        all.end()
    }
}
