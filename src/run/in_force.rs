//! What a scan goes by: flags win over the file, the file over the defaults, key by key.

use super::{Failure, UserError};
use crate::catalogue::{Check, Selection};
use crate::config::Config;
use crate::formats::Output;
use crate::gate::{FailOn, Rules};
use posture_estate::finding::Severity;
use std::path::PathBuf;

/// What was said for this run; empty and `None` where nothing was.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub profiles: Vec<String>,
    pub regions: Vec<String>,
    pub selection: Selection,
    pub outputs: Vec<Output>,
    pub fail_on: Option<FailOn>,
    pub baseline: Option<PathBuf>,
    pub allow_unknown: Option<bool>,
    pub fail_on_unknown: Option<Severity>,
}

/// Every key that has a flag and a place in the file, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Empty means the SDK's credential chain.
    pub profiles: Vec<String>,
    pub regions: Vec<String>,
    pub selection: Selection,
    pub outputs: Vec<Output>,
    pub fail_on: FailOn,
    pub baseline: Option<PathBuf>,
    pub allow_unknown: bool,
    /// Only a flag; it wins over an `allow_unknown` of the file.
    pub fail_on_unknown: Option<Severity>,
}

impl InForce {
    /// `environment` says that the environment names a profile or holds credentials, which is more of this run than the
    /// file is.
    pub fn of(flags: Flags, config: &Config, environment: bool) -> InForce {
        let file = &config.scan;
        let profiles = match flags.profiles.as_slice() {
            [] if !environment => file.profile.iter().cloned().collect(),
            _ => flags.profiles,
        };
        let outputs = match flags.outputs.as_slice() {
            [] => file.outputs.clone().unwrap_or_else(|| vec![Output::DEFAULT]),
            _ => flags.outputs,
        };
        InForce {
            profiles,
            regions: list(&flags.regions, file.regions.as_ref()),
            selection: selection(&flags.selection, config),
            outputs,
            fail_on: flags.fail_on.or(file.fail_on).unwrap_or_default(),
            baseline: flags.baseline.or_else(|| file.baseline.clone()),
            allow_unknown: flags.fail_on_unknown.is_none()
                && flags.allow_unknown.or(file.allow_unknown).unwrap_or(false),
            fail_on_unknown: flags.fail_on_unknown,
        }
    }

    /// What breaks the gate.
    pub fn rules(&self) -> Rules {
        Rules::new(self.fail_on.severity(), self.baseline.is_some(), self.allow_unknown, self.fail_on_unknown)
    }
}

/// Whether the environment says whose credentials to use.
pub fn environment_has_credentials() -> bool {
    let names = [
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn list(flags: &[String], file: Option<&Vec<String>>) -> Vec<String> {
    if flags.is_empty() { file.cloned().unwrap_or_default() } else { flags.to_vec() }
}

/// The selection of flags and file.
pub fn selection(flags: &Selection, config: &Config) -> Selection {
    let file = &config.scan;
    Selection {
        checks: list(&flags.checks, file.checks.as_ref()),
        practices: list(&flags.practices, file.practices.as_ref()),
        services: list(&flags.services, file.services.as_ref()),
        severity: flags.severity.or(file.severity),
    }
}

/// The checks of a selection by the severities of the file.
///
/// # Errors
/// When it names what there is not, or leaves no check.
pub fn pick(selection: &Selection, config: &Config) -> Result<Vec<&'static Check>, Failure> {
    selection.pick_by(|check| config.severities.of(check)).map_err(|error| match &config.source {
        Some(source) if !config.scan.selection().is_all() => {
            UserError::new(format_args!("{error}; {} selects too", source.path), "--no-config leaves it out").into()
        }
        _ => error.into(),
    })
}
