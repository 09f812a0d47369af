//! What CloudWatch Logs counts in log groups, and what learns what is usual in them.

use super::Logs;
use crate::aws::answer::absent;
use crate::place::{Answer, Region};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricFilter {
    pub filter_name: String,
    /// Empty: every event.
    pub filter_pattern: String,
    pub metric_transformations: Vec<Transformation>,
    /// Whether it sees what the group's transformer makes of events, in place of what came in.
    pub apply_on_transformed_logs: Option<bool>,
    /// By which system fields events are chosen before the pattern is looked at.
    pub field_selection_criteria: Option<String>,
    /// `@aws.account`, `@aws.region`: dimensions that the metric gets besides its own.
    #[serde(default)]
    pub emit_system_field_dimensions: Vec<String>,
}

/// What a metric filter counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transformation {
    pub metric_name: String,
    pub metric_namespace: String,
    /// A number, or a property of the event.
    pub metric_value: String,
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AnomalyDetector.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogAnomalyDetector {
    pub anomaly_detector_arn: String,
    /// `INITIALIZING`, `TRAINING`, `ANALYZING`, `FAILED`, `DELETED`, `PAUSED`
    pub anomaly_detector_status: String,
}

impl LogAnomalyDetector {
    pub fn is_active(&self) -> bool {
        self.anomaly_detector_status == "ANALYZING"
    }

    /// Whether it detects nothing and will not by itself.
    pub fn is_idle(&self) -> bool {
        ["FAILED", "DELETED", "PAUSED"].contains(&self.anomaly_detector_status.as_str())
    }
}

impl Logs<'_, Region> {
    /// `logs:DescribeMetricFilters` of one log group, every page; none where there is no such group.
    pub async fn metric_filters(self, group: &str) -> Answer<Vec<MetricFilter>> {
        self.ask("DescribeMetricFilters", group, async move {
            let of = json!({ "logGroupName": group });
            let found = self.client()?.items("DescribeMetricFilters", of, "metricFilters").await;
            Ok(absent(found, &["ResourceNotFoundException"])?.unwrap_or_else(Vec::new))
        })
        .await
    }

    /// `logs:ListLogAnomalyDetectors`, every page.
    pub async fn log_anomaly_detectors(self) -> Answer<Vec<LogAnomalyDetector>> {
        self.ask("ListLogAnomalyDetectors", "", async move {
            Ok(self.client()?.items("ListLogAnomalyDetectors", json!({}), "anomalyDetectors").await?)
        })
        .await
    }
}
