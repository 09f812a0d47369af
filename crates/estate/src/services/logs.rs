//! CloudWatch Logs: log groups and how they keep, encrypt and mask, and who else may write to or read from the account's logs.

pub mod filter_pattern;
pub mod masking;
mod metric_filters;

pub use metric_filters::{LogAnomalyDetector, MetricFilter, Transformation};

use crate::aws::answer::absent;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use masking::MaskingPolicy;
use serde::Deserialize;
use serde_json::json;

service! {
    /// CloudWatch Logs in a region.
    logs => Logs model "logs": Service {
        reads: &[
            ("DescribeAccountPolicies", |v| items::<MaskingPolicy>(v, "accountPolicies")),
            ("DescribeDestinations", |v| items::<LogDestination>(v, "destinations")),
            ("DescribeLogGroups", |v| items::<LogGroup>(v, "logGroups")),
            ("DescribeMetricFilters", |v| items::<MetricFilter>(v, "metricFilters")),
            ("ListLogAnomalyDetectors", |v| items::<LogAnomalyDetector>(v, "anomalyDetectors")),
            ("DescribeResourcePolicies", |v| items::<LogPolicy>(v, "resourcePolicies")),
            ("GetDataProtectionPolicy", whole::<MaskingPolicy>),
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
    /// For how many days events are kept, whether the group or a policy of the account says so; for ever where AWS leaves it out.
    pub retention_in_days: Option<i64>,
    /// The policy of the account by which they are.
    pub retention_policy_name: Option<String>,
    /// The ARN of the key that encrypts it; absent where AWS's own does.
    pub kms_key_id: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `ESSENTIALS`, `DELIVERY`
    pub log_group_class: Option<String>,
    /// Of a data protection policy of the group's own: `ACTIVATED`, `DELETED`, `ARCHIVED`, `DISABLED`.
    pub data_protection_status: Option<String>,
}

impl LogGroup {
    pub fn resource(&self) -> Resource {
        Resource::new(self.arn.trim_end_matches(":*"), "AWS::Logs::LogGroup", &self.name)
    }

    /// Whether it only passes logs on: it keeps them for a day, which nobody can change.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html>
    pub fn only_delivers(&self) -> bool {
        self.log_group_class.as_deref() == Some("DELIVERY")
    }

    /// Whether its class lets sensitive data be masked, which only the standard class does; groups from before there were classes have it.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data.html>
    pub fn can_mask(&self) -> bool {
        self.log_group_class.as_deref().is_none_or(|class| class == "STANDARD")
    }
}

/// Who may write to logs of the account: to any of its groups, or to one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogPolicy {
    #[serde(rename = "policyName")]
    pub name: Option<String>,
    #[serde(rename = "policyDocument")]
    pub document: String,
    /// The log group that it is attached to.
    pub resource_arn: Option<String>,
}

/// A name under which other accounts send their logs to a stream of this one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDestination {
    #[serde(rename = "destinationName")]
    pub name: String,
    pub arn: String,
    /// Who may send to it, JSON; absent until somebody sets it.
    pub access_policy: Option<String>,
}

impl LogDestination {
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Logs::Destination", &self.name)
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

    /// `logs:DescribeAccountPolicies`: the data protection policy that holds for every group of the standard class. AWS shows it only to
    /// who may `logs:GetDataProtectionPolicy` as well.
    pub async fn account_masking(self) -> Answer<Vec<MaskingPolicy>> {
        let of = json!({ "policyType": "DATA_PROTECTION_POLICY" });
        self.ask("DescribeAccountPolicies", "DATA_PROTECTION_POLICY", async move {
            Ok(self.client()?.items("DescribeAccountPolicies", of, "accountPolicies").await?)
        })
        .await
    }

    /// `logs:GetDataProtectionPolicy`: the policy of one group.
    pub async fn group_masking(self, group: &str) -> Answer<MaskingPolicy> {
        self.ask("GetDataProtectionPolicy", group, async move {
            Ok(self.client()?.call("GetDataProtectionPolicy", json!({ "logGroupIdentifier": group })).await?)
        })
        .await
    }

    /// `logs:DescribeResourcePolicies`, every page: the account's policies.
    pub async fn log_policies(self) -> Answer<Vec<LogPolicy>> {
        self.ask("DescribeResourcePolicies", "ACCOUNT", async move {
            Ok(self.client()?.items("DescribeResourcePolicies", json!({}), "resourcePolicies").await?)
        })
        .await
    }

    /// `logs:DescribeResourcePolicies`, every page: the policies of single groups. `None` where AWS wants one to be named.
    pub async fn group_policies(self) -> Answer<Option<Vec<LogPolicy>>> {
        self.ask("DescribeResourcePolicies", "RESOURCE", async move {
            let of = json!({ "policyScope": "RESOURCE" });
            absent(
                self.client()?.items("DescribeResourcePolicies", of, "resourcePolicies").await,
                &["InvalidParameterException"],
            )
        })
        .await
    }

    /// `logs:DescribeDestinations`, every page.
    pub async fn log_destinations(self) -> Answer<Vec<LogDestination>> {
        self.ask("DescribeDestinations", "", async move {
            Ok(self.client()?.items("DescribeDestinations", json!({}), "destinations").await?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_says_what_a_group_can_do() {
        let group = |class: Option<&str>| LogGroup {
            log_group_class: class.map(str::to_owned),
            ..serde_json::from_value(json!({"logGroupName": "g", "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*"}))
                .unwrap()
        };
        assert!(group(None).can_mask() && group(Some("STANDARD")).can_mask());
        for class in ["INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY"] {
            assert!(!group(Some(class)).can_mask(), "{class}");
            assert_eq!(group(Some(class)).only_delivers(), class == "DELIVERY");
        }
        assert_eq!(group(None).resource().arn, "arn:aws:logs:eu-west-1:111122223333:log-group:g");
    }
}
