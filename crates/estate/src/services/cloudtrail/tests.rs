//! What is read of a trail.

use super::*;

#[test]
fn a_shadow_of_a_trail_is_the_same_trail() {
    // semantics 32
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
