//! What a gate accepts as known, and what it holds to be new, on reports made by hand.

use super::super::change::tests::{accepted, opening, record};
use super::super::fixtures::{blind, head, report, some};
use super::super::{DeltaKind, Diff, Gate, Rules};
use super::*;
use crate::record::{AccountRow, AccountStatus, RegionRow, Shard};
use crate::report::{Report, json};
use posture_estate::finding::Severity;
use proptest::prelude::*;

pub fn baseline(report: &Report) -> Result<Baseline, ReadError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    json::write(report, &mut file.as_file()).unwrap();
    Baseline::read(file.path())
}

fn marked(before: Vec<Record>, after: Vec<Record>) -> (Vec<Record>, BaselineNote) {
    let mut baseline = baseline(&report(before)).unwrap();
    let mut after = after;
    after.iter_mut().for_each(|record| record.change = baseline.compare(record));
    let note = baseline.note(&head());
    (after, note)
}

#[test]
fn what_is_not_in_the_baseline_is_new() {
    let (after, note) = marked(vec![opening("a", &["tcp/22"])], vec![opening("b", &["tcp/22"])]);
    assert_eq!(after[0].change, Some(Change::New));
    assert_eq!(note.counts, ChangeCounts { new: 1, gone: 1, ..ChangeCounts::default() });
    assert!(note.differences.is_empty());
}

#[test]
fn a_denied_check_does_not_turn_failures_into_gone_ones() {
    let (after, note) = marked(vec![opening("a", &["tcp/22"])], vec![blind()]);
    assert_eq!(after[0].change, Some(Change::BecameUnknown));
    assert_eq!(note.counts, ChangeCounts { became_unknown: 2, ..ChangeCounts::default() });
}

#[test]
fn what_someone_accepts_is_not_counted_and_not_excused_later() {
    let (after, note) = marked(vec![], vec![accepted(opening("a", &["tcp/22"]))]);
    assert_eq!((after[0].change, note.counts.new), (Some(Change::New), 0));
    let (after, note) = marked(vec![accepted(opening("a", &["tcp/22"]))], vec![opening("a", &["tcp/22"])]);
    assert_eq!((after[0].change, note.counts.worsened), (Some(Change::Worsened), 1));
}

#[test]
fn shards_add_up_to_the_whole() {
    let at = |arn: &str, account: &str| Record { account_id: account.into(), ..opening(arn, &["tcp/22"]) };
    let before = report([at("a", "111122223333"), at("b", "999999999999")]);
    let part = |shard: &str, scanned: &[&str]| {
        let mut head = head();
        let shard: Shard = shard.parse().unwrap();
        let own = scanned.iter().filter(|id| shard.holds(id));
        head.scan.accounts = own
            .map(|id| AccountRow { id: (*id).into(), ..super::super::fixtures::head().scan.accounts[0].clone() })
            .collect();
        head.scan.shard = Some(shard);
        baseline(&before).unwrap().note(&head)
    };
    let whole = |scanned: &[&str]| {
        let mut whole = part("1/2", scanned);
        whole.join(part("2/2", scanned));
        whole.counts
    };
    let both = ["111122223333", "999999999999"];
    assert_eq!(whole(&both), ChangeCounts { gone: 2, ..ChangeCounts::default() });
    let expected = ChangeCounts { gone: 1, not_scanned: 1, ..ChangeCounts::default() };
    assert_eq!(whole(&both[..1]), expected, "one that left the scan is told once");
    assert_eq!(whole(&both[1..]), expected);
}

#[test]
fn nothing_is_gone_where_this_account_was_not_scanned() {
    let row = |name: &str| RegionRow { name: name.into(), status: AccountStatus::Scanned };
    let note = |own: &[&str]| {
        let mut head = head();
        head.scan.regions = vec!["eu-west-1".into(), "us-east-1".into()];
        head.scan.accounts[0].regions = own.iter().map(|name| row(name)).collect();
        baseline(&report([opening("a", &["tcp/22"])])).unwrap().note(&head).counts
    };
    assert_eq!(note(&["us-east-1"]), ChangeCounts { not_scanned: 1, ..ChangeCounts::default() });
    assert_eq!(note(&["us-east-1", "eu-west-1"]), ChangeCounts { gone: 1, ..ChangeCounts::default() });
}

#[test]
fn nothing_is_gone_of_a_resource_that_is_unknown_now() {
    let part = opening("arn:a", &["tcp/22"]);
    let whole = |arn: &str| Record { fingerprint: "f".repeat(32), ..record(arn, Status::Unknown) };
    let (_, note) = marked(vec![part.clone()], vec![whole("arn:a")]);
    assert_eq!(note.counts, ChangeCounts { became_unknown: 2, ..ChangeCounts::default() });
    let (_, note) = marked(vec![part], vec![whole("arn:b")]);
    assert_eq!(note.counts, ChangeCounts { gone: 1, became_unknown: 1, ..ChangeCounts::default() });
}

#[test]
fn differences_are_named() {
    let mut other = report([]);
    other.head.scan.complete = false;
    other.head.scan.accounts[0].id = "999999999999".into();
    other.head.scan.regions = vec!["us-east-1".into()];
    other.head.scan.checks.clear();
    other.head.tool.catalogue = "0".repeat(64);
    other.head.tool.version = "0.0.9".into();
    let (check, severity) = ("s3_x".to_owned(), Severity::Low);
    other.head.scan.severities.insert(check, crate::record::Override { from: Severity::High, to: severity });
    assert_eq!(
        baseline(&other).unwrap().note(&head()).differences,
        [
            "the baseline is of a scan that did not come to its end",
            "the baseline has no account 111122223333",
            "the baseline has no region eu-west-1",
            "the baseline has no check ec2_sg_default_closed, ec2_sg_no_open_admin_ports",
            "the baseline was judged by another catalogue, that of posture 0.0.9",
            "the baseline was judged with other settings or severities",
        ]
    );
}

#[test]
fn a_finding_without_a_fingerprint_is_refused() {
    for wrong in ["", "zz", "0x00000000000000000000000000000a", "+0000000000000000000000000000001"] {
        let record = Record { fingerprint: wrong.into(), ..record("a", Status::Fail) };
        let error = baseline(&report([record])).unwrap_err().to_string();
        assert!(error.contains("is no fingerprint"), "{error}");
    }
}

proptest! {
    /// The stream with its map and the join of two sorted reports say the same.
    #[test]
    fn a_baseline_counts_what_a_diff_finds(before in some(), after in some()) {
        let (a, b) = (report(before.clone()), report(after.clone()));
        let mut counts = ChangeCounts::default();
        for delta in Diff::of(&a, &b).unwrap().iter() {
            *DeltaKind::count(delta.unwrap().kind, &mut counts) += 1;
        }
        let (_, note) = marked(before, after);
        prop_assert_eq!(ChangeCounts { unchanged: 0, ..note.counts }, counts);
    }

    /// Whatever the baseline is, a failure that it does not have in the same or a worse form breaks the gate.
    #[test]
    fn no_baseline_excuses_what_it_does_not_have(before in some(), after in some()) {
        let (marked, _) = marked(before.clone(), after);
        for record in marked.iter().filter(|record| record.status == Status::Fail) {
            let mut gate = Gate::new(Rules::new(Some(Severity::Info), true, false, None));
            gate.add(record);
            let excused = before.iter().any(|old| {
                old.fingerprint == record.fingerprint && old.status == Status::Fail && old.severity >= record.severity
            });
            prop_assert!(gate.counts().failed == 1 || excused);
        }
    }

    #[test]
    fn a_scan_is_unchanged_against_itself(records in some()) {
        let (marked, note) = marked(records.clone(), records);
        let same = |record: &Record| record.change == Some(Change::Unchanged);
        prop_assert!(marked.iter().all(same));
        let counts = ChangeCounts { unchanged: note.counts.unchanged, ..ChangeCounts::default() };
        prop_assert_eq!(note.counts, counts);
    }
}
