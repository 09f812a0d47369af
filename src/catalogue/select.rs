//! Which checks: by glob, practice, service and severity. A name that selects nothing is an error, not an empty scan.

use super::{Check, checks, pillar};
use globset::GlobBuilder;
use posture_estate::finding::Severity;
use posture_estate::text::closest;
use serde::{Deserialize, Serialize};

/// What the user asked for; empty lists mean "all".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Globs over check ids, anchored: `s3_*`, `iam_root_mfa_enabled`.
    pub checks: Vec<String>,
    /// Practice ids, slugs or titles.
    pub practices: Vec<String>,
    pub services: Vec<String>,
    /// This severity and worse.
    pub severity: Option<Severity>,
}

/// A selection that names something that does not exist, or leaves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SelectError(String);

impl Selection {
    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        *self == Selection::default()
    }

    /// The checks that it picks by the severities of their cards, sorted by id.
    ///
    /// # Errors
    /// When a glob, practice or service picks nothing on its own, or all of them together do.
    pub fn pick(&self) -> Result<Vec<&'static Check>, SelectError> {
        self.pick_by(Check::severity)
    }

    /// The same, where `severity` says how bad a check is.
    ///
    /// # Errors
    /// As [`Selection::pick`].
    pub fn pick_by(&self, severity: impl Fn(&Check) -> Severity) -> Result<Vec<&'static Check>, SelectError> {
        let globs = self.checks.iter().map(|glob| matcher(glob)).collect::<Result<Vec<_>, _>>()?;
        for glob in &self.checks {
            matching(glob)?;
        }
        let practices = self.practices.iter().map(|name| practice_id(name)).collect::<Result<Vec<_>, _>>()?;
        for name in &self.services {
            service(name)?;
        }
        let picked: Vec<&Check> = checks()
            .iter()
            .filter(|check| globs.is_empty() || globs.iter().any(|glob| glob.is_match(check.id)))
            .filter(|check| {
                practices.is_empty() || check.card.practices.iter().any(|id| practices.contains(&id.as_str()))
            })
            .filter(|check| self.services.is_empty() || self.services.iter().any(|service| service == check.service))
            .filter(|check| self.severity.is_none_or(|least| severity(check) >= least))
            .collect();
        if picked.is_empty() {
            return Err(SelectError(
                "the selection leaves no check; loosen --check, --practice, --service or --severity".into(),
            ));
        }
        Ok(picked)
    }
}

/// The checks that a glob matches.
///
/// # Errors
/// When there is none, or it is no glob.
pub fn matching(glob: &str) -> Result<Vec<&'static Check>, SelectError> {
    let globs = matcher(glob)?;
    let found: Vec<&Check> = checks().iter().filter(|check| globs.is_match(check.id)).collect();
    if found.is_empty() {
        let near = closest(glob, checks().iter().map(|check| check.id));
        return Err(SelectError(format!("no check matches {glob:?}{near}; `posture list` shows them all")));
    }
    Ok(found)
}

/// A service that has checks, in the spelling of the catalogue; case does not matter.
///
/// # Errors
/// When there is none of this name.
pub fn service(name: &str) -> Result<&'static str, SelectError> {
    let mut known: Vec<&'static str> = checks().iter().map(|check| check.service).collect();
    known.dedup();
    let there = known.iter().find(|service| service.eq_ignore_ascii_case(name));
    let none = || SelectError(format!("no checks for service {name:?}; there are {}", known.join(", ")));
    there.copied().ok_or_else(none)
}

fn matcher(glob: &str) -> Result<globset::GlobMatcher, SelectError> {
    let glob =
        GlobBuilder::new(glob).build().map_err(|error| SelectError(format!("check {glob:?}: {}", error.kind())))?;
    Ok(glob.compile_matcher())
}

/// The id of the one practice that goes by a name.
///
/// # Errors
/// When there is none, or the name can mean several.
pub fn practice_id(name: &str) -> Result<&'static str, SelectError> {
    match pillar().meanings(name).as_slice() {
        [one] => Ok(&one.practice.id),
        [] => {
            let near = closest(name, pillar().practices.iter().map(|practice| practice.id.as_str()));
            Err(SelectError(format!("no practice {name:?}{near}; `posture practices` shows them all")))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|meaning| meaning.practice.id.as_str()).collect();
            Err(SelectError(format!("{name:?} can mean {}; name one of them", ids.join(", "))))
        }
    }
}
