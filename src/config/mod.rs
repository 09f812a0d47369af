//! `posture.toml`: found in the working directory or above it, or named. Whatever is not understood in it is an error with
//! file and line: a misspelt key would otherwise silently attest nothing, or select everything.
//!
//! A section is a file here: its `Raw` is what serde reads, with the place of each value, and a function makes of it what
//! the program works with. A new section is a field of [`Raw`], a field of [`Config`], a line in [`parse`] and its keys in
//! `posture.toml` beside this file, which documents all of them.

mod attestation;
mod conditions;
mod keys;
mod scan;
mod severity;
mod suppression;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub use scan::ScanTable;
pub use template::template;

use crate::catalogue::ChangedSettings;
use crate::catalogue::Tables;
use crate::gate::Severities;
use crate::record::{Attestation, ConfigFile, SuppressionRule};
use posture_estate::day::Date;
use posture_estate::text::hex;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use value::Wrong;

/// The name that is looked for.
pub const NAME: &str = "posture.toml";

/// A file with every key, commented out.
pub const TEMPLATE: &str = include_str!("posture.toml");

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file; `None` when there is none.
    pub source: Option<ConfigFile>,
    pub scan: ScanTable,
    pub severities: Severities,
    /// The tables `[check.ID]`.
    pub checks: Arc<ChangedSettings>,
    pub attestations: Vec<Attestation>,
    /// Where the attestations are from, when from another file.
    pub attestations_source: Option<ConfigFile>,
    pub suppressions: Vec<SuppressionRule>,
}

/// A file that cannot be used, with the place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {error}; give another file with --config, or none with --no-config", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    Wrong { path: PathBuf, line: usize, message: String },
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "tables such as [scan] and [[suppression]]")]
struct Raw {
    #[serde(default)]
    scan: scan::Raw,
    #[serde(default)]
    severity: severity::Raw,
    #[serde(default)]
    check: Tables,
    #[serde(default, rename = "attestation")]
    attestations: Vec<attestation::Raw>,
    #[serde(default, rename = "suppression")]
    suppressions: Vec<suppression::Raw>,
}

/// The nearest `posture.toml` from `from` upwards.
pub fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|dir| dir.join(NAME)).find(|path| path.is_file())
}

impl Config {
    /// Reads a file. `today` is the last day that a statement can be of.
    ///
    /// # Errors
    /// When it cannot be read, or says something unknown, unfinished or contradictory.
    pub fn read(path: &Path, today: Date) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read { path: path.to_owned(), error })?;
        let dir = path.parent().unwrap_or(Path::new(""));
        let config = parse(&text, dir, today).map_err(|(at, message)| {
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            ConfigError::Wrong { path: path.to_owned(), line, message }
        })?;
        let sha256 = hex(&Sha256::digest(text.as_bytes()));
        Ok(Config { source: Some(ConfigFile { path: path.display().to_string(), sha256 }), ..config })
    }
}

fn parse(text: &str, dir: &Path, today: Date) -> Result<Config, Wrong> {
    if let Some(wrong) = keys::unknown(text) {
        return Err(wrong);
    }
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        (error.span().map_or(0, |span| span.start), value::of_another_type(&message))
    })?;
    let severities = severity::read(raw.severity)?;
    Ok(Config {
        scan: scan::read(raw.scan, dir, &severities)?,
        severities,
        checks: Arc::new(ChangedSettings::parse(raw.check)?),
        attestations: attestation::all(raw.attestations, today)?,
        suppressions: suppression::all(raw.suppressions, text, today)?,
        ..Config::default()
    })
}
