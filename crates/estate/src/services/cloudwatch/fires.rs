//! Whether an alarm goes off when a metric filter has counted an event.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use super::{Dimension, MetricAlarm};

/// What a metric filter counts events in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    pub namespace: String,
    pub name: String,
}

/// Whether an alarm goes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fires {
    /// On the first event.
    AtOnce,
    /// On several only, and why.
    Late(String),
    /// On none, and why.
    Never(String),
    /// What is known of it does not decide it.
    Perhaps(String),
    /// It is on something else.
    Elsewhere,
}

impl MetricAlarm {
    /// Whether it goes off on events that are counted, each as one, without dimensions.
    pub fn fires_on(&self, counted: &Counted) -> Fires {
        let name = &self.alarm_name;
        if let Some(criteria) = &self.evaluation_criteria {
            return match criteria.to_string().contains(&counted.name) {
                true => Fires::Perhaps(format!("what the query of alarm {name} comes to is not judged")),
                false => Fires::Elsewhere,
            };
        }
        let is = |namespace: Option<&String>, metric: Option<&String>| {
            namespace == Some(&counted.namespace) && metric == Some(&counted.name)
        };
        if is(self.namespace.as_ref(), self.metric_name.as_ref()) {
            return match self.dimensions.first() {
                Some(Dimension { name: dimension }) => {
                    Fires::Never(format!("alarm {name} looks at dimension {dimension}, which the metric does not have"))
                }
                None => self.judged(self.statistic.as_deref()),
            };
        }
        let ours = |query: &&super::MetricQuery| {
            query.metric_stat.as_ref().is_some_and(|stat| {
                is(stat.metric.namespace.as_ref(), stat.metric.metric_name.as_ref()) && stat.metric.dimensions.is_empty()
            })
        };
        let Some(query) = self.metrics.iter().find(ours) else {
            let searches = |query: &super::MetricQuery| {
                query.expression.as_ref().is_some_and(|text| text.contains(&counted.name) || text.contains(&counted.namespace))
            };
            return match self.metrics.iter().any(searches) {
                true => Fires::Perhaps(format!("what the expression of alarm {name} comes to is not judged")),
                false => Fires::Elsewhere,
            };
        };
        if query.account_id.is_some() {
            return Fires::Perhaps(format!("alarm {name} names the account of its metric"));
        }
        let stat = query.metric_stat.as_ref().map(|stat| stat.stat.as_str());
        let returned = self.metrics.iter().find(|one| one.return_data != Some(false));
        match returned {
            Some(one) if one.id == query.id => self.judged(stat),
            Some(one) if one.expression.as_deref().is_some_and(|text| self.adds(text, &query.id)) => self.judged(stat),
            _ => Fires::Perhaps(format!("what the expression of alarm {name} comes to is not judged")),
        }
    }

    /// Whether an expression is a sum of metrics of the alarm in which this one stands: counts do not get less by others.
    fn adds(&self, expression: &str, id: &str) -> bool {
        let text: String = expression.chars().filter(|c| !c.is_whitespace()).collect();
        if ["SUM(METRICS())", "MAX(METRICS())"].iter().any(|all| text.eq_ignore_ascii_case(all)) {
            return true;
        }
        let terms: Vec<&str> = text
            .split('+')
            .map(|term| term.strip_prefix("FILL(").and_then(|term| term.strip_suffix(",0)")).unwrap_or(term))
            .collect();
        let known = |term: &&str| self.metrics.iter().any(|query| query.id == **term && query.metric_stat.is_some());
        terms.iter().all(known) && terms.contains(&id)
    }

    /// By statistic, threshold and periods, where the metric is the right one.
    fn judged(&self, statistic: Option<&str>) -> Fires {
        let name = &self.alarm_name;
        if self.threshold_metric_id.is_some() {
            return Fires::Perhaps(format!("alarm {name} compares with what is usual"));
        }
        // A filter with a default value reports where there is no event, too: a count of reports is none of events.
        if !matches!(statistic, Some("Sum" | "Maximum")) {
            let statistic = statistic.unwrap_or("a percentile");
            return Fires::Perhaps(format!("alarm {name} looks at {statistic} and not at the sum"));
        }
        // It acts when its state changes, not while it stays.
        if self.treat_missing_data.as_deref() == Some("breaching") {
            return Fires::Perhaps(format!("alarm {name} is in ALARM where there are no data, so that an event may change nothing"));
        }
        let (Some(how), Some(threshold)) = (self.comparison_operator.as_deref(), self.threshold) else {
            return Fires::Perhaps(format!("CloudWatch does not say what alarm {name} compares with"));
        };
        let without = match how {
            "GreaterThanOrEqualToThreshold" => threshold <= 0.0,
            _ => how == "GreaterThanThreshold" && threshold < 0.0,
        };
        if without {
            return Fires::Perhaps(format!("alarm {name} may be in ALARM without any event, so that one may change nothing"));
        }
        let first = match how {
            "GreaterThanOrEqualToThreshold" => threshold <= 1.0,
            "GreaterThanThreshold" => threshold < 1.0,
            "LessThanThreshold" | "LessThanOrEqualToThreshold" => {
                return Fires::Never(format!("alarm {name} goes off when there are few events"));
            }
            _ => return Fires::Perhaps(format!("how alarm {name} compares is not known: {how}")),
        };
        // A maximum of ones does not grow with their number.
        if !first && statistic == Some("Maximum") {
            return Fires::Never(format!("alarm {name} waits for a maximum over {threshold}, and each event counts as one"));
        }
        let needed = self.datapoints_to_alarm.or(self.evaluation_periods);
        match (first, needed) {
            (true, Some(1)) => Fires::AtOnce,
            (_, None) => Fires::Perhaps(format!("CloudWatch does not say how many periods alarm {name} evaluates")),
            (true, Some(periods)) => Fires::Late(format!("alarm {name} goes off only after {periods} periods with events")),
            (false, Some(_)) => Fires::Late(format!("alarm {name} goes off only at a threshold of {threshold}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(more: &Value) -> Fires {
        let mut alarm = json!({
            "AlarmName": "root", "AlarmArn": "arn", "ActionsEnabled": true, "Namespace": "Trail", "MetricName": "Root",
            "Statistic": "Sum", "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": 1
        });
        for (name, value) in more.as_object().unwrap() {
            alarm[name] = value.clone();
        }
        let alarm: MetricAlarm = serde_json::from_value(alarm).unwrap();
        alarm.fires_on(&Counted { namespace: "Trail".into(), name: "Root".into() })
    }

    fn kind(fires: &Fires) -> &'static str {
        match fires {
            Fires::AtOnce => "at once",
            Fires::Late(_) => "late",
            Fires::Never(_) => "never",
            Fires::Perhaps(_) => "perhaps",
            Fires::Elsewhere => "elsewhere",
        }
    }

    #[test]
    fn an_alarm_on_the_sum_fires_at_once_late_or_never() {
        // semantics 149
        for (more, wanted) in [
            (json!({}), "at once"),
            (json!({"Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold"}), "at once"),
            (json!({"Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}), "late"),
            (json!({"Threshold": 5.0}), "late"),
            (json!({"Threshold": 5.0, "Statistic": "Maximum"}), "never"),
            (json!({"Statistic": "Maximum"}), "at once"),
            (json!({"Statistic": "SampleCount"}), "perhaps"),
            (json!({"Threshold": 0.0}), "perhaps"),
            (json!({"Threshold": -1.0, "ComparisonOperator": "GreaterThanThreshold"}), "perhaps"),
            (json!({"Threshold": 0.5}), "at once"),
            (json!({"Statistic": "Average"}), "perhaps"),
            (json!({"Statistic": null, "ExtendedStatistic": "p99"}), "perhaps"),
            (json!({"ComparisonOperator": "LessThanThreshold"}), "never"),
            (json!({"ComparisonOperator": "SomethingNew"}), "perhaps"),
            (json!({"ComparisonOperator": null}), "perhaps"),
            (json!({"ThresholdMetricId": "ad1"}), "perhaps"),
            (json!({"EvaluationPeriods": 3}), "late"),
            (json!({"EvaluationPeriods": 3, "DatapointsToAlarm": 1}), "at once"),
            (json!({"EvaluationPeriods": null}), "perhaps"),
            (json!({"TreatMissingData": "breaching"}), "perhaps"),
            (json!({"TreatMissingData": "notBreaching"}), "at once"),
            (json!({"Dimensions": [{"Name": "Region", "Value": "x"}]}), "never"),
            (json!({"MetricName": "Other"}), "elsewhere"),
            (json!({"Namespace": "Other"}), "elsewhere"),
        ] {
            assert_eq!(kind(&of(&more)), wanted, "{more}");
        }
    }

    #[test]
    fn metric_math_is_followed_as_far_as_it_adds() {
        let metric = |id: &str, name: &str, returned: bool| {
            json!({"Id": id, "ReturnData": returned, "MetricStat": {"Stat": "Sum", "Period": 300, "Metric": {"Namespace": "Trail", "MetricName": name}}})
        };
        let math = |expression: &str| {
            of(&json!({"Namespace": null, "MetricName": null, "Statistic": null, "Metrics": [
                metric("m1", "Root", false), metric("m2", "Other", false), {"Id": "e", "Expression": expression}]}))
        };
        for adds in ["m1+m2", "FILL(m1, 0) + m2", "m1", "SUM(METRICS())"] {
            assert_eq!(math(adds), Fires::AtOnce, "{adds}");
        }
        for other in ["m1/m2", "m1-m2", "m2", "ANOMALY_DETECTION_BAND(m1)"] {
            assert_eq!(kind(&math(other)), "perhaps", "{other}");
        }
        let alone = of(&json!({"Namespace": null, "MetricName": null, "Metrics": [metric("m1", "Root", true)]}));
        assert_eq!(alone, Fires::AtOnce);
        let other = of(&json!({"Namespace": null, "MetricName": null, "Metrics": [metric("m1", "Other", true)]}));
        assert_eq!(other, Fires::Elsewhere);
        let search = json!({"Namespace": null, "MetricName": null, "Metrics": [{"Id": "e", "Expression": "SEARCH('{Trail} Root', 'Sum')"}]});
        assert_eq!(kind(&of(&search)), "perhaps");
        let promql = json!({"Namespace": null, "MetricName": null, "EvaluationCriteria": {"PromQLCriteria": {"Query": "Root > 1"}}});
        assert_eq!(kind(&of(&promql)), "perhaps");
        let mut foreign = metric("m1", "Root", true);
        foreign["AccountId"] = json!("444455556666");
        assert_eq!(kind(&of(&json!({"Namespace": null, "MetricName": null, "Metrics": [foreign]}))), "perhaps");
    }
}
