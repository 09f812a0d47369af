//! Patterns as people and AWS write them, against events.

use super::*;
use serde_json::json;

fn root() -> LogSample {
    let event = json!({
        "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "readOnly": false,
        "userIdentity": {"type": "Root", "sessionContext": {"attributes": {"mfaAuthenticated": "false"}}},
        "additionalEventData": {"MFAUsed": "No"}, "port": 443, "none": null, "list": [{"a": "x"}, {"a": "y"}]
    });
    LogSample::new("root", event, &["absent", "errorCode", "userIdentity.invokedBy"])
}

fn is(pattern: &str) -> FilterMatch {
    matches(pattern, &root())
}

const YES: FilterMatch = FilterMatch::Yes;
const NO: FilterMatch = FilterMatch::No;

fn open(pattern: &str) -> bool {
    matches!(is(pattern), FilterMatch::Perhaps(_))
}

#[test]
fn one_pattern_may_be_written_in_many_ways() {
    // semantics 35
    for pattern in [
        r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#,
        r#"{ $.eventType != "AwsServiceEvent" && $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }"#,
        "{ ($.userIdentity.type = Root)\n  && ($.userIdentity.invokedBy not exists)\n\t&& (($.eventType != AwsServiceEvent)) }",
        "  {$.['userIdentity'].type=Root}  ",
        r#"{ $.eventName = "ConsoleLogin" || $.eventName = "Never" }"#,
        "{ $.userIdentity.type = R* }",
        "{ $.userIdentity.type = %^R(oo)t$% || $.userIdentity.type = Root }",
        "{ $.userIdentity.type = %^Ro{2}t$% }",
        "",
    ] {
        assert!(is(pattern) != NO, "{pattern}");
        assert!(pattern.contains("(oo)") || is(pattern) == YES, "{pattern}: {:?}", is(pattern));
    }
    assert_eq!(is(r#"{ $.userIdentity.type = "root" }"#), NO, "case counts");
    assert_eq!(is(r#"{ $.eventName = "Console" }"#), NO, "the whole value");
}

#[test]
fn and_binds_closer_than_or() {
    assert_eq!(is("{ $.eventName = ConsoleLogin || $.eventName = x && $.eventName = y }"), YES);
    assert_eq!(is("{ ($.eventName = ConsoleLogin || $.eventName = x) && $.eventName = y }"), NO);
}

#[test]
fn every_operator_has_both_sides() {
    for (yes, no) in [
        ("$.port = 443", "$.port = 80"),
        ("$.port != 80", "$.port != 443"),
        ("$.port > 442.5", "$.port > 443"),
        ("$.port >= 4.43e2", "$.port >= 444"),
        ("$.port < 444", "$.port < 443"),
        ("$.port <= 443", "$.port <= 442"),
        ("$.none IS NULL", "$.port IS NULL"),
        ("$.readOnly IS FALSE", "$.readOnly IS TRUE"),
        ("$.errorCode NOT EXISTS", "$.eventName NOT EXISTS"),
        ("$.eventName != x", "$.eventName != Console*"),
        ("$.eventSource = *.amazonaws.com", "$.eventSource = *.amazonaws.com.cn"),
        ("$.eventSource = *.amazonaws.*", "$.eventSource = *x.*.com"),
        ("$.port = *", "$.absent = *"),
        ("$.list[1].a = y", "$.list[0].a = y"),
        ("$.eventName = %Log|Xyz%", "$.eventName = %^Log%"),
        ("$.eventName != %Delete%", "$.eventName != %[A-C]on.ole%"),
        (r"$.eventSource = %signin\.[a-z]+\.com$%", r"$.eventSource = %signin\d%"),
        ("$.userIdentity.type != \"a \\\"b\\\"\"", "$.errorCode = \"*\""),
    ] {
        assert_eq!(is(&format!("{{ {yes} }}")), YES, "{yes}");
        assert_eq!(is(&format!("{{ {no} }}")), NO, "{no}");
    }
}

#[test]
fn what_is_not_certain_or_not_documented_is_perhaps() {
    assert!(open("{ $.requestParameters.groupId = sg-1 }"));
    assert!(open("{ $.errorCode != AccessDenied }"), "of what is not there");
    assert!(open(r#"{ $.readOnly = "false" }"#), "a truth value and a text");
    assert!(open("{ $.list[*].a = x }"));
    assert!(open("{ $.userIdentity.type = R*t }") && open("{ $.userIdentity.type != R*t }"), "a star within");
    assert_eq!(is("{ $.requestParameters.x = 1 && $.eventName = y }"), NO, "the other half decides");
    assert_eq!(is("{ $.requestParameters.x = 1 || $.eventName = ConsoleLogin }"), YES);
}

#[test]
fn what_cannot_be_read_is_perhaps() {
    for pattern in [
        "Root",
        "?Root ?root",
        "[ip, user, ...]",
        "%Root%",
        "{ $.a = x",
        "{ $.a }",
        "{ $.a == x }",
        "{ $.a = x } y",
        "{ ($.a = x }",
        "{ $.a = x && }",
        "{ $ = x }",
        "{ a = x }",
        "{ $.a = \"x }",
        "{ $.a > x }",
        "{ $.a = %(x)% }",
        "{ $.a = x & $.b = y }",
    ] {
        assert!(open(pattern), "{pattern}");
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
#[test]
fn the_examples_of_the_documentation() {
    // semantics 35
    let trail = json!({
        "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "ThisFlag": true
    });
    let users = json!({
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]
    });
    for (event, pattern, wanted) in [
        (&trail, r#"{ $.eventType = "UpdateTrail" }"#, YES),
        (&trail, "{ $.eventType = %Trail% }", YES),
        (&trail, "{ $.sourceIPAddress != 123.123.* }", YES),
        (&trail, "{ $.sourceIPAddress = %111\\.111\\.111\\.1[0-9]{1,2}% }", YES),
        (&trail, r#"{ $.arrayKey[0] = "value" }"#, YES),
        (&trail, "{ $.arrayKey[0] = %val.{2}% }", YES),
        (&trail, "{ $.objectList[1].id = 2 }", YES),
        (&trail, "{ $.SomeObject IS NULL }", YES),
        (&trail, "{ $.SomeOtherObject NOT EXISTS }", YES),
        (&trail, "{ $.ThisFlag IS TRUE }", YES),
        (&users, r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, YES),
        (&users, r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, NO),
        (&users, r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }"#, YES),
        (&users, r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }"#, NO),
        // What is a list or an object matches neither.
        (&users, "{ $.users = 1 }", NO),
        (&users, "{ $.users != 1 }", NO),
        (&users, r#"{ $.user != "x" }"#, NO),
    ] {
        assert_eq!(matches(pattern, &LogSample::new("x", event.clone(), &["SomeOtherObject"])), wanted, "{pattern}");
    }
}
