//! CloudWatch Logs: log groups and how they keep, encrypt and mask, and who else may write to or read from the account's logs.

pub mod filter_pattern;
mod metric_filters;

pub use metric_filters::{LogAnomalyDetector, MetricFilter, Transformation};

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// CloudWatch Logs in a region.
    logs => Logs model "logs": Service {
        asff: &[("AWS::Logs::LogGroup", "AwsLogsLogGroup")],
        reads: &[
            ("DescribeLogGroups", |v| items::<LogGroup>(v, "logGroups")),
            ("DescribeMetricFilters", |v| items::<MetricFilter>(v, "metricFilters")),
            ("ListLogAnomalyDetectors", |v| items::<LogAnomalyDetector>(v, "anomalyDetectors")),
        ],
        ..Service::new("logs", "CloudWatch Logs", Wire::AwsJson)
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogGroup {
    #[serde(rename = "logGroupName")]
    pub name: String,
    /// Ends in `:*`.
    pub arn: String,
    /// For how many days events are kept; for ever where AWS leaves it out.
    pub retention_in_days: Option<i64>,
    /// The key that encrypts it besides AWS's own, by its ARN.
    pub kms_key_id: Option<String>,
    /// How many metric filters it has.
    pub metric_filter_count: Option<i64>,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY`
    pub log_group_class: Option<String>,
    /// Of a policy of the group's own: `ACTIVATED`, `DELETED`, `ARCHIVED`, `DISABLED`.
    pub data_protection_status: Option<String>,
    /// `ACCOUNT_DATA_PROTECTION` where the account's policy holds for it.
    #[serde(default)]
    pub inherited_properties: Vec<String>,
}

impl LogGroup {
    pub fn resource(&self) -> Resource {
        Resource::new(self.arn.trim_end_matches(":*"), "AWS::Logs::LogGroup", &self.name)
    }
}

impl Logs<'_, Region> {
    /// `logs:DescribeLogGroups`, every page: the account's own groups.
    pub async fn log_groups(self) -> Answer<Vec<LogGroup>> {
        self.ask("DescribeLogGroups", "", async move {
            Ok(self.client()?.items("DescribeLogGroups", json!({}), "logGroups").await?)
        })
        .await
    }
}
