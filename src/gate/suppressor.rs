//! Suppressions at work: each finding is held against them as it passes by, and in the end every one of them has a state, so
//! that none goes on unseen after its day, its resource or its reason.

use crate::catalogue::{Check, checks};
use crate::record::{Conditions, Record, Suppression, SuppressionRule, SuppressionState, SuppressionUse};
use posture_estate::day::Date;
use posture_estate::finding::Status;
use std::collections::HashMap;

/// What a scan looked at.
#[derive(Clone, Copy, Debug)]
pub struct Coverage<'a> {
    pub checks: &'a [&'static Check],
    pub accounts: &'a [&'a str],
    /// Of any of them.
    pub regions: &'a [&'a str],
    /// It was not interrupted.
    pub complete: bool,
}

/// All suppressions, and what each has matched so far.
#[derive(Debug)]
pub struct Suppressor<'a> {
    rules: &'a [SuppressionRule],
    today: Date,
    /// The rules that a check is subject to; found when its first finding comes.
    by_check: HashMap<String, Vec<usize>>,
    seen: Vec<Seen>,
}

/// What a rule has met.
#[derive(Clone, Debug, Default)]
struct Seen {
    failed: u64,
    /// Failed findings of which it names some reasons or none, but not all.
    beyond: u64,
    /// Findings that it matches and that do not fail.
    settled: bool,
    /// Something that could be its findings was not seen.
    open: bool,
}

impl<'a> Suppressor<'a> {
    /// The rules of a file on a day; of several that match a finding, the first in force is the one that it shows.
    pub fn new(rules: &'a [SuppressionRule], today: Date) -> Suppressor<'a> {
        Suppressor { rules, today, by_check: HashMap::new(), seen: vec![Seen::default(); rules.len()] }
    }

    /// Who accepts a failed finding, if someone does.
    pub fn judge(&mut self, record: &Record) -> Option<Suppression> {
        if !self.by_check.contains_key(&*record.check_id) {
            let about = |(_, rule): &(usize, &SuppressionRule)| rule.conditions.check.is_match(&record.check_id);
            let rules = self.rules.iter().enumerate().filter(about).map(|(index, _)| index).collect();
            self.by_check.insert(record.check_id.clone().into_owned(), rules);
        }
        let rules = self.by_check.get(&*record.check_id)?;
        let (mut accepted, mut expired, mut beyond) = (None, Vec::new(), Vec::new());
        for &index in rules {
            let (rule, seen) = (&self.rules[index], &mut self.seen[index]);
            match record.status {
                Status::Unknown => seen.open |= may_hold(&rule.conditions, record),
                Status::Pass | Status::NotApplicable => seen.settled |= !seen.settled && rule.conditions.hold(record),
                Status::Fail if !rule.conditions.hold(record) => {}
                Status::Fail if !rule.conditions.name_all_reasons_of(record) => beyond.push(index),
                Status::Fail if rule.is_expired(self.today) => expired.push(index),
                Status::Fail => {
                    seen.failed += 1;
                    accepted.get_or_insert(&rule.suppression);
                }
            }
        }
        if accepted.is_none() {
            expired.into_iter().for_each(|index| self.seen[index].failed += 1);
            beyond.into_iter().for_each(|index| self.seen[index].beyond += 1);
        }
        accepted.cloned()
    }

    /// Every suppression with its state, in the order of the file.
    pub fn uses(&self, scope: &Coverage<'_>) -> Vec<SuppressionUse> {
        let of = |(rule, seen): (&SuppressionRule, &Seen)| {
            let state = match seen {
                _ if rule.is_expired(self.today) => SuppressionState::Expired,
                Seen { failed: 1.., .. } => SuppressionState::InForce,
                Seen { beyond: 1.., .. } => SuppressionState::Unused,
                Seen { open: true, .. } => SuppressionState::NotJudged,
                _ if !scope.covers(&rule.conditions) => SuppressionState::NotJudged,
                Seen { settled: true, .. } => SuppressionState::NotNeeded,
                _ => SuppressionState::Unused,
            };
            SuppressionUse { rule: rule.clone(), state, findings: seen.failed, beyond: seen.beyond }
        };
        self.rules.iter().zip(&self.seen).map(of).collect()
    }
}

/// Whether an unknown finding may hide one that is meant: a list that was denied names no resource, and no region where
/// an account-wide check would have found one.
fn may_hold(conditions: &Conditions, record: &Record) -> bool {
    conditions.in_account(&record.account_id) && (record.region == "global" || conditions.in_region(&record.region))
}

impl Coverage<'_> {
    /// Whether the scan looked wherever the conditions say, so that nothing found there means that there is nothing.
    fn covers(&self, conditions: &Conditions) -> bool {
        let mut about = checks().iter().filter(|check| conditions.check.is_match(check.id));
        let account = |id: &str| self.accounts.contains(&id);
        let region = |name: &str| name == "global" || self.regions.contains(&name);
        // Of `arn:partition:service:region:account:…`, as far as no `*` stands before, which may be several of them.
        let arn = conditions.resource.as_ref().map_or("", |arn| arn.as_str());
        let fixed = &arn[..arn.find(['*', '?']).unwrap_or(arn.len())];
        let whole: Vec<&str> = fixed.rsplit_once(':').map_or("", |(fields, _)| fields).split(':').collect();
        let named = |index: usize| whole.get(index).copied().filter(|field| !field.is_empty());
        self.complete
            && about.all(|check| self.checks.iter().any(|ran| ran.id == check.id))
            && conditions.accounts.iter().all(|id| account(id))
            && conditions.regions.iter().filter(|one| one.is_exact()).all(|one| region(one.as_str()))
            && named(3).is_none_or(region)
            // The account of what belongs to AWS is `aws`.
            && named(4).filter(|id| *id != "aws").is_none_or(account)
    }
}

#[cfg(test)]
mod tests {
    use super::SuppressionState::{Expired, InForce, NotJudged, NotNeeded, Unused};
    use super::*;
    use crate::record::suppression::tests::{conditions, record, tags};
    use crate::record::{Glob, SuppressionRule};

    const CHECK: &str = "s3_bucket_not_public";

    fn rule(line: usize, expires: &str, conditions: Conditions) -> SuppressionRule {
        let suppression = Suppression {
            reason: "a web site".into(),
            owner: format!("owner-{line}"),
            expires: expires.parse().unwrap(),
        };
        SuppressionRule { line, conditions, suppression }
    }

    fn on(arn: &str) -> Conditions {
        Conditions { resource: Some(Glob::new(arn)), ..conditions(CHECK) }
    }

    fn today() -> Date {
        "2026-11-22".parse().unwrap()
    }

    fn uses(rules: &[SuppressionRule], records: &mut [Record], complete: bool) -> Vec<SuppressionUse> {
        let mut suppressor = Suppressor::new(rules, today());
        records.iter_mut().for_each(|record| record.suppression = suppressor.judge(record));
        let checks: Vec<&'static Check> = checks().iter().collect();

        suppressor.uses(&Coverage { checks: &checks, accounts: &["111122223333"], regions: &["eu-west-1"], complete })
    }

    fn states(rules: &[SuppressionRule], records: &mut [Record]) -> Vec<(SuppressionState, u64)> {
        uses(rules, records, true).iter().map(|one| (one.state, one.findings)).collect()
    }

    fn finding(arn: &str, status: Status) -> Record {
        record(CHECK, "eu-west-1", arn, status)
    }

    #[test]
    fn only_failed_findings_are_suppressed_and_they_stay_failed() {
        let rules = [rule(1, "2026-11-22", conditions("s3_*"))];
        let mut records = [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable]
            .map(|status| finding("arn:aws:s3:::a", status));
        assert_eq!(states(&rules, &mut records), [(InForce, 1)]);
        assert_eq!(records[0].suppression.as_ref(), Some(&rules[0].suppression));
        assert!(!records[0].counts() && records[0].status == Status::Fail);
        assert!(records[1..].iter().all(|record| record.suppression.is_none()));
    }

    #[test]
    fn an_expired_one_stops_and_says_what_counts_again() {
        let rules = [rule(4, "2026-11-21", on("arn:aws:s3:::a*"))];
        let mut records = ["a1", "a2", "b"].map(|name| finding(&format!("arn:aws:s3:::{name}"), Status::Fail));
        let all = uses(&rules, &mut records, true);
        assert_eq!((all[0].state, all[0].findings), (Expired, 2));
        assert!(records.iter().all(Record::counts));
        assert_eq!(
            all[0].warning(today()).unwrap(),
            "the suppression of s3_bucket_not_public by owner-4 (line 4) expired on 2026-11-21; 2 failed findings count again"
        );
    }

    #[test]
    fn one_for_a_reason_is_lifted_by_another_and_says_so() {
        let only = |line: usize, slugs: &[&str]| {
            let broken = slugs.iter().map(|&slug| slug.to_owned()).collect();
            rule(line, "2027-01-01", Conditions { broken, ..conditions(CHECK) })
        };
        let broken = |name: &str, slugs: &[&'static str]| Record {
            reasons: slugs.iter().map(|slug| (*slug).into()).collect(),
            ..finding(&format!("arn:aws:s3:::{name}"), Status::Fail)
        };
        let rules = [only(3, &["acl_public"])];
        let mut records = [broken("a", &["acl_public"]), broken("b", &["acl_public", "policy_public"])];
        let all = uses(&rules, &mut records, true);
        assert_eq!((all[0].state, all[0].findings, all[0].beyond), (InForce, 1, 1));
        assert!(!records[0].counts() && records[1].counts());
        let does_not_hold = "the suppression of s3_bucket_not_public by owner-3 (line 3) does not hold for 1 failed finding, \
                             which has reasons that it does not name";
        assert_eq!(all[0].warning(today()).unwrap(), does_not_hold);
        let mut other = [broken("b", &["policy_public"])];
        let lifted = uses(&rules, &mut other, false);
        assert_eq!((lifted[0].state, lifted[0].findings), (Unused, 0));
        assert_eq!(lifted[0].warning(today()).unwrap(), does_not_hold, "whatever else was not seen");
        let mut accepted = [broken("b", &["policy_public"])];
        let rules = [only(3, &["acl_public"]), only(9, &["policy_public"])];
        assert_eq!(states(&rules, &mut accepted), [(Unused, 0), (InForce, 1)]);
        assert_eq!(uses(&rules, &mut accepted, true)[0].beyond, 0, "somebody accepts it");
        let passes = &mut [finding("arn:aws:s3:::a", Status::Pass)];
        assert_eq!(states(&rules, passes), [(NotNeeded, 0), (NotNeeded, 0)]);
    }

    #[test]
    fn the_first_one_in_force_is_shown_and_all_that_match_are_used() {
        let rules = [
            rule(1, "2026-01-01", conditions(CHECK)),
            rule(2, "2027-01-01", conditions("s3_*")),
            rule(3, "2028-01-01", on("arn:aws:s3:::a")),
        ];
        let mut records = [finding("arn:aws:s3:::a", Status::Fail)];
        assert_eq!(states(&rules, &mut records), [(Expired, 0), (InForce, 1), (InForce, 1)]);
        assert_eq!(records[0].suppression.as_ref().unwrap().owner, "owner-2");
    }

    #[test]
    fn what_is_not_needed_is_told_from_what_matches_nothing() {
        let rules = [rule(1, "2027-01-01", on("arn:aws:s3:::a")), rule(2, "2027-01-01", on("arn:aws:s3:::gone"))];
        let mut records = [finding("arn:aws:s3:::a", Status::Pass)];
        let all = uses(&rules, &mut records, true);
        assert_eq!(all.iter().map(|one| one.state).collect::<Vec<_>>(), [NotNeeded, Unused]);
        assert!(all[0].warning(today()).unwrap().contains("no longer needed"));
        assert!(all[1].warning(today()).unwrap().contains("matches nothing"));
        let interrupted = uses(&rules, &mut records, false);
        assert!(interrupted.iter().all(|one| one.state == NotJudged && one.warning(today()).is_none()));
    }

    #[test]
    fn nothing_is_said_of_what_was_not_seen() {
        let rules = [rule(1, "2027-01-01", on("arn:aws:s3:::a")), rule(2, "2027-01-01", conditions("iam_*"))];
        let mut denied = record(CHECK, "global", "arn:aws:iam::111122223333:root", Status::Unknown);
        denied.resource.tags.clear();
        assert_eq!(states(&rules, &mut [denied]), [(NotJudged, 0), (Unused, 0)]);
        let elsewhere = [
            Conditions { accounts: vec!["444455556666".into()], ..conditions(CHECK) },
            Conditions { regions: vec![Glob::new("us-east-1")], ..conditions(CHECK) },
            on("arn:aws:ec2:us-east-1:111122223333:instance/i-1"),
            on("arn:aws:sqs:eu-west-1:444455556666:*"),
        ];
        let rules = elsewhere.map(|conditions| rule(1, "2027-01-01", conditions));
        assert!(states(&rules, &mut []).iter().all(|state| *state == (NotJudged, 0)));
        let here = [
            Conditions { regions: vec![Glob::new("us-*")], tags: tags(&[("env", "x")]), ..conditions(CHECK) },
            Conditions { regions: vec![Glob::new("global"), Glob::new("eu-west-1")], ..conditions(CHECK) },
            on("arn:aws:sqs:eu-west-1:111122223333:queue"),
            on("arn:*:us-east-1:444455556666:*"),
            on("arn:aws:s3:::a:b:c"),
            on("arn:aws:iam::aws:policy/AdministratorAccess"),
        ];
        let rules = here.map(|conditions| rule(1, "2027-01-01", conditions));
        assert!(states(&rules, &mut []).iter().all(|state| *state == (Unused, 0)));
    }

    #[test]
    fn many_findings_and_many_suppressions_are_no_matter() {
        let mut rules: Vec<SuppressionRule> =
            (0..499).map(|n| rule(n, "2027-01-01", on(&format!("arn:aws:s3:::*-{n}-?")))).collect();
        rules.push(rule(499, "2027-01-01", on("arn:aws:s3:::*x*y*z")));
        let mut suppressor = Suppressor::new(&rules, today());
        let mut accepted = 0;
        for n in 0..5_000 {
            let record = finding(&format!("arn:aws:s3:::bucket-{}-a", n % 1_000), Status::Fail);
            accepted += u32::from(suppressor.judge(&record).is_some());
        }
        assert_eq!(accepted, 2_495);
    }
}
