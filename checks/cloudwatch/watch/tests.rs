//! Each step of the way from an event to a person, on its own and both sides.

use super::super::kinds::Changes;
use super::*;
use posture_estate::finding::GapKind;
use posture_estate::services::cloudwatch::Alarms;
use posture_estate::services::sns::Listeners;

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:alerts";
const PATTERN: &str = "{ $.eventName = StopLogging || $.eventName = DeleteTrail }";

fn kind() -> Kind {
    let changes = Changes { key: "k", what: "changes", source: "cloudtrail", names: &["StopLogging", "DeleteTrail"] };
    changes.kind(&["us-east-1".into()])
}

fn gap() -> Gap {
    Gap::new("111122223333", "us-east-1", "logs:DescribeMetricFilters", GapKind::Denied, "no")
}

fn filter(name: &str, pattern: &str, more: &Value) -> MetricFilter {
    let mut filter = json!({
        "filterName": name, "filterPattern": pattern,
        "metricTransformations": [{"metricName": name, "metricNamespace": "Trail", "metricValue": "1"}]
    });
    for (key, value) in more.as_object().unwrap() {
        filter[key] = value.clone();
    }
    serde_json::from_value(filter).unwrap()
}

fn source(filters: Answer<Vec<MetricFilter>>) -> Source {
    Source {
        trail: "main".into(),
        group: Some(("us-east-1".into(), "trail".into())),
        works: Verdict::pass("trail main delivers"),
        selectors: Some(Arc::new(Selectors::default_of_a_trail())),
        filters: Some(filters),
    }
}

fn alarms(more: &Value) -> Value {
    let mut alarm = json!({
        "AlarmName": "stopped", "AlarmArn": "arn:stopped", "ActionsEnabled": true, "AlarmActions": [TOPIC], "Namespace": "Trail",
        "MetricName": "stop", "Statistic": "Sum", "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1
    });
    for (key, value) in more.as_object().unwrap() {
        alarm[key] = value.clone();
    }
    alarm
}

fn seen(alarm: Value, listeners: Result<Listeners, Gap>) -> Seen {
    let alarms = Alarms { metric: vec![serde_json::from_value(alarm).unwrap()], ..Alarms::default() };
    Seen {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        alarms: Ok(Arc::new(alarms)),
        topics: [(TOPIC.to_owned(), listeners)].into(),
    }
}

fn subscribed() -> Result<Listeners, Gap> {
    Ok(Listeners { of_others: 1, ..Listeners::default() })
}

fn judged(kind: &Kind, sources: &[Source], seen: Seen) -> Verdict {
    let seen = [("us-east-1".to_owned(), seen)].into();
    sum_up(kind, kind.samples.iter().map(|sample| told_of(kind, sample, sources, &seen)).collect())
}

fn with(filters: Vec<MetricFilter>, alarm: &Value, listeners: Result<Listeners, Gap>) -> Verdict {
    judged(&kind(), &[source(Ok(Arc::new(filters)))], seen(alarms(alarm), listeners))
}

fn usual(alarm: &Value, listeners: Result<Listeners, Gap>) -> Verdict {
    with(vec![filter("stop", PATTERN, &json!({}))], alarm, listeners)
}

#[test]
fn the_whole_way_passes() {
    let told = usual(&json!({}), subscribed());
    assert_eq!(told.status, Status::Pass, "{}", told.message);
    assert_eq!(told.message, "changes: metric filter stop and alarm stopped notify the subscribers of topic alerts");
}

#[test]
fn a_filter_has_to_count_every_event_alone_or_with_others() {
    // semantics 35
    let stop = || filter("stop", "{ $.eventName = StopLogging }", &json!({}));
    let half = with(vec![stop()], &json!({}), subscribed());
    assert_eq!((half.status, half.reasons), (Status::Fail, vec!["no_filter"]));
    assert_eq!(half.message, "changes: no metric filter of log group trail counts DeleteTrail");
    let mut rest = filter("rest", "{ $.eventName = Delete* }", &json!({}));
    rest.metric_transformations = stop().metric_transformations;
    assert_eq!(with(vec![stop(), rest], &json!({}), subscribed()).status, Status::Pass);
    assert_eq!(with(vec![], &json!({}), subscribed()).reasons, ["no_filter"]);
}

#[test]
fn a_filter_that_may_count_is_unknown_where_somebody_would_hear_of_it() {
    let text = || vec![filter("stop", "StopLogging", &json!({}))];
    assert_eq!(with(text(), &json!({}), subscribed()).status, Status::Unknown);
    assert_eq!(with(text(), &json!({}), Ok(Listeners::default())).reasons, ["no_filter"]);
    for more in [json!({"applyOnTransformedLogs": true}), json!({"fieldSelectionCriteria": "@aws.account = \"1\""})] {
        assert_eq!(with(vec![filter("stop", PATTERN, &more)], &json!({}), subscribed()).status, Status::Unknown, "{more}");
    }
    let counted = |value: &str| {
        let one = json!({"metricTransformations": [{"metricName": "stop", "metricNamespace": "Trail", "metricValue": value}]});
        with(vec![filter("stop", PATTERN, &one)], &json!({}), subscribed())
    };
    assert_eq!(counted("1").status, Status::Pass);
    assert_eq!(counted("0").reasons, ["alarm_never_fires"]);
    assert_eq!(counted("$.requestParameters.size").status, Status::Unknown);
    let split = json!({"metricTransformations": [{"metricName": "stop", "metricNamespace": "Trail", "metricValue": "1", "dimensions": {"R": "$.awsRegion"}}]});
    assert_eq!(with(vec![filter("stop", PATTERN, &split)], &json!({}), subscribed()).status, Status::Unknown);
}

#[test]
fn the_alarm_has_to_go_off_and_act() {
    for (alarm, slug) in [
        (json!({"MetricName": "other"}), "no_alarm"),
        (json!({"Threshold": 10.0}), "alarm_too_late"),
        (json!({"ComparisonOperator": "LessThanThreshold"}), "alarm_never_fires"),
        (json!({"ActionsEnabled": false}), "actions_disabled"),
        (json!({"AlarmActions": []}), "no_topic"),
        (json!({"AlarmActions": ["arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:x"]}), "no_topic"),
    ] {
        assert_eq!(usual(&alarm, subscribed()).reasons, [slug], "{alarm}");
    }
    for alarm in [
        json!({"Statistic": "Average"}),
        json!({"AlarmActions": ["arn:aws:lambda:us-east-1:111122223333:function:page"]}),
        json!({"AlarmActions": ["arn:aws:sns:us-east-1:444455556666:alerts"]}),
    ] {
        assert_eq!(usual(&alarm, subscribed()).status, Status::Unknown, "{alarm}");
    }
    let many = Kind { each: false, ..kind() };
    let filters = vec![filter("stop", PATTERN, &json!({}))];
    let rate = judged(&many, &[source(Ok(Arc::new(filters)))], seen(alarms(&json!({"Threshold": 10.0})), subscribed()));
    assert_eq!(rate.status, Status::Pass, "where the number matters");
}

#[test]
fn somebody_has_to_be_subscribed() {
    assert_eq!(usual(&json!({}), Ok(Listeners { pending: 1, ..Listeners::default() })).reasons, ["no_subscriber"]);
    assert_eq!(usual(&json!({}), Ok(Listeners { gone: true, ..Listeners::default() })).reasons, ["no_subscriber"]);
    assert_eq!(usual(&json!({}), Err(gap())).status, Status::Unknown);
}

#[test]
fn what_was_not_seen_is_unknown() {
    let blind = source(Err(gap()));
    assert_eq!(judged(&kind(), &[blind], seen(alarms(&json!({})), subscribed())).status, Status::Unknown);
    let mut no_alarms = seen(alarms(&json!({})), subscribed());
    no_alarms.alarms = Err(gap());
    let filters = || Ok(Arc::new(vec![filter("stop", PATTERN, &json!({}))]));
    assert_eq!(judged(&kind(), &[source(filters())], no_alarms).status, Status::Unknown);
    let elsewhere = Source { group: None, filters: None, works: Verdict::undecided("of account 2"), ..source(filters()) };
    assert_eq!(judged(&kind(), &[elsewhere], seen(alarms(&json!({})), subscribed())).status, Status::Unknown);
    let unsure = Source { works: Verdict::unseen(&gap()), ..source(filters()) };
    assert_eq!(judged(&kind(), &[unsure], seen(alarms(&json!({})), subscribed())).status, Status::Unknown);
}

#[test]
fn the_trail_has_to_deliver_and_to_record() {
    let judged = |sources: &[Source], kind: &Kind| judged(kind, sources, seen(alarms(&json!({})), subscribed()));
    let filters = || Ok(Arc::new(vec![filter("stop", PATTERN, &json!({}))]));
    assert_eq!(judged(&[], &kind()).reasons, ["no_trail"]);
    let silent = || Source { works: Verdict::fail("not_logging", "trail off"), filters: None, ..source(filters()) };
    assert_eq!(judged(&[silent()], &kind()).reasons, ["not_logging"]);
    assert_eq!(judged(&[silent(), source(filters())], &kind()).status, Status::Pass);
    let with = |change: &dyn Fn(&mut Selectors)| {
        let mut selectors = Selectors::default_of_a_trail();
        change(&mut selectors);
        Source { selectors: Some(Arc::new(selectors)), ..source(filters()) }
    };
    let leaves_out = |what: &str| {
        with(&|selectors| selectors.basic[0].exclude_management_event_sources = Some(vec![what.to_owned()]))
    };
    assert_eq!(judged(&[leaves_out("cloudtrail.amazonaws.com")], &kind()).reasons, ["not_recorded"]);
    assert_eq!(judged(&[leaves_out("kms.amazonaws.com")], &kind()).status, Status::Pass);
    let writes = || with(&|selectors| selectors.basic[0].read_write_type = Some("WriteOnly".into()));
    assert_eq!(judged(&[writes()], &kind()).status, Status::Pass);
    assert_eq!(judged(&[writes()], &Kind { reads: true, ..kind() }).reasons, ["not_recorded"]);
}
