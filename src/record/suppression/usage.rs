//! A suppression in a report: what it accepts, what became of it, and what a person should know of it.

use super::{Suppression, SuppressionRule};
use posture_estate::day::Date;
use serde::{Deserialize, Serialize};

/// Days before its end that a suppression is told of.
const SOON: i64 = 14;

/// What became of a suppression in a scan; of the parts of a scan the last of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionState {
    /// It matches nothing.
    Unused,
    /// It matches findings, none of which fails.
    NotNeeded,
    /// It matches no failed finding, in a scan that did not see all that it is about.
    NotJudged,
    /// It accepts failed findings.
    InForce,
    /// Its last day is over; what it matches counts.
    Expired,
}

/// A suppression in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionUse {
    #[serde(flatten)]
    pub rule: SuppressionRule,
    pub state: SuppressionState,
    /// Failed findings that it matches; of an expired one those that nobody else accepts.
    pub findings: u64,
    /// Failed findings that it does not accept only because they have reasons that it does not name, and that nobody else
    /// accepts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beyond: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl SuppressionUse {
    /// Adds what became of the same suppressions in another part of a scan.
    pub fn join(all: &mut Vec<SuppressionUse>, part: Vec<SuppressionUse>) {
        for one in part {
            match all.iter_mut().find(|own| own.rule == one.rule) {
                Some(own) => {
                    own.state = own.state.max(one.state);
                    own.findings += one.findings;
                    own.beyond += one.beyond;
                }
                None => all.push(one),
            }
        }
    }

    /// What it accepts, who accepts it and until when, in a line; its texts are as the file has them.
    pub fn acceptance(&self) -> String {
        let count = if self.findings == 1 { "1 finding".to_owned() } else { format!("{} findings", self.findings) };
        let SuppressionRule { conditions, suppression: Suppression { owner, expires, .. }, .. } = &self.rule;
        format!("{}: {count}, accepted by {owner} until {expires}", conditions.check)
    }

    /// What a person should know of it, in a sentence; its texts are as the file has them.
    pub fn warning(&self, today: Date) -> Option<String> {
        let SuppressionRule { line, conditions, suppression: Suppression { owner, expires, .. } } = &self.rule;
        let left = today.days_until(*expires);
        let what = match self.state {
            SuppressionState::Unused | SuppressionState::NotNeeded | SuppressionState::NotJudged if self.beyond > 0 => {
                self.not_held()
            }
            SuppressionState::Expired => {
                let again = match self.findings {
                    0 => String::new(),
                    1 => "; 1 failed finding counts again".to_owned(),
                    many => format!("; {many} failed findings count again"),
                };
                format!("expired on {expires}{again}")
            }
            SuppressionState::Unused => "matches nothing in this scan".to_owned(),
            SuppressionState::NotNeeded => "is no longer needed: nothing that it matches fails".to_owned(),
            SuppressionState::InForce if left == 0 => "ends today".to_owned(),
            SuppressionState::InForce if left == 1 => "ends tomorrow".to_owned(),
            SuppressionState::InForce if left <= SOON => format!("ends on {expires}, in {left} days"),
            SuppressionState::InForce if self.beyond > 0 => self.not_held(),
            SuppressionState::InForce | SuppressionState::NotJudged => return None,
        };
        Some(format!("the suppression of {} by {owner} (line {line}) {what}", conditions.check))
    }

    fn not_held(&self) -> String {
        match self.beyond {
            1 => "does not hold for 1 failed finding, which has reasons that it does not name".to_owned(),
            many => format!("does not hold for {many} failed findings, which have reasons that it does not name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::conditions;
    use super::*;

    fn one(state: SuppressionState, expires: &str) -> SuppressionUse {
        let expires = expires.parse().unwrap();
        let suppression = Suppression { reason: "a web site".into(), owner: "ana".into(), expires };
        let rule = SuppressionRule { line: 7, conditions: conditions("s3_*"), suppression };
        SuppressionUse { rule, state, findings: 1, beyond: 0 }
    }

    #[test]
    fn parts_of_a_scan_are_added_up() {
        use SuppressionState::{Expired, InForce, NotJudged, NotNeeded, Unused};
        for (a, b, both) in [
            (Unused, NotNeeded, NotNeeded),
            (NotNeeded, NotJudged, NotJudged),
            (InForce, Unused, InForce),
            (NotJudged, InForce, InForce),
            (Expired, InForce, Expired),
        ] {
            let mut all = vec![one(a, "2027-01-01")];
            SuppressionUse::join(&mut all, vec![one(b, "2027-01-01")]);
            assert_eq!(all.iter().map(|one| (one.state, one.findings)).collect::<Vec<_>>(), [(both, 2)]);
        }
    }

    #[test]
    fn the_end_is_told_two_weeks_before() {
        let warning = |expires: &str| one(SuppressionState::InForce, expires).warning("2026-11-22".parse().unwrap());
        assert_eq!(warning("2026-11-22").unwrap(), "the suppression of s3_* by ana (line 7) ends today");
        assert!(warning("2026-11-23").unwrap().ends_with("ends tomorrow"));
        assert!(warning("2026-12-06").unwrap().ends_with("ends on 2026-12-06, in 14 days"));
        assert_eq!(warning("2026-12-07"), None);
    }
}
