//! CloudWatch: the alarms of a Region, what makes each go off, and what learns what is usual of metrics.

mod composite;
mod fires;

pub use fires::{Counted, Fires};

use crate::aws::fault::Fault;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::{Value, json};

service! {
    /// CloudWatch in a region.
    cloudwatch => CloudWatch model "cloudwatch": Service {
        asff: &[("AWS::CloudWatch::Alarm", "AwsCloudWatchAlarm")],
        reads: &[
            ("DescribeAlarms", whole::<AlarmPage>),
            ("DescribeAnomalyDetectors", |v| items::<AnomalyDetector>(v, "AnomalyDetectors")),
        ],
        ..Service::new("cloudwatch", "CloudWatch", Wire::AwsJson)
    }
}

/// A page of alarms. Each list is on it where there is one of its kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlarmPage {
    metric_alarms: Option<Vec<MetricAlarm>>,
    composite_alarms: Option<Vec<CompositeAlarm>>,
}

/// The alarms of a Region.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    pub metric: Vec<MetricAlarm>,
    pub composite: Vec<CompositeAlarm>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricAlarm {
    pub alarm_name: String,
    pub alarm_arn: String,
    pub actions_enabled: bool,
    #[serde(default)]
    pub alarm_actions: Vec<String>,
    /// Of an alarm on one metric, with its name; others have `metrics` or a query.
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    statistic: Option<String>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    evaluation_periods: Option<i64>,
    /// As many as are evaluated, where it is left out.
    datapoints_to_alarm: Option<i64>,
    #[serde(default)]
    metrics: Vec<MetricQuery>,
    /// `breaching`, `notBreaching`, `ignore`, `missing`
    treat_missing_data: Option<String>,
    /// The query whose band is the threshold.
    threshold_metric_id: Option<String>,
    /// Of an alarm on a query in PromQL.
    evaluation_criteria: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricQuery {
    id: String,
    metric_stat: Option<MetricStat>,
    expression: Option<String>,
    /// True where it is left out.
    return_data: Option<bool>,
    /// Where the metric is another account's.
    account_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Metric,
    stat: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CompositeAlarm {
    pub alarm_name: String,
    pub alarm_arn: String,
    pub actions_enabled: bool,
    #[serde(default)]
    pub alarm_actions: Vec<String>,
    pub alarm_rule: String,
    /// The alarm that keeps it from acting.
    pub actions_suppressor: Option<String>,
}

/// What an alarm does when it goes off.
#[derive(Clone, Copy, Debug)]
pub struct Acting<'a> {
    pub name: &'a str,
    pub arn: &'a str,
    pub enabled: bool,
    pub actions: &'a [String],
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AnomalyDetector.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AnomalyDetector {
    /// `PENDING_TRAINING`, `TRAINED_INSUFFICIENT_DATA`, `TRAINED`
    pub state_value: String,
}

impl AnomalyDetector {
    pub fn is_active(&self) -> bool {
        self.state_value == "TRAINED"
    }

    /// Whether there are not the data to detect anything.
    pub fn is_idle(&self) -> bool {
        self.state_value == "TRAINED_INSUFFICIENT_DATA"
    }
}

impl MetricAlarm {
    pub fn acting(&self) -> Acting<'_> {
        Acting {
            name: &self.alarm_name,
            arn: &self.alarm_arn,
            enabled: self.actions_enabled,
            actions: &self.alarm_actions,
        }
    }
}

impl CompositeAlarm {
    pub fn acting(&self) -> Acting<'_> {
        Acting {
            name: &self.alarm_name,
            arn: &self.alarm_arn,
            enabled: self.actions_enabled,
            actions: &self.alarm_actions,
        }
    }
}

impl Acting<'_> {
    /// Whether it does anything when it goes off.
    pub fn is_live(&self) -> bool {
        self.enabled && !self.actions.is_empty()
    }

    /// The alarm as the resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(self.arn, "AWS::CloudWatch::Alarm", self.name).name(self.name)
    }
}

impl Alarms {
    pub fn is_empty(&self) -> bool {
        self.metric.is_empty() && self.composite.is_empty()
    }

    /// Every alarm, by what it does.
    pub fn acting(&self) -> impl Iterator<Item = Acting<'_>> {
        let metric = self.metric.iter().map(MetricAlarm::acting);
        metric.chain(self.composite.iter().map(CompositeAlarm::acting))
    }
}

impl CloudWatch<'_, Region> {
    /// `cloudwatch:DescribeAlarms`, every page, of both kinds: unasked, AWS leaves composite alarms out.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
    pub async fn alarms(self) -> Answer<Alarms> {
        let both = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        self.ask("DescribeAlarms", "", async move {
            let mut all = Alarms::default();
            for page in self.client()?.pages::<AlarmPage>("DescribeAlarms", both).await? {
                if page.metric_alarms.is_none() && page.composite_alarms.is_none() {
                    return Err(Fault::malformed("the answer has neither MetricAlarms nor CompositeAlarms"));
                }
                all.metric.extend(page.metric_alarms.into_iter().flatten());
                all.composite.extend(page.composite_alarms.into_iter().flatten());
            }
            Ok(all)
        })
        .await
    }

    /// `cloudwatch:DescribeAnomalyDetectors`, every page, of both types: unasked, AWS leaves those on metric math out.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html>
    pub async fn anomaly_detectors(self) -> Answer<Vec<AnomalyDetector>> {
        let both = json!({ "AnomalyDetectorTypes": ["SINGLE_METRIC", "METRIC_MATH"] });
        self.ask("DescribeAnomalyDetectors", "", async move {
            Ok(self.client()?.items("DescribeAnomalyDetectors", both, "AnomalyDetectors").await?)
        })
        .await
    }
}
