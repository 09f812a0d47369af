//! `[scan]`: the keys that have a flag of the same meaning, which wins over them.

use super::value::{Wrong, cut, filled};
use crate::catalogue::{self, Check, Selection};
use crate::formats::{self, Output};
use crate::gate::{FailOn, Severities};
use globset::Glob;
use posture_estate::arn::looks_like_region;
use posture_estate::finding::Severity;
use posture_estate::text::closest;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A list of words.
type Words = Spanned<Vec<Spanned<String>>>;

/// The keys of the table, as [`Raw`] reads them.
pub const KEYS: &[&str] = &[
    "profile",
    "regions",
    "checks",
    "practices",
    "services",
    "severity",
    "fail_on",
    "allow_unknown",
    "baseline",
    "outputs",
];

/// The table as it stands in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, which [scan] begins")]
pub(super) struct Raw {
    profile: Option<Spanned<String>>,
    regions: Option<Words>,
    checks: Option<Words>,
    practices: Option<Words>,
    services: Option<Words>,
    severity: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    allow_unknown: Option<bool>,
    baseline: Option<Spanned<String>>,
    outputs: Option<Words>,
}

/// What the table says; `None` where it says nothing. Paths are those of the file's directory.
#[derive(Clone, Debug, Default)]
pub struct ScanTable {
    pub profile: Option<String>,
    pub regions: Option<Vec<String>>,
    pub checks: Option<Vec<String>>,
    pub practices: Option<Vec<String>>,
    pub services: Option<Vec<String>>,
    pub severity: Option<Severity>,
    pub fail_on: Option<FailOn>,
    pub allow_unknown: Option<bool>,
    pub baseline: Option<PathBuf>,
    pub outputs: Option<Vec<Output>>,
}

impl ScanTable {
    /// What it selects on its own.
    pub fn selection(&self) -> Selection {
        Selection {
            checks: self.checks.clone().unwrap_or_default(),
            practices: self.practices.clone().unwrap_or_default(),
            services: self.services.clone().unwrap_or_default(),
            severity: self.severity,
        }
    }
}

/// Reads the table; relative paths are of `dir`, and `severities` count for the least severity.
///
/// # Errors
/// At the first value that names nothing that there is, or when all together leave no check.
pub(super) fn read(raw: Raw, dir: &Path, severities: &Severities) -> Result<ScanTable, Wrong> {
    let selects = [&raw.checks, &raw.practices, &raw.services].into_iter().flatten().map(|list| list.span().start);
    let selects = selects.chain(raw.severity.as_ref().map(|word| word.span().start)).min().unwrap_or(0);
    let outputs_at = raw.outputs.as_ref().map_or(0, |list| list.span().start);
    let table = ScanTable {
        profile: raw.profile.map(|name| filled("profile", name)).transpose()?,
        regions: words("regions", raw.regions, region)?,
        checks: words("checks", raw.checks, |glob| catalogue::matching(glob).map_err(text).map(|_| glob.to_owned()))?,
        practices: words("practices", raw.practices, |name| {
            catalogue::practice_id(name).map_err(text).map(str::to_owned)
        })?,
        services: words("services", raw.services, |name| catalogue::service(name).map_err(text).map(str::to_owned))?,
        severity: raw.severity.map(severity).transpose()?,
        fail_on: raw.fail_on.map(|word| one_of(word, &FailOn::ALL, FailOn::as_str)).transpose()?,
        allow_unknown: raw.allow_unknown,
        baseline: raw.baseline.map(|path| filled("baseline", path)).transpose()?.map(|path| dir.join(path)),
        outputs: words("outputs", raw.outputs, |spec| spec.parse().map(|output: Output| output.in_dir(dir)))?,
    };
    if let Some(outputs) = &table.outputs {
        formats::distinct(outputs).map_err(|error| (outputs_at, error))?;
    }
    let picked: Result<Vec<&Check>, _> = table.selection().pick_by(|check| severities.of(check));
    picked.map_err(|_| (selects, "checks, practices, services and severity together leave no check".to_owned()))?;
    Ok(table)
}

/// A severity.
///
/// # Errors
/// When it is none, with the nearest.
pub fn severity(word: Spanned<String>) -> Result<Severity, Wrong> {
    one_of(word, &Severity::ALL, Severity::as_str)
}

/// A word of a fixed list.
fn one_of<T: Copy>(word: Spanned<String>, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Wrong> {
    let (word, at) = cut(word);
    let none = || {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        let near = closest(&word.to_lowercase(), names.iter().copied());
        (at.start, format!("{word:?} is none of {}{near}", names.join(", ")))
    };
    all.iter().copied().find(|one| name(*one) == word).ok_or_else(none)
}

fn text(error: impl std::error::Error) -> String {
    error.to_string()
}

/// Each word of a list that says something.
fn words<T>(key: &str, list: Option<Words>, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<Vec<T>>, Wrong> {
    let Some(list) = list else { return Ok(None) };
    let (list, at) = cut(list);
    if list.is_empty() {
        return Err((at.start, format!("{key} is empty; leave it out for the default")));
    }
    let read = |word: Spanned<String>| {
        let (word, at) = cut(word);
        read(&word).map_err(|error| (at.start, error))
    };
    list.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// A region or a glob over regions; which ones there are is known when AWS has answered.
fn region(name: &str) -> Result<String, String> {
    if name.contains(['*', '?', '[', '{']) {
        let fits =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?[]{},!".contains(&byte));
        let glob = Glob::new(name).map_err(|error| format!("region {name:?}: {}", error.kind()))?;
        return if fits { Ok(glob.glob().to_owned()) } else { Err(format!("{name:?} matches no region")) };
    }
    if looks_like_region(name) {
        return Ok(name.to_owned());
    }
    Err(format!("{name:?} is no region such as eu-west-1, nor a glob such as \"eu-*\""))
}
