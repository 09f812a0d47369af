//! What became of a finding since an earlier scan: decided by its fingerprint, its status, its severity, who accepts it, its
//! reasons, and what it lists as wrong.

use super::lists::Lists;
use super::reasons::Reasons;
use crate::record::{Change, Record};
use posture_estate::finding::{Severity, Status};

/// What became of a finding; `None` for one that passes and was not there.
pub fn change(before: Option<&Before>, after: &Record) -> Option<Change> {
    use Status::{Fail, NotApplicable, Pass, Unknown};
    Some(match (before.map(|before| (before.status, before)), after.status) {
        (None | Some((Unknown, _)), Fail) => Change::New,
        (Some((Pass | NotApplicable, _)), Fail) => Change::Reopened,
        (Some((Fail, before)), Fail) if before.is_less_than(after) => Change::Worsened,
        (Some((Fail, _)), Fail) | (Some((Unknown, _)), Unknown) => Change::Unchanged,
        (_, Unknown) => Change::BecameUnknown,
        (Some((Fail, _)), Pass | NotApplicable) => Change::Fixed,
        (Some((Unknown, _)), Pass | NotApplicable) => Change::BecameKnown,
        (Some(_), Pass | NotApplicable) => Change::Unchanged,
        (None, Pass | NotApplicable) => return None,
    })
}

/// As much of an earlier finding as a comparison needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub(super) status: Status,
    severity: Severity,
    accepted: bool,
    /// Of a failure; empty else.
    lists: Lists,
    reasons: Reasons,
}

impl Before {
    pub fn of(record: &Record) -> Before {
        let failed = record.status == Status::Fail;
        Before {
            status: record.status,
            severity: record.severity,
            accepted: failed && record.suppression.is_some(),
            lists: if failed { Lists::of(record) } else { Lists::default() },
            reasons: Reasons::of(record),
        }
    }

    fn is_less_than(&self, after: &Record) -> bool {
        self.severity < after.severity
            || (self.accepted && after.suppression.is_none())
            || self.reasons.lack_some_of(after)
            || self.lists.lacks_some_of(&Lists::of(after))
    }

    /// Two findings of one fingerprint as the one that excuses less.
    pub(super) fn meet(&mut self, other: Before) {
        match (self.status == Status::Fail, other.status == Status::Fail) {
            (true, false) => *self = other,
            (true, true) => {
                self.severity = self.severity.min(other.severity);
                self.accepted |= other.accepted;
                self.lists = self.lists.meet(&other.lists);
                self.reasons = self.reasons.meet(&other.reasons);
            }
            (false, _) => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::record::Suppression;
    use posture_estate::day::Date;
    use posture_estate::finding::Resource;
    use serde_json::json;

    pub const GROUPS: &str = "ec2_sg_no_open_admin_ports";

    pub fn record(arn: &str, status: Status) -> Record {
        Record {
            fingerprint: format!("{:032x}", arn.bytes().fold(7_u128, |hash, byte| hash * 257 + u128::from(byte))),
            check_id: GROUPS.into(),
            title: "Closed".into(),
            status,
            severity: Severity::High,
            practices: vec!["SEC05-BP02".to_owned()].into(),
            account_id: "111122223333".into(),
            region: "eu-west-1".into(),
            resource: Resource::new(arn, "AWS::EC2::SecurityGroup", arn),
            sub_key: None,
            message: "m".into(),
            reasons: Vec::new(),
            evidence: json!({}),
            gap: None,
            suppression: None,
            change: None,
            gaps: Vec::new(),
        }
    }

    pub fn opening(arn: &str, ports: &[&str]) -> Record {
        let open: Vec<_> = ports.iter().map(|ports| json!({ "from": "0.0.0.0/0", "ports": ports })).collect();
        Record { evidence: json!({ "open": open }), ..record(arn, Status::Fail) }
    }

    pub fn accepted(record: Record) -> Record {
        let expires = Date { year: 2030, month: 1, day: 1 };
        let suppression = Suppression { reason: "r".into(), owner: "o".into(), expires };
        Record { suppression: Some(suppression), ..record }
    }

    fn became(before: &Record, after: &Record) -> Option<Change> {
        change(Some(&Before::of(before)), after)
    }

    #[test]
    fn every_pair_of_statuses() {
        use Status::{Fail, NotApplicable, Pass, Unknown};
        let table = [
            (None, Fail, Some(Change::New)),
            (None, Unknown, Some(Change::BecameUnknown)),
            (None, Pass, None),
            (None, NotApplicable, None),
            (Some(Unknown), Fail, Some(Change::New)),
            (Some(Unknown), Unknown, Some(Change::Unchanged)),
            (Some(Unknown), Pass, Some(Change::BecameKnown)),
            (Some(Fail), Fail, Some(Change::Unchanged)),
            (Some(Fail), Unknown, Some(Change::BecameUnknown)),
            (Some(Fail), Pass, Some(Change::Fixed)),
            (Some(Fail), NotApplicable, Some(Change::Fixed)),
            (Some(Pass), Fail, Some(Change::Reopened)),
            (Some(NotApplicable), Fail, Some(Change::Reopened)),
            (Some(Pass), Unknown, Some(Change::BecameUnknown)),
            (Some(Pass), NotApplicable, Some(Change::Unchanged)),
        ];
        for (before, after, expected) in table {
            let before = before.map(|status| Before::of(&record("a", status)));
            assert_eq!(change(before.as_ref(), &record("a", after)), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_failure_worsens_by_severity_acceptance_and_lists_only() {
        let ssh = opening("a", &["tcp/22"]);
        assert_eq!(became(&ssh, &opening("a", &["tcp/22", "tcp/3389"])), Some(Change::Worsened));
        assert_eq!(became(&opening("a", &["tcp/22", "tcp/3389"]), &ssh), Some(Change::Unchanged));
        let worse = Record { severity: Severity::Critical, ..ssh.clone() };
        assert_eq!(became(&ssh, &worse), Some(Change::Worsened));
        assert_eq!(became(&worse, &ssh), Some(Change::Unchanged));
        assert_eq!(became(&accepted(ssh.clone()), &ssh), Some(Change::Worsened));
        assert_eq!(became(&ssh, &accepted(ssh.clone())), Some(Change::Unchanged));
        let older = |days: u32| Record {
            check_id: "iam_access_keys_rotated".into(),
            message: format!("access key 1 is {days} days old"),
            evidence: json!({ "key": 1, "report_generated": format!("2026-01-{days}T00:00:00Z") }),
            ..record("a", Status::Fail)
        };
        assert_eq!(became(&older(10), &older(11)), Some(Change::Unchanged));
        let other = Record { message: "in other words".into(), ..ssh.clone() };
        assert_eq!(became(&ssh, &other), Some(Change::Unchanged));
    }

    #[test]
    fn a_failure_worsens_by_a_reason_that_it_had_not() {
        let broken = |slugs: &[&'static str]| Record {
            reasons: slugs.iter().map(|slug| (*slug).into()).collect(),
            ..record("a", Status::Fail)
        };
        let (one, both) = (broken(&["delivery_fails"]), broken(&["not_active", "delivery_fails"]));
        assert_eq!(became(&one, &both), Some(Change::Worsened));
        assert_eq!(became(&both, &one), Some(Change::Unchanged));
        assert_eq!(became(&one, &broken(&["not_active"])), Some(Change::Worsened));
        assert_eq!(became(&broken(&[]), &both), Some(Change::Unchanged), "an older report does not say");
        let mut before = Before::of(&both);
        before.meet(Before::of(&one));
        assert_eq!(change(Some(&before), &both), Some(Change::Worsened), "both must excuse it");
        before.meet(Before::of(&broken(&[])));
        assert_eq!(change(Some(&before), &both), Some(Change::Worsened));
    }

    #[test]
    fn two_of_one_fingerprint_excuse_only_what_both_excuse() {
        let mut before = Before::of(&opening("a", &["tcp/22", "tcp/3389"]));
        before.meet(Before::of(&opening("a", &["tcp/22"])));
        assert_eq!(change(Some(&before), &opening("a", &["tcp/3389"])), Some(Change::Worsened));
        before.meet(Before::of(&record("a", Status::Pass)));
        assert_eq!(change(Some(&before), &opening("a", &["tcp/22"])), Some(Change::Reopened));
        before.meet(Before::of(&opening("a", &["tcp/22"])));
        assert_eq!(change(Some(&before), &opening("a", &["tcp/22"])), Some(Change::Reopened));
    }
}
