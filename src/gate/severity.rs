//! Severities that an organization sets itself, in the place of those of the catalogue.

use crate::catalogue::Check;
use crate::record::Override;
use posture_estate::finding::Severity;
use std::collections::BTreeMap;

/// By check id, the severity that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(BTreeMap<&'static str, Severity>);

impl Severities {
    pub fn set(&mut self, check: &Check, severity: Severity) {
        self.0.insert(check.id, severity);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The severity that counts.
    pub fn of(&self, check: &Check) -> Severity {
        self.0.get(check.id).copied().unwrap_or_else(|| check.severity())
    }

    /// What they change in these checks, by id.
    pub fn changes<'a>(&self, checks: impl IntoIterator<Item = &'a Check>) -> BTreeMap<String, Override> {
        let pair = |check: &Check| (check.id.to_owned(), Override { from: check.severity(), to: self.of(check) });
        checks.into_iter().map(pair).filter(|(_, change)| change.from != change.to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{checks, find};

    #[test]
    fn only_what_differs_is_a_change() {
        let (critical, other) = (find("iam_root_mfa_enabled").unwrap(), &checks()[0]);
        let mut severities = Severities::default();
        severities.set(critical, critical.severity());
        assert!(severities.changes(checks()).is_empty() && !severities.is_empty());
        severities.set(critical, Severity::Info);
        let change = Override { from: Severity::Critical, to: Severity::Info };
        assert_eq!(severities.changes(checks()), [("iam_root_mfa_enabled".to_owned(), change)].into());
        assert!(severities.changes([other]).is_empty());
        assert_eq!(severities.of(other), other.severity());
    }
}
