//! What the trails come to together.

use super::*;
use crate::finding::GapKind;

fn gap() -> Gap {
    Gap::new("111122223333", "us-east-1", "cloudtrail:GetTrailStatus", GapKind::Denied, "no")
}

#[test]
fn one_trail_that_records_suffices_whatever_the_others_say() {
    let answers = vec![Err(gap()), Ok(("off", Coverage::Whole, false)), Ok(("main", Coverage::Whole, true))];
    assert_eq!(sum_up(answers, &[gap()]), Recorded::By("main".into()));
}

#[test]
fn none_is_only_said_when_every_trail_was_seen() {
    let stopped = vec![Ok(("off", Coverage::Whole, false)), Ok(("some", Coverage::Part, false))];
    let near = vec!["trail off is not logging".into(), "trail some records a part of them".into()];
    assert_eq!(sum_up(stopped, &[]), Recorded::No(near));
    assert_eq!(sum_up(vec![Ok(("off", Coverage::Nothing, false)), Err(gap())], &[]), Recorded::Unseen(vec![gap()]));
    assert_eq!(sum_up(vec![], &[gap()]), Recorded::Unseen(vec![gap()]));
}

#[test]
fn a_shadow_of_a_trail_is_the_same_trail() {
    let trails = once([example("b"), example("a"), example("b")]);
    assert_eq!(trails.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_trail_without_its_names_cannot_be_read() {
    let whole = types::Trail::builder().name("a").trail_arn("arn").home_region("us-east-1").s3_bucket_name("b");
    assert!(Trail::read(&whole.clone().build()).is_ok());
    assert!(Trail::read(&whole.set_home_region(None).build()).is_err());
}

#[test]
fn the_owner_is_in_the_arn() {
    assert_eq!(example("a").owner(), "111122223333");
    let mut single = example("a");
    single.multi_region = Some(false);
    assert!(single.works_in("us-east-1") && !single.works_in("eu-west-1"));
}
