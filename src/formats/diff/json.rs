//! A comparison for programs, streamed. `diff-v1.schema.json` beside this file describes it.

use crate::gate::{Delta, Diff};
use crate::record::ChangeCounts;
use crate::report::Head;
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the shape; minor for additions, major for what would break a reader.
pub const VERSION: &str = "1.0";

/// The JSON Schema of a comparison.
pub const SCHEMA: &str = include_str!("diff-v1.schema.json");

pub(super) fn write(diff: &Diff<'_>, counts: ChangeCounts, mut out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Whole { diff, counts })?;
    out.write_all(b"\n")
}

struct Whole<'a> {
    diff: &'a Diff<'a>,
    counts: ChangeCounts,
}

fn side(head: &Head) -> Value {
    let scan = &head.scan;
    let accounts: Vec<&str> = scan.accounts.iter().map(|account| account.id.as_str()).collect();
    json!({
        "scan_id": scan.id,
        "finished_at": scan.finished_at,
        "accounts": accounts,
        "complete": scan.complete,
        "catalogue": head.tool.catalogue,
    })
}

/// The counts of a comparison; what is the same is not counted.
fn counted(counts: ChangeCounts) -> Value {
    let ChangeCounts { new, reopened, worsened, fixed, gone, not_scanned, became_unknown, became_known, .. } = counts;
    json!({
        "new": new, "reopened": reopened, "worsened": worsened, "fixed": fixed, "gone": gone,
        "not_scanned": not_scanned, "became_unknown": became_unknown, "became_known": became_known,
    })
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let diff = self.diff;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("diff_version", VERSION)?;
        map.serialize_entry("before", &side(&diff.before.head))?;
        map.serialize_entry("after", &side(&diff.after.head))?;
        map.serialize_entry("differences", &diff.differences)?;
        map.serialize_entry("counts", &counted(self.counts))?;
        map.serialize_entry("only_before", &diff.only_before)?;
        map.serialize_entry("only_after", &diff.only_after)?;
        map.serialize_entry("changes", &Changes(diff))?;
        map.end()
    }
}

struct Changes<'a>(&'a Diff<'a>);

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for delta in self.0.iter() {
            all.serialize_element(&Row(delta.map_err(S::Error::custom)?))?;
        }
        all.end()
    }
}

struct Row<'a>(Delta<'a>);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("change", &self.0.kind)?;
        map.serialize_entry("before", &self.0.before)?;
        map.serialize_entry("after", &self.0.after)?;
        map.end()
    }
}
