//! What a condition demands of a request, and what one without the key meets.

use crate::condition::{Condition, Literal, Relation};

fn condition(operator: &str, values: &[&str]) -> Condition {
    let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
    Condition::new(operator, "aws:Key", &values, true).unwrap()
}

#[test]
fn a_value_is_demanded_only_where_the_key_cannot_be_left_away() {
    // semantics 59
    for (operator, allow, deny) in [
        ("StringEquals", true, false),
        ("StringEqualsIfExists", false, false),
        ("StringNotEquals", false, true),
        ("StringNotEqualsIfExists", false, true),
        ("ForAllValues:StringEquals", false, false),
        ("ForAllValues:StringNotEquals", false, true),
        ("ForAnyValue:StringEquals", true, false),
        ("ForAnyValue:StringNotEquals", false, false),
        ("ForAnyValue:StringLikeIfExists", false, false),
    ] {
        let condition = condition(operator, &["x"]);
        let literal = |holds| Literal { condition: &condition, holds };
        assert_eq!((literal(true).demands(false), literal(false).demands(false)), (allow, deny), "{operator}");
        let matches = literal(true).relation() == Relation::Match;
        assert_eq!((literal(true).demands(true), literal(false).demands(true)), (matches, !matches), "{operator}");
    }
}
