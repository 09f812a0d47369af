//! Tapes: the answers of one scan on disk, to be judged again by this or a later catalogue.
//!
//! ```text
//! DIR/tape.json                               format, version, when, where, and a digest of every file below
//! DIR/<account>/<region>/<service>.jsonl      one answer a line: operation, parameters, status, body
//! ```
//!
//! An answer is found by what was asked, never by its position, so concurrency does not matter. Request headers and
//! credentials are not part of a tape, and [`redact`] takes out what AWS itself puts secrets into. `tape.json` is
//! written last: a recording that was cut short has none, and a file that was cut short does not match its digest.

mod params;
mod record;
#[cfg(test)]
mod tests;

pub use params::{EXPECTED_OWNER, params};
pub use record::{Recorder, redact};

use super::fault::Fault;
use crate::finding::GapKind;
use crate::text::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

const FORMAT: &str = "posture-tape";
const VERSION: u32 = 1;

/// What was asked, in the words of the wire but without the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    pub account: String,
    pub region: String,
    /// Service prefix of the call, `s3control`.
    pub service: String,
    pub operation: String,
    /// Path, query and body in a canonical order.
    pub params: String,
}

impl Question {
    /// `s3:GetBucketPolicy`.
    pub fn call(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// The response headers that decide what an answer means: the error code of the REST protocols, and where a bucket lives.
pub const HEADERS: &[&str] = &["x-amz-bucket-region", "x-amzn-errortype", "x-amzn-query-error"];

/// What came back: an HTTP answer, or the fault that kept it from coming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Http {
        status: u16,
        /// Only those of [`HEADERS`].
        headers: BTreeMap<String, String>,
        body: String,
    },
    Fault {
        kind: GapKind,
        message: String,
    },
}

/// The head of a tape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    format: String,
    version: u32,
    /// RFC 3339; a replay judges ages as of then.
    pub recorded_at: String,
    /// The release that recorded.
    pub recorded_by: String,
    /// What the scan was of, for whoever replays it.
    #[serde(flatten)]
    pub about: serde_json::Map<String, serde_json::Value>,
    files: BTreeMap<String, Digested>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digested {
    answers: usize,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    operation: String,
    params: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// A tape in memory.
#[derive(Clone, Debug)]
pub struct Tape {
    pub head: Head,
    answers: BTreeMap<Question, Reply>,
}

/// A tape that cannot be read or written; the text names the file and the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TapeError(pub String);

/// The tape has no answer to a question: it was recorded by another selection or an older catalogue.
pub(super) fn blank() -> Fault {
    Fault::new(GapKind::Unavailable, "not on the tape; record again with this version to judge it")
}

impl Tape {
    /// Reads a tape whole and holds every file against its digest.
    ///
    /// # Errors
    /// When the directory is no tape, a file is missing, changed or cut short, or the format is newer than we are.
    pub fn load(dir: &Path) -> Result<Tape, TapeError> {
        let path = dir.join("tape.json");
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let name = dir.display();
            TapeError(match error.kind() {
                std::io::ErrorKind::NotFound if dir.is_dir() => {
                    format!("{name} is no tape: it has no tape.json (a recording that did not finish has none; record again)")
                }
                std::io::ErrorKind::NotFound => format!("{name} does not exist; give the directory of a recording"),
                _ => format!("cannot read {}: {error}", path.display()),
            })
        })?;
        let head: Head = serde_json::from_str(&text)
            .map_err(|error| TapeError(format!("{} cannot be read: {error}; record again", path.display())))?;
        if head.format != FORMAT {
            return Err(TapeError(format!("{} is not a {FORMAT} but a {:?}", path.display(), head.format)));
        }
        if head.version != VERSION {
            return Err(TapeError(format!(
                "{} has version {}, this posture reads version {VERSION}; use the release that recorded it ({})",
                path.display(),
                head.version,
                head.recorded_by
            )));
        }
        let mut answers = BTreeMap::new();
        for (name, expected) in &head.files {
            read_file(dir, name, expected, &mut answers)?;
        }
        Ok(Tape { head, answers })
    }

    /// The moment of the recording.
    ///
    /// # Errors
    /// When the head holds no RFC 3339 time.
    pub fn time(&self) -> Result<aws_smithy_types::DateTime, TapeError> {
        aws_smithy_types::DateTime::from_str(&self.head.recorded_at, aws_smithy_types::date_time::Format::DateTime)
            .map_err(|error| TapeError(format!("tape.json: recorded_at is not a time: {error}; record again")))
    }

    pub fn answer(&self, question: &Question) -> Option<&Reply> {
        self.answers.get(question)
    }

    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.answers.keys()
    }

    /// A copy of the tape on which every answer that `which` picks is what `with` makes of it: for fault sweeps.
    #[must_use]
    pub fn altered(&self, which: impl Fn(&Question) -> bool, with: impl Fn(&Reply) -> Reply) -> Tape {
        let mut tape = self.clone();
        for (_, reply) in tape.answers.iter_mut().filter(|(question, _)| which(question)) {
            *reply = with(reply);
        }
        tape
    }
}

fn read_file(
    dir: &Path,
    name: &str,
    expected: &Digested,
    answers: &mut BTreeMap<Question, Reply>,
) -> Result<(), TapeError> {
    let path = dir.join(name);
    let at = path.display();
    let parts: Vec<&str> = name.split('/').collect();
    let (&[account, region, file], false) = (parts.as_slice(), name.contains("..")) else {
        return Err(TapeError(format!("tape.json names a file {name:?} that is not account/region/service.jsonl")));
    };
    let Some(service) = file.strip_suffix(".jsonl") else {
        return Err(TapeError(format!("tape.json names a file {name:?} that is not account/region/service.jsonl")));
    };
    let text = std::fs::read_to_string(&path).map_err(|error| TapeError(format!("cannot read {at}: {error}")))?;
    if digest(&text) != expected.sha256 {
        let lines = text.matches('\n').count();
        let how = if lines < expected.answers || !text.ends_with('\n') { "is cut short" } else { "was changed" };
        return Err(TapeError(format!(
            "{at} {how}: it holds {lines} whole answers of {} and not the bytes that were recorded; restore it or record again",
            expected.answers
        )));
    }
    for (index, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line)
            .map_err(|error| TapeError(format!("{at}, line {}: {error}; record again", index + 1)))?;
        let reply = match (line.status, line.body, line.fault) {
            (Some(status), Some(body), None) => Reply::Http { status, headers: line.headers, body },
            (None, None, Some(kind)) => Reply::Fault {
                kind: kind_named(&kind).ok_or_else(|| {
                    TapeError(format!("{at}, line {}: unknown fault {kind:?}; record again", index + 1))
                })?,
                message: line.message.unwrap_or_default(),
            },
            _ => return Err(TapeError(format!("{at}, line {}: neither an answer nor a fault", index + 1))),
        };
        let question = Question {
            account: account.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            operation: line.operation,
            params: line.params,
        };
        answers.insert(question, reply);
    }
    Ok(())
}

fn kind_named(name: &str) -> Option<GapKind> {
    use GapKind::{Denied, Malformed, Throttled, Timeout, Unavailable, Unsupported};
    [Denied, Throttled, Timeout, Unavailable, Unsupported, Malformed].into_iter().find(|kind| kind.as_str() == name)
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
