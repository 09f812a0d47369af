//! What came and went between two reports, by example and for any two reports.

use super::super::change::tests::{accepted, opening, record};
use super::super::fixtures::{blind, report, some};
use super::*;
use proptest::prelude::*;

fn kinds(before: &Report, after: &Report) -> Vec<(DeltaKind, Option<String>, Option<String>)> {
    let diff = Diff::of(before, after).unwrap();
    let print = |record: &Option<Cow<'_, Record>>| record.as_ref().map(|record| record.fingerprint.clone());
    diff.iter()
        .map(|delta| delta.unwrap())
        .map(|delta| (delta.kind, print(&delta.before), print(&delta.after)))
        .collect()
}

fn names(before: Vec<Record>, after: Vec<Record>) -> Vec<DeltaKind> {
    kinds(&report(before), &report(after)).into_iter().map(|(kind, ..)| kind).collect()
}

#[test]
fn what_is_not_there_any_more_is_gone_or_unseen_or_not_scanned() {
    let ssh = || opening("a", &["tcp/22"]);
    assert_eq!(names(vec![ssh()], vec![]), [DeltaKind::Gone]);
    assert_eq!(names(vec![ssh()], vec![blind()]), [DeltaKind::BecameUnknown; 2]);
    assert_eq!(names(vec![blind()], vec![ssh()]), [DeltaKind::New, DeltaKind::BecameKnown]);
    assert_eq!(names(vec![record("a", Status::Pass)], vec![]), []);
    let before = report([ssh()]);
    let mut after = report([]);
    after.head.scan.regions = vec!["us-east-1".into()];
    assert_eq!(kinds(&before, &after)[0].0, DeltaKind::NotScanned);
    let diff = Diff::of(&before, &after).unwrap();
    assert_eq!(
        diff.differences,
        ["the earlier report has no region us-east-1", "the later report has no region eu-west-1"]
    );
}

#[test]
fn checks_that_one_side_ran_are_apart() {
    let before = report([]);
    let mut after = report([opening("a", &["tcp/22"]), record("b", Status::Pass)]);
    after.head.scan.checks.push("s3_new".into());
    let mut old = report([]);
    old.head.scan.checks.remove(0);
    assert_eq!(kinds(&before, &after).len(), 1);
    assert_eq!(kinds(&old, &after), []);
    let diff = Diff::of(&old, &after).unwrap();
    let only: Vec<_> =
        diff.only_after.iter().map(|(check, counts)| (check.as_str(), counts.fail, counts.pass)).collect();
    assert_eq!(only, [("ec2_sg_no_open_admin_ports", 1, 1), ("s3_new", 0, 0)]);
    assert!(diff.only_before.is_empty());
}

#[test]
fn what_is_accepted_today_is_no_news_and_what_is_no_longer_accepted_is() {
    let ssh = || opening("a", &["tcp/22"]);
    assert_eq!(names(vec![], vec![accepted(ssh())]), []);
    assert_eq!(names(vec![accepted(ssh())], vec![ssh()]), [DeltaKind::Worsened]);
    assert_eq!(names(vec![accepted(ssh())], vec![record("a", Status::Pass)]), [DeltaKind::Fixed]);
}

#[test]
fn findings_of_one_key_are_paired_by_fingerprint() {
    let sub = |key: &str, status| {
        let one = record(key, status);
        let resource = record("same", status).resource;
        Record { resource, sub_key: Some(key.to_owned()), ..one }
    };
    let before = vec![sub("1", Status::Fail), sub("2", Status::Fail)];
    // An older version without sub-keys in its reports.
    let before = before.into_iter().map(|record| Record { sub_key: None, ..record }).collect();
    assert_eq!(names(before, vec![sub("1", Status::Fail), sub("2", Status::Pass)]), [DeltaKind::Fixed]);
}

#[test]
fn a_finding_without_a_fingerprint_is_an_error() {
    let wrong = || report([Record { fingerprint: "zz".into(), ..record("a", Status::Pass) }]);
    let (before, after) = (wrong(), report([]));
    assert!(Diff::of(&before, &after).unwrap().iter().any(|delta| delta.is_err()));
}

proptest! {
    #[test]
    fn a_report_does_not_differ_from_itself(records in some()) {
        let (one, same) = (report(records.clone()), report(records));
        let diff = Diff::of(&one, &same).unwrap();
        prop_assert_eq!(diff.iter().count(), 0);
        prop_assert!(diff.differences.is_empty() && diff.only_before.is_empty() && diff.only_after.is_empty());
    }

    /// Every fingerprint that differs one way differs the other way as its mirror; none is lost or doubled.
    #[test]
    fn the_other_way_round_is_the_mirror(a in some(), b in some()) {
        let (a, b) = (report(a), report(b));
        let (there, back) = (kinds(&a, &b), kinds(&b, &a));
        for (kind, before, after) in &there {
            let mirror: Vec<DeltaKind> = back.iter().filter(|(_, x, y)| x == after && y == before).map(|(kind, ..)| *kind).collect();
            let expected: &[&[DeltaKind]] = match (kind, before.is_some()) {
                (DeltaKind::New, false) => &[&[DeltaKind::Gone]],
                (DeltaKind::Gone, _) => &[&[DeltaKind::New]],
                (DeltaKind::New, true) => &[&[DeltaKind::BecameUnknown]],
                (DeltaKind::Reopened, _) => &[&[DeltaKind::Fixed]],
                (DeltaKind::Fixed, _) => &[&[DeltaKind::Reopened]],
                // Worse in one way may be worse in another way too; better is no kind.
                (DeltaKind::Worsened, _) => &[&[], &[DeltaKind::Worsened]],
                (DeltaKind::BecameUnknown, _) => &[&[DeltaKind::BecameKnown], &[DeltaKind::New]],
                (DeltaKind::BecameKnown, _) => &[&[DeltaKind::BecameUnknown]],
                (DeltaKind::NotScanned, _) => &[],
            };
            prop_assert!(expected.contains(&mirror.as_slice()), "{kind:?} {before:?} {after:?} mirrors {mirror:?}");
        }
        let mut prints: Vec<_> = there.iter().map(|(_, before, after)| before.clone().or(after.clone())).collect();
        prints.sort();
        let all = prints.len();
        prints.dedup();
        prop_assert_eq!(prints.len(), all);
    }
}
