//! The first half of the way, judged: whether a trail has an event, whether a metric filter counts it, and what all ways come to.

use super::kinds::Kind;
use super::way::{Seen, way};
use crate::prelude::*;
use posture_estate::services::cloudtrail::delivery::one_suffices;
use posture_estate::services::cloudtrail::selectors::{Access, Category, Coverage, Events, Selectors};
use posture_estate::services::logs::MetricFilter;
use posture_estate::services::logs::filter_pattern::{FilterMatch, LogSample, matches};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A trail, as far as it leads to metric filters.
pub(super) struct Source {
    pub trail: String,
    /// Region and name.
    pub group: Option<(String, String)>,
    pub works: Verdict,
    pub selectors: Option<Arc<Selectors>>,
    pub filters: Option<Answer<Vec<MetricFilter>>>,
}

/// Whether the filter counts the event.
pub(super) fn counts(filter: &MetricFilter, sample: &LogSample) -> FilterMatch {
    let matched = matches(&filter.filter_pattern, sample);
    let doubt = match filter {
        _ if matched == FilterMatch::No => None,
        MetricFilter { apply_on_transformed_logs: Some(true), .. } => Some("it looks at transformed events"),
        MetricFilter { field_selection_criteria: Some(text), .. } if !text.is_empty() => {
            Some("it chooses events by system fields first")
        }
        _ => None,
    };
    doubt.map_or(matched, |why| FilterMatch::Perhaps(why.to_owned()))
}

/// Whether an alarm tells of an event, by any trail and filter.
pub(super) fn told_of(kind: &Kind, sample: &LogSample, sources: &[Source], seen: &BTreeMap<String, Seen>) -> Verdict {
    if sources.is_empty() {
        return Verdict::fail("no_trail", "the account has no multi-Region trail");
    }
    let mut ways = Vec::new();
    let mut searched = Vec::new();
    for source in sources {
        let mut reasons = Reasons::new();
        if source.works.status != Status::Pass {
            reasons.join(source.works.clone());
        }
        if let Some(selectors) = &source.selectors {
            recorded(&source.trail, selectors, kind, sample, &mut reasons);
        }
        let works = reasons.or_pass(|| source.works.message.clone());
        let (Some((region, group)), Some(filters)) = (&source.group, &source.filters) else {
            ways.push(works);
            continue;
        };
        let filters = match (works.status, filters) {
            (Status::Fail, _) => {
                ways.push(works);
                continue;
            }
            (_, Err(gap)) => {
                ways.push(Verdict::unseen(gap));
                continue;
            }
            (_, Ok(filters)) => filters,
        };
        searched.push(group.as_str());
        for filter in filters.iter() {
            let matched = counts(filter, sample);
            let Some(seen) = seen.get(region).filter(|_| matched != FilterMatch::No) else { continue };
            let found = way(filter, seen, kind.each);
            match (matched, found.status, works.status) {
                (FilterMatch::Perhaps(_), Status::Fail, _) => {}
                (FilterMatch::Perhaps(why), ..) => {
                    let filter = &filter.filter_name;
                    ways.push(Verdict::undecided(format!(
                        "whether metric filter {filter} counts it is not certain: {why}"
                    )));
                }
                (_, Status::Pass, Status::Unknown) => ways.push(works.clone()),
                _ => ways.push(found),
            }
        }
    }
    let mut said = BTreeSet::new();
    ways.retain(|way| way.status == Status::Pass || said.insert(way.message.clone()));
    searched.dedup();
    let none = format!("no metric filter of log group {} counts {}", searched.join(", "), sample.what);
    one_suffices(ways, Verdict::fail("no_filter", none))
}

/// Whether the trail records what the sample stands for.
fn recorded(trail: &str, selectors: &Selectors, kind: &Kind, sample: &LogSample, reasons: &mut Reasons) {
    let source = sample.event().get("eventSource").and_then(Value::as_str).unwrap_or("");
    if selectors.excluded_sources().iter().any(|excluded| excluded == source) {
        reasons.broken("not_recorded", format!("trail {trail} leaves out the events of {source}"));
        return;
    }
    // What it leaves out of other services does not matter here.
    let mut rest = selectors.clone();
    rest.basic.iter_mut().for_each(|one| one.exclude_management_event_sources = None);
    for selector in &mut rest.advanced {
        selector.field_selectors.retain(|field| field.field() != "eventSource" || field.not_equals().is_empty());
    }
    let of = |access| rest.coverage(&Events::all(Category::Management, access));
    let covered: Vec<Coverage> =
        Access::BOTH.into_iter().filter(|access| kind.reads || *access == Access::Write).map(of).collect();
    if covered.contains(&Coverage::Nothing) {
        reasons.broken("not_recorded", format!("trail {trail} does not record all {}", kind.what));
    } else if covered.contains(&Coverage::Part) {
        reasons.doubt(format!("trail {trail} filters management events"));
    }
}

/// One verdict for a kind out of those of its samples; what is said of several events alike is said once.
pub(super) fn sum_up(kind: &Kind, told: Vec<Verdict>) -> Verdict {
    let mut by = BTreeSet::new();
    let mut lacks: BTreeMap<String, (Verdict, Vec<&str>)> = BTreeMap::new();
    for (sample, verdict) in kind.samples.iter().zip(told) {
        if verdict.status == Status::Pass {
            by.insert(verdict.message);
            continue;
        }
        let alike = verdict.message.strip_suffix(&sample.what).map(str::to_owned);
        let named = alike.as_ref().map(|_| sample.what.as_str());
        let lack =
            lacks.entry(alike.unwrap_or_else(|| verdict.message.clone())).or_insert_with(|| (verdict, Vec::new()));
        lack.1.extend(named);
    }
    let mut reasons = Reasons::new();
    for (message, (verdict, mut events)) in lacks {
        events.dedup();
        reasons.join(Verdict { message: message + &events.join(", "), ..verdict });
    }
    let by: Vec<String> = by.into_iter().collect();
    let verdict = reasons.or_pass(|| by.join("; "));
    Verdict { message: format!("{}: {}", kind.what, verdict.message), ..verdict }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::Changes;
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::cloudwatch::Alarms;
    use posture_estate::services::sns::Listeners;

    const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:alerts";
    const PATTERN: &str = "{ $.eventName = StopLogging || $.eventName = DeleteTrail }";

    fn kind() -> Kind {
        let changes =
            Changes { key: "k", what: "changes", source: "cloudtrail", names: &["StopLogging", "DeleteTrail"] };
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
        assert_eq!(
            told.message,
            "changes: metric filter stop and alarm stopped notify the subscribers of topic alerts"
        );
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
        for more in [json!({"applyOnTransformedLogs": true}), json!({"fieldSelectionCriteria": "@aws.account = \"1\""})]
        {
            assert_eq!(
                with(vec![filter("stop", PATTERN, &more)], &json!({}), subscribed()).status,
                Status::Unknown,
                "{more}"
            );
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
        for people in
            ["arn:aws:ssm:us-east-1:111122223333:opsitem:2", "arn:aws:ssm-incidents::111122223333:response-plan/p"]
        {
            let told = usual(&json!({ "AlarmActions": [people] }), subscribed());
            assert_eq!(told.status, Status::Pass, "{people}: {}", told.message);
        }
        let many = Kind { each: false, ..kind() };
        let filters = vec![filter("stop", PATTERN, &json!({}))];
        let rate =
            judged(&many, &[source(Ok(Arc::new(filters)))], seen(alarms(&json!({"Threshold": 10.0})), subscribed()));
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
        let elsewhere =
            Source { group: None, filters: None, works: Verdict::undecided("of account 2"), ..source(filters()) };
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
}
