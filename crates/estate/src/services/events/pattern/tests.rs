//! Patterns and events of AWS's documentation, and what only looks like a match.

use super::*;
use crate::services::logs::filter_pattern::FilterMatch;
use serde_json::json;

fn of(pattern: &Value, event: Value) -> PatternMatch {
    matches(&pattern.to_string(), &EventSample::new("an event", event))
}

fn yes(pattern: &Value, event: Value) -> bool {
    of(pattern, event) == PatternMatch::Yes
}

fn no(pattern: &Value, event: Value) -> bool {
    of(pattern, event) == PatternMatch::No
}

#[test]
fn each_comparison_has_both_sides() {
    for (wanted, inside, outside) in [
        (json!("x"), json!("x"), json!("X")),
        (json!(null), json!(null), json!("")),
        (json!(true), json!(true), json!("true")),
        (json!(8), json!(8), json!(9)),
        (json!({"prefix": "us-"}), json!("us-east-1"), json!("eu-west-1")),
        (json!({"prefix": {"equals-ignore-case": "US-"}}), json!("us-east-1"), json!("eu-west-1")),
        (json!({"suffix": ".png"}), json!("a.png"), json!("a.PNG")),
        (json!({"suffix": {"equals-ignore-case": ".png"}}), json!("a.PNG"), json!("a.jpg")),
        (json!({"equals-ignore-case": "alice"}), json!("Alice"), json!("Bob")),
        (json!({"wildcard": "*/bin/*.sh"}), json!("usr/bin/a.sh"), json!("usr/lib/a.sh")),
        (json!({"wildcard": "a\\*b*"}), json!("a*bc"), json!("axbc")),
        (json!({"wildcard": "a*a"}), json!("aa"), json!("a")),
        (json!({"anything-but": "x"}), json!("y"), json!("x")),
        (json!({"anything-but": ["x", 3]}), json!("y"), json!(3)),
        (json!({"anything-but": {"prefix": "us-"}}), json!("eu-west-1"), json!("us-east-1")),
        (json!({"anything-but": {"prefix": ["us-", "eu-"]}}), json!("ap-south-1"), json!("eu-west-1")),
        (json!({"anything-but": {"suffix": ".png"}}), json!("a.jpg"), json!("a.png")),
        (json!({"anything-but": {"equals-ignore-case": "X"}}), json!("y"), json!("x")),
        (json!({"anything-but": {"wildcard": "*/lib/*"}}), json!("/bin/"), json!("/lib/")),
        (json!({"numeric": [">=", 7]}), json!(8.9), json!(6.9)),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(5), json!(5.1)),
        (json!({"numeric": ["=", 8]}), json!(8), json!("8")),
        (json!({"numeric": ["<", 8]}), json!(7), json!(8)),
        (json!({"cidr": "10.0.0.0/24"}), json!("10.0.0.7"), json!("10.0.1.7")),
        (json!({"cidr": "2001:db8::/32"}), json!("2001:db8::1"), json!("10.0.0.7")),
        (json!({"exists": true}), json!(""), json!({"a": 1})),
        (json!({"exists": false}), json!({"a": 1}), json!("")),
    ] {
        let pattern = json!({"detail": {"it": [wanted]}});
        assert!(yes(&pattern, json!({"detail": {"it": inside}})), "{wanted} {inside}");
        assert!(no(&pattern, json!({"detail": {"it": outside}})), "{wanted} {outside}");
    }
}

#[test]
fn what_a_sample_does_not_say_is_perhaps_and_what_it_lacks_is_decided() {
    let sample = EventSample::new("an event", json!({"detail": {"a": "x"}})).without(&["detail.errorCode", "detail.no"]);
    let of = |detail: Value| matches(&json!({ "detail": detail }).to_string(), &sample);
    assert_eq!(of(json!({"b": ["x"]})), perhaps("it depends on detail.b"));
    assert_eq!(of(json!({"b": [{"exists": false}]})), perhaps("it depends on detail.b"));
    assert_eq!(of(json!({"a": ["y"], "b": ["x"]})), PatternMatch::No, "one that is not met is enough");
    assert_eq!(of(json!({"errorCode": [{"exists": false}]})), PatternMatch::Yes);
    assert_eq!(of(json!({"errorCode": [{"exists": true}]})), PatternMatch::No);
    assert_eq!(of(json!({"errorCode": [{"anything-but": "AccessDenied"}]})), PatternMatch::No, "nothing is no value");
    assert_eq!(of(json!({"no": {"more": [{"exists": false}]}})), PatternMatch::Yes);
    assert_eq!(of(json!({"no": {"more": ["x"]}})), PatternMatch::No);
}

#[test]
fn what_is_no_object_has_nothing_below_it() {
    let without = json!({"detail": {"requestParameters": {"x": [{"exists": false}]}}});
    assert!(yes(&without, json!({"detail": {"requestParameters": null}})));
    assert!(no(&json!({"detail": {"requestParameters": {"x": ["y"]}}}), json!({"detail": {"requestParameters": null}})));
    assert!(no(&json!({"detail": {"x": {"y": [{"anything-but": "z"}]}}}), json!({"detail": {"x": "y"}})));
}

#[test]
fn an_event_of_a_call_brings_the_record_of_the_trail() {
    let event = json!({"source": "aws.sts", "detail": {"eventName": "AssumeRole"}});
    let record = EventSample::new("a call", event).without(&["detail.errorCode"]).record();
    let counts = |pattern: &str| crate::services::logs::filter_pattern::matches(pattern, &record);
    assert_eq!(counts("{ $.eventName = AssumeRole && $.errorCode NOT EXISTS }"), FilterMatch::Yes);
    assert_eq!(counts("{ $.eventName = GetRole }"), FilterMatch::No);
}

#[test]
fn what_cannot_be_read_decides_nothing() {
    let event = || json!({"a": "x"});
    for pattern in [
        json!({"a": [{"sounds-like": "x"}]}),
        json!({"a": [{"prefix": "x", "suffix": "x"}]}),
        json!({"a": [{"prefix": 3}]}),
        json!({"a": [{"numeric": [">"]}]}),
        json!({"a": [{"numeric": ["~", 3]}]}),
        json!({"a": [{"cidr": "everywhere"}]}),
        json!({"a": [{"anything-but": {"sounds-like": "x"}}]}),
        json!({"a": "x"}),
        json!({"$or": ["x"]}),
        json!([]),
    ] {
        assert!(matches!(of(&pattern, event()), PatternMatch::Perhaps(_)), "{pattern}");
    }
    assert!(matches!(matches("{", &EventSample::new("an event", event())), PatternMatch::Perhaps(_)));
    assert!(yes(&json!({"a": [{"sounds-like": "x"}, "x"]}), event()), "another way in is enough");
    assert!(matches!(of(&json!({"a": [7.0]}), json!({"a": 7})), PatternMatch::Perhaps(_)));
}

#[test]
fn alternatives_stand_beside_the_fields_that_all_need() {
    let pattern = json!({"source": ["s"], "$or": [{"a": [1]}, {"b": {"c": [2]}}]});
    assert!(yes(&pattern, json!({"source": "s", "a": 1, "b": {"c": 3}})));
    assert!(yes(&pattern, json!({"source": "s", "a": 2, "b": {"c": 2}})));
    assert!(no(&pattern, json!({"source": "s", "a": 2, "b": {"c": 3}})));
    assert!(no(&pattern, json!({"source": "t", "a": 1, "b": {"c": 3}})));
}

#[test]
fn fields_of_one_element_belong_together() {
    let pattern = json!({"findings": {"Severity": ["HIGH"], "State": ["NEW"]}});
    let finding = |severity: &str, state: &str| json!({"Severity": severity, "State": state});
    assert!(yes(&pattern, json!({"findings": [finding("LOW", "NEW"), finding("HIGH", "NEW")]})));
    assert!(no(&pattern, json!({"findings": [finding("LOW", "NEW"), finding("HIGH", "OLD")]})));
    assert!(yes(&json!({"list": ["x"]}), json!({"list": ["y", "x"]})), "one element of a list of values");
    assert!(no(&json!({"list": [{"exists": false}]}), json!({"list": ["y"]})));
}

#[test]
fn patterns_of_the_documentation_match_their_events() {
    let finding = |severity: f64| json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"severity": severity}});
    let seven = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}});
    assert!(yes(&seven, finding(9.5)) && no(&seven, finding(5.0)));
    let eight = json!({"source": ["aws.guardduty"], "detail": {"severity": [8, 8.0]}});
    assert!(yes(&eight, finding(8.0)) && no(&eight, finding(9.0)));
    let root = json!({"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": ["Root"]}}});
    let sign_in = |who: &str| json!({"source": "aws.signin", "detail-type": "AWS Console Sign In via CloudTrail", "detail": {"userIdentity": {"type": who}}});
    assert!(yes(&root, sign_in("Root")) && no(&root, sign_in("IAMUser")));
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
#[test]
fn the_examples_of_content_filtering() {
    let all = json!({
        "time": [{"prefix": "2017-10-02"}],
        "detail": {
            "state": [{"anything-but": "initializing"}], "c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"anything-but": [100, 200, 300]}], "y-limit": [{"numeric": ["=", 3.018e2]}]
        }
    });
    let event = |state: &str, limit: u32| {
        json!({
            "time": "2017-10-02T18:43:48Z",
            "detail": {"state": state, "c-count": 5, "d-count": 9, "x-limit": limit, "y-limit": 301.8}
        })
    };
    assert!(yes(&all, event("running", 400)) && no(&all, event("initializing", 400)) && no(&all, event("running", 200)));
    let without = json!({"detail": {"c-count": [{"exists": false}]}});
    assert!(yes(&without, json!({"detail": {"state": ["initializing"], "c-count": {"c1": 100}}})), "no leaf");
    assert!(no(&without, json!({"detail": {"c-count": 5}})));
    let or = json!({"detail": {"$or": [{"c-count": [{"numeric": [">", 0, "<=", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]}]}});
    assert!(yes(&or, json!({"detail": {"c-count": 9, "d-count": 8}})) && no(&or, json!({"detail": {"c-count": 9, "d-count": 10}})));
    for (wanted, inside, outside) in [
        (json!({"wildcard": "dir/*.png"}), "dir/a.png", "dir/a.jpg"),
        (json!({"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}), "/etc/x", "/usr/bin/x"),
        (json!({"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}), "running", "STOPPED"),
        (json!({"anything-but": {"suffix": [".png", ".jpg"]}}), "a.txt", "a.jpg"),
        (json!({"prefix": {"equals-ignore-case": "EventB"}}), "eventbridge", "myevent"),
        (json!({"suffix": {"equals-ignore-case": "tBridge"}}), "EVENTBRIDGE", "eventbus"),
        (json!(""), "", "x"),
    ] {
        let pattern = json!({"detail": {"it": [wanted]}});
        assert!(yes(&pattern, json!({"detail": {"it": inside}})), "{wanted} {inside}");
        assert!(no(&pattern, json!({"detail": {"it": outside}})), "{wanted} {outside}");
    }
}
