//! Which scan this is: its id and its first moment, and a digest of all that decides what is asked and how it is judged, by which a
//! checkpoint knows its own scan and shards know each other.

use super::connect::Connected;
use super::{Audience, Bug, Failure, OrBug, Request, UserError};
use crate::record::Shard;
use crate::report::Tool;
use crate::scan::Checkpoint;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::day::rfc3339;
use posture_estate::text::hex;
use sha2::{Digest, Sha256};
use std::time::{Instant, SystemTime};

/// A scan that is on its way.
#[derive(Debug)]
pub(super) struct Plan {
    pub id: String,
    /// When it began; of one that goes on, the first time.
    pub started: DateTime,
    pub clock: Instant,
    pub shard: Option<Shard>,
    /// Of the whole scan: its shards have it in common. Empty until the accounts are known.
    pub digest: String,
}

impl Plan {
    /// A new scan, or an earlier one that goes on where its checkpoint is.
    ///
    /// # Errors
    /// When the checkpoint is not one that can be gone on with.
    pub fn begin(request: &Request, audience: &impl Audience) -> Result<Plan, Failure> {
        let started = DateTime::from(SystemTime::now());
        let (clock, shard, digest) = (Instant::now(), request.shard, String::new());
        let peek = |dir| Checkpoint::peek(dir, started.secs());
        let Some(earlier) = request.checkpoint.as_deref().map(peek).transpose()?.flatten() else {
            return Ok(Plan { id: scan_id()?, started, clock, shard, digest });
        };
        audience.note(&format!("going on with the scan that began at {}", earlier.started_at));
        // Ages are judged as of the first start: what is done and what is not yet belong to one scan.
        let started = DateTime::from_str(&earlier.started_at, Format::DateTime)
            .or_bug("reading the time of a checkpoint that was read before")?;
        Ok(Plan { id: earlier.scan_id, started, clock, shard, digest })
    }

    /// Now that the accounts are known: what the scan is, and which of them are of this shard.
    ///
    /// # Errors
    /// A bug only.
    pub fn settle(&mut self, request: &Request, connected: &mut Connected) -> Result<(), Bug> {
        self.digest = digest(request, connected)?;
        if let Some(shard) = self.shard {
            connected.targets.all.retain(|target| shard.holds(&target.id));
        }
        Ok(())
    }

    /// The directory where this scan keeps what is done, if it has one.
    ///
    /// # Errors
    /// When it cannot be written, or belongs to something else.
    pub fn checkpoint(&self, request: &Request) -> Result<Option<Checkpoint>, Failure> {
        let Some(dir) = &request.checkpoint else { return Ok(None) };
        let own = match self.shard {
            Some(shard) => format!("{} {shard}", self.digest),
            None => self.digest.clone(),
        };
        Ok(Some(Checkpoint::open(dir, &own, &self.id, &rfc3339(self.started))?))
    }
}

/// A digest of all that decides what is asked and how it is judged.
fn digest(request: &Request, connected: &Connected) -> Result<String, Bug> {
    let (targets, config) = (&connected.targets, &request.config);
    let parts = serde_json::json!({
        "tool": Tool::this(),
        "checks": connected.checks.iter().map(|check| check.id).collect::<Vec<_>>(),
        "regions": request.force.regions,
        "accounts": targets.all.iter().map(|target| &target.id).collect::<Vec<_>>(),
        // Not its ARN: that holds the name of a session, another one in each job.
        "caller": targets.caller.account,
        "organization": targets.organization,
        "config": config.source,
        "attestations": config.attestations_source,
    });
    let text = serde_json::to_vec(&parts).or_bug("writing down what the scan is")?;
    Ok(hex(&Sha256::digest(text)))
}

/// A random UUID (version 4).
fn scan_id() -> Result<String, UserError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let what = format!("the system gives no random numbers for the id of the scan: {error}");
        UserError::new(what, "run it where /dev/urandom or its like can be read")
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
