//! Joining the reports of shards into the one that a single run would have given. Findings pass through as a stream; what must fit
//! together is held against each other first, and a shard that does not is named.

use super::{Head, ReadError, Report, Summary, visit};
use crate::catalogue::{self, Check};
use crate::record::{Attestation, ConfigFile, Counts, Findings, GapSum, SuppressionUse, Tally};
use crate::report::PracticeRow;
use crate::scan::{Basis, roll_up};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use posture_estate::day::Date;
use posture_estate::finding::Gap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Reports that do not make one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{} and {} do not belong together: {what} differs; scan both with the same arguments, configuration and version", first.display(), other.display())]
    Mismatch { first: PathBuf, other: PathBuf, what: &'static str },
    #[error("account {account} is in {} and in {}; leave one out", first.display(), other.display())]
    Overlap { account: String, first: PathBuf, other: PathBuf },
    #[error("{}", missing(*count, shards))]
    Missing { count: u32, shards: Vec<u32> },
    #[error("{} and {} are both shard {shard}; leave one out", first.display(), other.display())]
    Twice { shard: String, first: PathBuf, other: PathBuf },
    #[error("{}: it was judged with another catalogue (posture {version}); merge with the version that scanned", path.display())]
    Catalogue { path: PathBuf, version: String },
    #[error("{} is a whole scan, not a shard of one; several reports make one only when they come from --shard I/N", path.display())]
    Whole { path: PathBuf },
    #[error("{}: its findings are not those that its summary counts; it was changed or cut, get it again from where it was written", path.display())]
    Torn { path: PathBuf },
    #[error("scan.as_of is {text:?}, which is no time; get the report again from where it was written")]
    Time { text: String },
    #[error("there is nothing to merge; name the reports of all shards")]
    Nothing,
}

fn missing(count: u32, shards: &[u32]) -> String {
    let names: Vec<String> = shards.iter().map(|index| format!("{index}/{count}")).collect();
    let (word, is) = if shards.len() == 1 { ("shard", "is") } else { ("shards", "are") };
    format!("{word} {} {is} missing; without them the report would hide their accounts; add them", names.join(", "))
}

/// Joins reports. A single one stays what it is, whatever catalogue judged it.
///
/// # Errors
/// When one cannot be read, or they do not make one scan.
pub fn merge(paths: &[PathBuf]) -> Result<Report, MergeError> {
    let (mut findings, mut tally) = (Findings::new(), Tally::default());
    let mut parts: Vec<(PathBuf, Head)> = Vec::new();
    let mut gaps: Vec<GapSum> = Vec::new();
    for path in paths {
        let mut counts = Counts::default();
        let (head, own) = visit(path, |record| {
            counts.add(record.status);
            tally.add(&record);
            findings.add(record).map_err(|error| format!("cannot keep findings in a temporary file: {error}"))
        })?;
        if counts != head.summary.findings.by_status {
            return Err(MergeError::Torn { path: path.clone() });
        }
        gaps.extend(own);
        parts.push((path.clone(), head));
    }
    findings.seal();
    gaps.sort();
    if let [(_, head)] = parts.as_slice()
        && head.scan.shard.is_none()
    {
        return Ok(Report { head: head.clone(), findings, gaps });
    }
    fits(&parts)?;
    let head = join(parts, &tally)?;
    Ok(Report { head, findings, gaps })
}

/// Whether the parts are those of one scan, each there once.
fn fits(parts: &[(PathBuf, Head)]) -> Result<(), MergeError> {
    let Some((first_path, first)) = parts.first() else { return Err(MergeError::Nothing) };
    for (path, head) in parts {
        if head.tool.catalogue != catalogue::digest() {
            let version = head.tool.version.clone();
            return Err(MergeError::Catalogue { path: path.clone(), version });
        }
        if let Some(what) = difference(first, head) {
            return Err(MergeError::Mismatch { first: first_path.clone(), other: path.clone(), what });
        }
    }
    let mut shards: BTreeMap<u32, &Path> = BTreeMap::new();
    for (path, head) in parts {
        let Some(shard) = head.scan.shard else { return Err(MergeError::Whole { path: path.clone() }) };
        if let Some(first) = shards.insert(shard.index, path) {
            let (first, other) = (first.to_owned(), path.clone());
            return Err(MergeError::Twice { shard: shard.to_string(), first, other });
        }
    }
    let mut accounts: BTreeMap<&str, &Path> = BTreeMap::new();
    for (path, head) in parts {
        for row in &head.scan.accounts {
            if let Some(first) = accounts.insert(&row.id, path) {
                let (account, first) = (row.id.clone(), first.to_owned());
                return Err(MergeError::Overlap { account, first, other: path.clone() });
            }
        }
    }
    if let Some(shard) = first.scan.shard {
        let absent: Vec<u32> = (1..=shard.count).filter(|index| !shards.contains_key(index)).collect();
        if !absent.is_empty() {
            return Err(MergeError::Missing { count: shard.count, shards: absent });
        }
    }
    Ok(())
}

/// More than a day lies between: one of them is left over from an earlier scan.
fn far_apart(a: &str, b: &str) -> bool {
    let seconds = |text| DateTime::from_str(text, Format::DateTime).map(|time| time.secs());
    match (seconds(a), seconds(b)) {
        (Ok(a), Ok(b)) => (a - b).abs() > 24 * 60 * 60,
        _ => true,
    }
}

/// What keeps two reports from being parts of one.
fn difference(a: &Head, b: &Head) -> Option<&'static str> {
    let baseline = |head: &Head| head.baseline.as_ref().map(|baseline| baseline.scan_id.clone());
    let sums = |head: &Head| {
        let digest = |source: &Option<ConfigFile>| source.as_ref().map(|source| source.sha256.clone());
        (digest(&head.scan.config), digest(&head.scan.attestations))
    };
    [
        ("the version of posture", a.tool != b.tool),
        ("the caller's account", a.scan.caller.account != b.scan.caller.account),
        ("the number of shards", a.scan.shard.map(|shard| shard.count) != b.scan.shard.map(|shard| shard.count)),
        ("the selection", a.scan.selection != b.scan.selection),
        ("the set of checks", a.scan.checks != b.scan.checks),
        ("the configuration", sums(a) != sums(b)),
        ("the list of accounts or regions", a.scan.plan != b.scan.plan),
        ("the day", far_apart(&a.scan.started_at, &b.scan.started_at)),
        ("the baseline", baseline(a) != baseline(b)),
        ("the severities", a.scan.severities != b.scan.severities),
        ("the settings of checks", a.scan.settings != b.scan.settings),
    ]
    .into_iter()
    .find_map(|(what, differs)| differs.then_some(what))
}

fn join(parts: Vec<(PathBuf, Head)>, tally: &Tally) -> Result<Head, MergeError> {
    let mut parts = parts.into_iter().map(|(_, head)| head);
    let mut whole = parts.next().ok_or(MergeError::Nothing)?;
    let mut attestations = whole.practices.iter().flat_map(statements).collect::<Vec<_>>();
    let mut regions: BTreeSet<String> = whole.scan.regions.drain(..).collect();
    let mut unanswered: BTreeMap<String, Gap> = BTreeMap::new();
    let mut ends = whole.scan.unanswered.drain(..).collect::<Vec<_>>();
    for head in parts {
        let scan = head.scan;
        if let (Some(whole), Some(own)) = (&mut whole.baseline, head.baseline) {
            whole.join(own);
        }
        whole.scan.complete &= scan.complete;
        whole.scan.calls += scan.calls;
        whole.scan.duration_ms = whole.scan.duration_ms.max(scan.duration_ms);
        whole.scan.started_at = whole.scan.started_at.min(scan.started_at);
        whole.scan.finished_at = whole.scan.finished_at.max(scan.finished_at);
        whole.scan.as_of = whole.scan.as_of.min(scan.as_of);
        whole.scan.accounts.extend(scan.accounts);
        regions.extend(scan.regions);
        ends.extend(scan.unanswered);
        SuppressionUse::join(&mut whole.suppressions, head.suppressions);
        for statement in head.practices.iter().flat_map(statements) {
            if !attestations.contains(&statement) {
                attestations.push(statement);
            }
        }
    }
    for gap in ends.into_iter().map(Gap::from) {
        let first = unanswered.entry(gap.call().to_owned()).or_insert_with(|| gap.clone());
        if gap < *first {
            *first = gap;
        }
    }
    whole.scan.shard = None;
    whole.scan.plan = None;
    whole.scan.accounts.sort_by(|a, b| a.id.cmp(&b.id));
    whole.scan.regions = regions.into_iter().collect();
    whole.scan.unanswered = unanswered.values().map(Into::into).collect();
    whole.summary = Summary::of(tally);
    // Without a day no attestation could be held against its end.
    let today = Date::of(&whole.scan.as_of).ok_or_else(|| MergeError::Time { text: whole.scan.as_of.clone() })?;
    whole.practices = practices(&whole, today, tally, &attestations, &unanswered);
    Ok(whole)
}

/// The practices again, over everything.
fn practices(
    head: &Head,
    today: Date,
    tally: &Tally,
    attestations: &[Attestation],
    unanswered: &BTreeMap<String, Gap>,
) -> Vec<PracticeRow> {
    let ran: Vec<&'static Check> = head.scan.checks.iter().filter_map(|id| catalogue::find(id)).collect();
    let results = roll_up(&Basis {
        pillar: catalogue::pillar(),
        tally,
        ran: &ran,
        all: &catalogue::checks().iter().collect::<Vec<_>>(),
        gaps: &unanswered.values().cloned().collect(),
        attestations,
        accounts: &head.scan.in_reach().collect::<Vec<_>>(),
        today,
    });
    results.iter().map(PracticeRow::of).collect()
}

fn statements(row: &PracticeRow) -> impl Iterator<Item = Attestation> {
    let practice = catalogue::pillar().reported(&row.slug, &row.id);
    row.attestations.iter().filter_map(move |one| {
        Some(Attestation {
            practice: practice?,
            accounts: one.accounts.clone(),
            statement: one.statement.clone(),
            owner: one.owner.clone(),
            date: one.date,
            expires: one.expires,
            evidence: one.evidence.clone(),
        })
    })
}
