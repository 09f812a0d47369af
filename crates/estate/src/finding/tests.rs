//! How conditions add up to a verdict.

use super::*;

fn gap() -> Gap {
    Gap::new("111122223333", "us-east-1", "s3:GetBucketPolicy", GapKind::Denied, "no")
}

#[test]
fn what_is_broken_outranks_what_was_not_seen() {
    let mut reasons = Reasons::new();
    reasons.unseen(&gap());
    reasons.broken("versioning_off", "versioning is off");
    let verdict = reasons.or_pass(|| "fine".into());
    assert_eq!((verdict.status, verdict.reasons), (Status::Fail, vec!["versioning_off"]));
    assert_eq!(verdict.gaps.len(), 1, "the gap is still told");
}

#[test]
fn nothing_broken_but_something_unseen_is_unknown() {
    let mut reasons = Reasons::new();
    reasons.unseen(&gap());
    let verdict = reasons.or_pass(|| "fine".into());
    assert_eq!((verdict.status, verdict.reasons.len()), (Status::Unknown, 0));
    let mut reasons = Reasons::new();
    reasons.doubt("the condition cannot be decided");
    assert_eq!(reasons.open().status, Status::Unknown);
    assert_eq!(Reasons::new().or_pass(|| "fine".into()).status, Status::Pass);
}

#[test]
fn nothing_at_all_is_no_pass() {
    // semantics 57
    for verdict in [Reasons::new().open(), Reasons::new().or_pass(String::new)] {
        assert_eq!(verdict.status, Status::Unknown);
        assert!(!verdict.message.is_empty());
    }
}

#[test]
fn slugs_travel_with_what_is_taken_over_each_once() {
    let mut one = Reasons::new();
    one.join(Verdict::fail("off", "a is off"));
    one.join(Verdict::fail("off", "b is off"));
    one.join(Verdict::pass("c is on"));
    let mut other = Reasons::new();
    other.broken("gone", "d is gone");
    one.absorb(other);
    let verdict = one.open();
    assert_eq!(
        (verdict.message.as_str(), &verdict.reasons[..]),
        ("a is off; b is off; d is gone", &["off", "gone"][..])
    );
    let doubted = verdict.in_doubt();
    assert_eq!((doubted.status, doubted.reasons.len()), (Status::Unknown, 0));
}

#[test]
fn a_gap_that_another_verdict_told_is_told_once() {
    let mut reasons = Reasons::new();
    reasons.unseen(&gap());
    reasons.doubt("the rest is not certain");
    reasons.join(Verdict::unseen(&gap()));
    let verdict = reasons.open();
    assert_eq!(verdict.message.matches("could not be seen").count(), 1, "{}", verdict.message);
    assert!(verdict.message.contains("the rest is not certain"));
    assert_eq!(verdict.gaps.len(), 1);
}
