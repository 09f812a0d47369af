//! Which checks: by glob, practice, service and severity. A name that selects nothing is an error, not an empty scan.

use super::{Catalogue, Check, Pillar, Practice, checks, pillar};
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
        self.pick_from(Catalogue::this(), severity)
    }

    fn pick_from<'a>(
        &self,
        catalogue: &'a Catalogue,
        severity: impl Fn(&Check) -> Severity,
    ) -> Result<Vec<&'a Check>, SelectError> {
        let globs = self.checks.iter().map(|glob| matcher(glob)).collect::<Result<Vec<_>, _>>()?;
        for glob in &self.checks {
            matching(glob)?;
        }
        let practices =
            self.practices.iter().map(|name| catalogue.pillar.named(name)).collect::<Result<Vec<_>, _>>()?;
        let wanted = |slug: &String| practices.iter().any(|practice| practice.slug == *slug);
        for name in &self.services {
            service(name)?;
        }
        let picked: Vec<&Check> = catalogue
            .checks
            .iter()
            .filter(|check| globs.is_empty() || globs.iter().any(|glob| glob.is_match(check.id)))
            .filter(|check| practices.is_empty() || check.card.slugs.iter().any(wanted))
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

/// The id of the one practice of this build that goes by a name.
///
/// # Errors
/// When there is none, or the name can mean several.
pub fn practice_id(name: &str) -> Result<&'static str, SelectError> {
    pillar().named(name).map(|practice| practice.id.as_str())
}

impl Pillar {
    /// The one practice that goes by a name.
    ///
    /// # Errors
    /// When there is none, or the name can mean several.
    pub fn named(&self, name: &str) -> Result<&Practice, SelectError> {
        match self.meanings(name).as_slice() {
            [one] => Ok(one.practice),
            [] => {
                let near = closest(name, self.practices.iter().map(|practice| practice.id.as_str()));
                Err(SelectError(format!("no practice {name:?}{near}; `posture practices` shows them all")))
            }
            several => {
                let ids: Vec<&str> = several.iter().map(|meaning| meaning.practice.id.as_str()).collect();
                Err(SelectError(format!("{name:?} can mean {}; name one of them", ids.join(", "))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_practice_is_picked_by_the_number_of_the_current_edition_and_by_its_slug() {
        let picked = |catalogue: &Catalogue, name: &str| -> Vec<&'static str> {
            let selection = Selection { practices: vec![name.to_owned()], ..Selection::default() };
            selection.pick_from(catalogue, Check::severity).unwrap().iter().map(|check| check.id).collect()
        };
        let (this, made_up) = (Catalogue::this(), crate::catalogue::edition::made_up());
        let today = picked(this, "SEC05-BP02");
        assert!(today.len() > 1 && today != picked(this, "SEC05-BP03"));
        for name in ["SEC05-BP03", "Nov 2024: SEC05-BP02", "sec_network_protection_layered"] {
            assert_eq!(picked(&made_up, name), today, "{name}");
        }
        assert_eq!(picked(&made_up, "SEC05-BP02"), picked(this, "SEC05-BP03"));
    }
}
