//! Which topics carry what matters to security: those that alarms on a trail's log group notify, and those that rules of EventBridge
//! start on findings, sign-ins and calls.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::cloudwatch::{Alarms, Counted, Fires};
use posture_estate::services::events::EventRule;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::logs::MetricFilter;
use std::collections::BTreeMap;

/// Who sends events that matter to security, and what such an event is called.
/// <https://docs.aws.amazon.com/eventbridge/latest/ref/events.html>
const EVENTS: &[(&str, &str)] = &[
    ("aws.access-analyzer", "Access Analyzer Finding"),
    ("aws.cloudtrail", "AWS API Call via CloudTrail"),
    ("aws.config", "Config Rules Compliance Change"),
    ("aws.guardduty", "GuardDuty Finding"),
    ("aws.iam", "AWS API Call via CloudTrail"),
    ("aws.inspector2", "Inspector2 Finding"),
    ("aws.kms", "AWS API Call via CloudTrail"),
    ("aws.macie", "Macie Finding"),
    ("aws.organizations", "AWS API Call via CloudTrail"),
    ("aws.securityhub", "Findings Imported V2"),
    ("aws.securityhub", "Security Hub Findings - Custom Action"),
    ("aws.securityhub", "Security Hub Findings - Imported"),
    ("aws.signin", "AWS Console Sign In via CloudTrail"),
];

/// The security topics of a Region by their ARNs, each with what notifies it, and what kept more from being seen.
#[derive(Default)]
pub(super) struct Topics {
    pub by: BTreeMap<String, Vec<String>>,
    pub gaps: Vec<Gap>,
}

impl Topics {
    fn add(&mut self, arn: &str, by: String) {
        if Arn::parse(arn).is_some_and(|arn| arn.service == "sns") {
            self.by.entry(arn.to_owned()).or_default().push(by);
        }
    }

    fn see<T>(&mut self, answer: Answer<T>) -> Option<Arc<T>> {
        answer.map_err(|gap| self.gaps.push(gap)).ok()
    }

    /// Alarms are asked only where a trail's log group in the Region has filters, targets only of the rules that matter.
    pub(super) async fn of(at: &Region) -> Topics {
        let mut topics = Topics::default();
        let (rules, filters) = join!(at.events().rules(), filters(at, &mut topics));
        if !filters.is_empty()
            && let Some(alarms) = topics.see(at.cloudwatch().alarms().await)
        {
            topics.of_alarms(&alarms, &filters);
        }
        let rules = topics.see(rules);
        let matters = rules.iter().flat_map(|rules| rules.iter()).filter(|rule| matters(rule));
        let targets = join_all(matters.map(async |rule| (rule, at.events().targets(&rule.name).await))).await;
        for (rule, answer) in targets {
            for target in topics.see(answer).iter().flat_map(|targets| targets.iter()) {
                topics.add(&target.arn, format!("rule {}", rule.name));
            }
        }
        topics
    }

    fn of_alarms(&mut self, alarms: &Alarms, filters: &[MetricFilter]) {
        let transformations = filters.iter().flat_map(|filter| &filter.metric_transformations);
        let counted: Vec<Counted> = transformations
            .map(|one| Counted { namespace: one.metric_namespace.clone(), name: one.metric_name.clone() })
            .collect();
        for alarm in &alarms.metric {
            if counted.iter().any(|counted| alarm.fires_on(counted) != Fires::Elsewhere) {
                for (acting, _) in alarms.with(alarm.acting()) {
                    acting.actions.iter().for_each(|action| self.add(action, format!("alarm {}", acting.name)));
                }
            }
        }
        self.by.values_mut().for_each(|by| {
            by.sort();
            by.dedup();
        });
    }
}

/// The metric filters of the log groups in the Region that trails of all Regions deliver to.
async fn filters(at: &Region, topics: &mut Topics) -> Vec<MetricFilter> {
    let trails = match at.account().cloudtrail().multi_region_trails().await {
        Ok(trails) => trails,
        Err(gap) => {
            topics.gaps.push(gap);
            return Vec::new();
        }
    };
    let groups = trails.iter().filter_map(|trail| {
        let arn = Arn::parse(trail.log_group.as_deref()?)?;
        let here = arn.region == at.name() && arn.account == at.account_id();
        here.then(|| arn.resource.trim_start_matches("log-group:").trim_end_matches(":*"))
    });
    let asked = join_all(groups.map(async |group| at.logs().metric_filters(group).await)).await;
    asked.into_iter().filter_map(|answer| topics.see(answer)).flat_map(|filters| filters.to_vec()).collect()
}

/// Whether the rule may start its targets on an event that matters.
fn matters(rule: &EventRule) -> bool {
    EVENTS.iter().any(|(source, kind)| {
        let sample = EventSample::new(*kind, json!({ "source": source, "detail-type": kind }));
        rule.fires_on(&sample) != PatternMatch::No
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_on_findings_sign_ins_and_calls_matter() {
        let matters = |state: &str, pattern: &str| {
            let rule = json!({"Name": "r", "Arn": "arn", "State": state, "EventPattern": pattern});
            matters(&serde_json::from_value(rule).unwrap())
        };
        let findings = r#"{"source":["aws.guardduty"],"detail":{"severity":[{"numeric":[">=",7]}]}}"#;
        assert!(matters("ENABLED", findings));
        assert!(!matters("DISABLED", findings));
        assert!(matters("ENABLED", r#"{"detail-type":["AWS Console Sign In via CloudTrail"]}"#));
        assert!(matters("ENABLED", r#"{"source":["aws.iam"],"detail":{"eventName":["CreateUser"]}}"#));
        assert!(!matters(
            "ENABLED",
            r#"{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}"#
        ));
    }

    #[test]
    fn alarms_on_other_metrics_do_not_matter() {
        let alarm = |name: &str, metric: &str, topic: &str| {
            json!({
                "AlarmName": name, "AlarmArn": name, "ActionsEnabled": true, "AlarmActions": [topic, "arn:aws:lambda:x:1:function:f"],
                "Namespace": "Trail", "MetricName": metric, "Statistic": "Sum"
            })
        };
        let filter = json!({"filterName": "root", "filterPattern": "", "metricTransformations": [
            {"metricName": "root", "metricNamespace": "Trail", "metricValue": "1"}]});
        let metric = [alarm("root", "root", "arn:aws:sns:x:1:alerts"), alarm("load", "cpu", "arn:aws:sns:x:1:ops")];
        let metric = metric.into_iter().map(|one| serde_json::from_value(one).unwrap()).collect();
        let mut topics = Topics::default();
        topics.of_alarms(&Alarms { metric, ..Alarms::default() }, &[serde_json::from_value(filter).unwrap()]);
        assert_eq!(topics.by, BTreeMap::from([("arn:aws:sns:x:1:alerts".to_owned(), vec!["alarm root".to_owned()])]));
    }
}
