//! Tapes: the answers of one scan on disk, to be judged again by this or a later catalogue.
//!
//! ```text
//! DIR/tape.json                               format, version, when, where, and the services below
//! DIR/digests/<service>.json                  a digest of each file of the service
//! DIR/<account>/<region>/<service>.jsonl      one answer a line: operation, parameters, status, body
//! ```
//!
//! An answer is found by what was asked, never by its position, so concurrency does not matter. Request headers and
//! credentials are not part of a tape, and what AWS itself puts secrets into is taken out. `tape.json` is
//! written last: a recording that was cut short has none, and a file that was cut short does not match its digest.
//! A service's files are its own, so that one service can be recorded anew and no other file changes. In version 1
//! the digests of all services stood in `tape.json`; such tapes are read as before.

mod params;
mod read;
mod record;
#[cfg(test)]
mod tests;

pub use params::{EXPECTED_OWNER, params};
pub use record::TapeRecorder;

use super::fault::Fault;
use crate::finding::GapKind;
use crate::text::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const FORMAT: &str = "posture-tape";
/// What is written; version 1 is read too.
const VERSION: u32 = 2;

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
        /// [`Gap::NOT_OFFERED`](crate::finding::Gap::NOT_OFFERED), where it is that.
        code: Option<String>,
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
    /// Version 2: the services that have digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    services: Option<BTreeSet<String>>,
    /// Version 1: the digests of all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<BTreeMap<String, Digested>>,
    /// What the scan was of, for whoever replays it.
    #[serde(flatten)]
    pub about: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digested {
    answers: usize,
    sha256: String,
}

/// The digests of one service, by file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digests {
    files: BTreeMap<String, Digested>,
}

/// Where the digests of a service lie.
fn digests_of(service: &str) -> String {
    format!("digests/{service}.json")
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
    code: Option<String>,
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

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
