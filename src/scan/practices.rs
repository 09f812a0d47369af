//! From findings, gaps and attestations to practices: never met while anything that it rests on is unknown.

use crate::catalogue::{Automation, Check, Pillar, Practice};
use crate::record::{Attestation, Given, PracticeResult, PracticeStatus, Tally};
use posture_estate::day::Date;
use posture_estate::finding::Gap;
use posture_estate::finding::Status;
use std::collections::BTreeSet;

/// All that a roll-up rests on.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub pillar: &'static Pillar,
    pub tally: &'a Tally,
    /// The checks of the scan.
    pub ran: &'a [&'static Check],
    /// Those of the catalogue; a practice is not judged on a part of its checks.
    pub all: &'a [&'static Check],
    /// Calls that were answered nowhere in the scan, whether or not a finding hangs on them.
    pub gaps: &'a BTreeSet<Gap>,
    pub attestations: &'a [Attestation],
    /// The scanned accounts.
    pub accounts: &'a [&'a str],
    /// The day that attestations are judged by.
    pub today: Date,
}

/// One result for every practice of the pillar, in its order.
pub fn roll_up(basis: &Basis<'_>) -> Vec<PracticeResult> {
    let checks = &basis.tally.checks;
    let result = |practice: &'static Practice| {
        let bears = |check: &&'static Check| check.practices.contains(&practice.id);
        let ran: Vec<&'static Check> =
            basis.ran.iter().copied().filter(bears).filter(|check| checks.contains_key(check.id)).collect();
        let calls: BTreeSet<&str> = ran.iter().flat_map(|check| check.card.calls.iter().map(String::as_str)).collect();
        let given = Given::on(practice, basis.attestations, basis.accounts, basis.today);
        let evidence = Evidence {
            automation: practice.automation,
            checks: basis.all.iter().copied().filter(bears).count(),
            statuses: ran.iter().filter_map(|check| Some((check.id, checks.get(check.id)?.judged?))).collect(),
            ran: ran.len(),
            accepted: ran.iter().filter_map(|check| checks.get(check.id)).map(|check| check.accepted).sum(),
            gap: basis.gaps.iter().find(|gap| calls.contains(gap.call())),
            attested: given.complete(),
        };
        let (status, reason) = evidence.status();
        let reason = if status == PracticeStatus::NeedsAttestation { missing(&reason, &given) } else { reason };
        let expired = given.expired.len();
        let attestations = given.valid.into_iter().chain(given.expired).cloned().collect();
        let checks = ran.iter().filter_map(|check| Some((check.id, checks.get(check.id)?.worst))).collect();
        PracticeResult { practice, status, reason, checks, attestations, expired }
    };
    basis.pillar.practices.iter().map(result).collect()
}

/// Why the attestation that is there does not do.
fn missing(reason: &str, given: &Given<'_>) -> String {
    let expired =
        given.expired.iter().map(|one| format!("the attestation by {} expired on {}", one.owner, one.expires));
    let open = (!given.valid.is_empty()).then(|| format!("no attestation for account {}", given.uncovered.join(", ")));
    std::iter::once(reason.to_owned()).chain(expired).chain(open).collect::<Vec<_>>().join("; ")
}

/// What is known about one practice.
#[derive(Clone, Debug)]
struct Evidence<'a> {
    automation: Automation,
    /// How many checks of the catalogue bear on it.
    checks: usize,
    /// How many of them were part of the scan.
    ran: usize,
    /// Their worst status, what is accepted left out.
    statuses: Vec<(&'static str, Status)>,
    /// Failed findings that someone accepts.
    accepted: u64,
    /// A call of one of the checks that had no answer.
    gap: Option<&'a Gap>,
    /// Someone vouches for it in every account.
    attested: bool,
}

impl Evidence<'_> {
    fn of(&self, status: Status) -> Vec<&'static str> {
        self.statuses.iter().filter(|(_, own)| *own == status).map(|(id, _)| *id).collect()
    }

    /// The one place where a practice gets its status.
    fn status(&self) -> (PracticeStatus, String) {
        let person = self.automation != Automation::Automated;
        let (failed, unknown) = (self.of(Status::Fail), self.of(Status::Unknown));
        if !failed.is_empty() {
            return (PracticeStatus::NotMet, format!("failed: {}", failed.join(", ")));
        }
        if !unknown.is_empty() {
            return (PracticeStatus::Unknown, format!("could not be judged: {}", unknown.join(", ")));
        }
        if let Some(gap) = self.gap {
            return (PracticeStatus::Unknown, format!("{gap} in {}", gap.region()));
        }
        if self.ran < self.checks {
            let skipped = self.checks - self.ran;
            return (PracticeStatus::Unknown, format!("{skipped} of {} checks were not part of the scan", self.checks));
        }
        if self.checks == 0 {
            return match (person, self.attested) {
                (true, true) => (PracticeStatus::Attested, "attested; no check yet".into()),
                (true, false) => (PracticeStatus::NeedsAttestation, "no check yet".into()),
                (false, _) => (PracticeStatus::Unknown, "no check yet".into()),
            };
        }
        let passed = self.of(Status::Pass).len();
        let evidence = match (passed, self.accepted) {
            (0, 0) => "none of its checks applies to anything in the account".to_owned(),
            (passed, 0) if passed == self.checks => "all of its checks pass".to_owned(),
            (passed, 0) => format!("{passed} of {} checks pass, the others do not apply", self.checks),
            (_, 1) => "nothing else fails, but 1 failed finding is suppressed".to_owned(),
            (_, accepted) => format!("nothing else fails, but {accepted} failed findings are suppressed"),
        };
        if person && !self.attested {
            return (PracticeStatus::NeedsAttestation, evidence);
        }
        let status = match self.automation {
            _ if self.accepted > 0 => PracticeStatus::Attested,
            Automation::Attested => PracticeStatus::Attested,
            Automation::Partial if passed == 0 => PracticeStatus::Attested,
            Automation::Automated if passed == 0 => PracticeStatus::NotApplicable,
            Automation::Partial | Automation::Automated => PracticeStatus::Met,
        };
        (status, if person { format!("attested; {evidence}") } else { evidence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Automation::{Attested, Automated, Partial};
    use Status::{Fail, NotApplicable, Pass, Unknown};
    use posture_estate::finding::GapKind;
    use proptest::prelude::*;

    fn of(automation: Automation, statuses: &[Status], skipped: usize, attested: bool) -> Evidence<'static> {
        let statuses: Vec<_> = statuses.iter().map(|status| ("check", *status)).collect();
        let ran = statuses.len();
        Evidence { automation, checks: ran + skipped, ran, statuses, accepted: 0, gap: None, attested }
    }

    #[test]
    fn a_practice_is_met_only_when_all_of_it_was_seen() {
        let status =
            |automation, statuses: &[Status], skipped, attested| of(automation, statuses, skipped, attested).status().0;
        assert_eq!(status(Automated, &[Pass, NotApplicable], 0, false), PracticeStatus::Met);
        assert_eq!(status(Automated, &[Pass, Unknown], 0, false), PracticeStatus::Unknown);
        assert_eq!(status(Automated, &[Pass], 1, false), PracticeStatus::Unknown);
        assert_eq!(status(Automated, &[], 0, true), PracticeStatus::Unknown, "no person decides it");
        assert_eq!(status(Automated, &[NotApplicable], 0, false), PracticeStatus::NotApplicable);
        assert_eq!(status(Partial, &[Pass], 0, false), PracticeStatus::NeedsAttestation);
        assert_eq!(status(Partial, &[Pass], 0, true), PracticeStatus::Met);
        assert_eq!(status(Partial, &[], 0, true), PracticeStatus::Attested);
        assert_eq!(status(Partial, &[Unknown, Fail], 1, true), PracticeStatus::NotMet);
        assert_eq!(status(Attested, &[], 0, false), PracticeStatus::NeedsAttestation);
        assert_eq!(status(Attested, &[Pass], 0, true), PracticeStatus::Attested);
    }

    #[test]
    fn what_is_suppressed_is_no_pass() {
        let mut evidence = of(Automated, &[Pass], 0, false);
        evidence.accepted = 2;
        let (status, reason) = evidence.status();
        assert_eq!(status, PracticeStatus::Attested);
        assert!(reason.contains("2 failed findings are suppressed"), "{reason}");
    }

    fn statuses() -> impl Strategy<Value = Vec<Status>> {
        proptest::collection::vec(prop_oneof![Just(Fail), Just(Unknown), Just(Pass), Just(NotApplicable)], 0..6)
    }

    fn automations() -> impl Strategy<Value = Automation> {
        prop_oneof![Just(Automated), Just(Partial), Just(Attested)]
    }

    proptest! {
        #[test]
        fn the_promises_of_a_status_hold(
            automation in automations(), statuses in statuses(), skipped in 0..3_usize,
            accepted in 0..3_u64, attested: bool, denied: bool,
        ) {
            let gap = Gap::new("111122223333", "us-east-1", "kms:ListKeys", GapKind::Denied, "no");
            let mut evidence = of(automation, &statuses, skipped, attested);
            evidence.accepted = if evidence.ran > 0 { accepted } else { 0 };
            evidence.gap = denied.then_some(&gap);
            let (status, reason) = evidence.status();
            prop_assert!(!reason.is_empty());
            prop_assert_eq!(status == PracticeStatus::NotMet, statuses.contains(&Fail));
            let seen = !statuses.contains(&Unknown) && skipped == 0 && !denied;
            if !seen {
                prop_assert!(matches!(status, PracticeStatus::NotMet | PracticeStatus::Unknown));
            }
            if status == PracticeStatus::Met {
                prop_assert!(statuses.contains(&Pass) && evidence.accepted == 0);
                prop_assert!(automation == Automated || (automation == Partial && attested));
            }
            if status == PracticeStatus::Attested {
                prop_assert!(attested || evidence.accepted > 0);
            }
            if status == PracticeStatus::NeedsAttestation {
                prop_assert!(automation != Automated && !attested);
            }
        }

        #[test]
        fn worse_evidence_never_makes_it_better(
            automation in automations(), statuses in statuses(), skipped in 0..2_usize, attested: bool,
        ) {
            let rank = |status| match status {
                PracticeStatus::NotMet => 0,
                PracticeStatus::Unknown => 1,
                PracticeStatus::NeedsAttestation => 2,
                PracticeStatus::Attested | PracticeStatus::Met | PracticeStatus::NotApplicable => 3,
            };
            let before = rank(of(automation, &statuses, skipped, attested).status().0);
            for worse in [Fail, Unknown] {
                let mut more = statuses.clone();
                more.push(worse);
                let status = of(automation, &more, skipped, attested).status().0;
                prop_assert!(rank(status) <= before && rank(status) <= 1);
            }
            prop_assert!(rank(of(automation, &statuses, skipped, true).status().0) >= rank(of(automation, &statuses, skipped, false).status().0));
        }
    }
}
