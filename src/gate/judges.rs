//! All judges of a scan together: the terms that its records are born with, and what these came to in the end.

use super::{Baseline, Coverage, Severities, Suppressor};
use crate::catalogue::ChangedSettings;
use crate::catalogue::Check;
use crate::record::{BaselineNote, Change, Record, Suppression, SuppressionUse, Terms};
use crate::report::Head;
use posture_estate::finding::Severity;
use std::borrow::Cow;
use std::cell::RefCell;

/// What a configuration and an earlier report say of the findings of one scan.
#[derive(Debug)]
pub struct Judges<'a> {
    severities: &'a Severities,
    settings: &'a ChangedSettings,
    suppressor: RefCell<Suppressor<'a>>,
    baseline: Option<RefCell<Baseline>>,
}

impl<'a> Judges<'a> {
    pub fn new(
        severities: &'a Severities,
        settings: &'a ChangedSettings,
        suppressor: Suppressor<'a>,
        baseline: Option<Baseline>,
    ) -> Judges<'a> {
        Judges { severities, settings, suppressor: RefCell::new(suppressor), baseline: baseline.map(RefCell::new) }
    }

    /// Every suppression with what became of it, when all findings have been judged.
    pub fn uses(&self, scope: &Coverage<'_>) -> Vec<SuppressionUse> {
        self.suppressor.borrow().uses(scope)
    }

    /// What the comparison with the baseline came to, if there is one; `head` is that of this scan.
    pub fn note(&self, head: &Head) -> Option<BaselineNote> {
        self.baseline.as_ref().map(|baseline| baseline.borrow().note(head))
    }
}

impl Terms for Judges<'_> {
    fn severity(&self, check: &Check) -> Severity {
        self.severities.of(check)
    }

    fn title(&self, check: &'static Check) -> Cow<'static, str> {
        self.settings.title(check)
    }

    fn suppression(&self, record: &Record) -> Option<Suppression> {
        self.suppressor.borrow_mut().judge(record)
    }

    fn change(&self, record: &Record) -> Option<Change> {
        self.baseline.as_ref()?.borrow_mut().compare(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::gate::baseline::tests::baseline;
    use crate::gate::fixtures::report;
    use crate::record::SuppressionRule;
    use crate::record::suppression::tests::conditions;
    use posture_estate::finding::{Resource, Verdict};

    #[test]
    fn a_record_is_born_with_its_severity_title_suppression_and_change() {
        let check = find("iam_access_keys_rotated").unwrap();
        let mut severities = Severities::default();
        severities.set(check, Severity::Info);
        let tables = toml::from_str("iam_access_keys_rotated = { max_age_days = 180 }").unwrap();
        let settings = ChangedSettings::parse(tables).unwrap();
        let suppression = Suppression { reason: "r".into(), owner: "o".into(), expires: "2027-01-01".parse().unwrap() };
        let rules = [SuppressionRule { line: 1, conditions: conditions("iam_*"), suppression: suppression.clone() }];
        let suppressor = Suppressor::new(&rules, "2026-11-22".parse().unwrap());
        let earlier = baseline(&report([])).unwrap();
        let judges = Judges::new(&severities, &settings, suppressor, Some(earlier));
        let finding = Verdict::fail("key_too_old", "old").on(Resource::new(
            "arn:aws:iam::111122223333:user/u",
            "AWS::IAM::User",
            "u",
        ));
        let record = Record::new(check, "111122223333", &None, finding.clone(), &judges);
        assert_eq!(record.severity, Severity::Info);
        assert_eq!(record.title, "Active access keys are at most 180 days old");
        assert_eq!(record.suppression, Some(suppression));
        assert_eq!(record.change, Some(Change::New));
        let plain = Record::new(check, "111122223333", &None, finding, &());
        assert_eq!((plain.severity, plain.suppression, plain.change), (check.severity(), None, None));
    }
}
