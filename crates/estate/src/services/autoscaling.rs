//! EC2 Auto Scaling: groups, how they are renewed, and the launch configurations from before launch templates.

use crate::aws::model::Time;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

service! {
    /// EC2 Auto Scaling in a region.
    autoscaling => AutoScaling model "autoscaling": Service {
        encoded: &["UserData"],
        asff: &[
            ("AWS::AutoScaling::AutoScalingGroup", "AwsAutoScalingAutoScalingGroup"),
            ("AWS::AutoScaling::LaunchConfiguration", "AwsAutoScalingLaunchConfiguration"),
        ],
        reads: &[
            ("DescribeAutoScalingGroups", |v| items::<Group>(v, "AutoScalingGroups")),
            ("DescribeInstanceRefreshes", whole::<Refreshes>),
            ("DescribeLaunchConfigurations", |v| items::<LaunchConfiguration>(v, "LaunchConfigurations")),
        ],
        ..Service::new("autoscaling", "EC2 Auto Scaling", Wire::Query)
    }
}

/// How far back AWS tells of instance refreshes, in days: six weeks.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html>
pub const REFRESHES_SHOWN: i64 = 42;

/// What AWS answers for a group that is gone.
pub const GONE: &[&str] = &["ValidationError"];

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchConfiguration {
    #[serde(rename = "LaunchConfigurationName")]
    pub name: String,
    #[serde(rename = "LaunchConfigurationARN")]
    arn: Option<String>,
    pub image_id: String,
    /// By id, and by name where there is no VPC.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// In base64; redacted on tapes.
    pub user_data: Option<String>,
    /// Whether its instances get a public address; where it does not say, the subnet does.
    pub associate_public_ip_address: Option<bool>,
    pub metadata_options: Option<MetadataOptions>,
    #[serde(default)]
    pub block_device_mappings: Vec<BlockDevice>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetadataOptions {
    /// `optional`, `required`
    pub http_tokens: Option<String>,
    /// `disabled`, `enabled`
    pub http_endpoint: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BlockDevice {
    pub device_name: String,
    pub ebs: Option<EbsVolume>,
    /// Takes out what the image maps there.
    pub no_device: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EbsVolume {
    pub encrypted: Option<bool>,
    pub snapshot_id: Option<String>,
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    #[serde(rename = "AutoScalingGroupName")]
    pub name: String,
    #[serde(rename = "AutoScalingGroupARN")]
    arn: Option<String>,
    pub launch_configuration_name: Option<String>,
    launch_template: Option<TemplateChoice>,
    mixed_instances_policy: Option<MixedInstances>,
    /// In seconds.
    pub max_instance_lifetime: Option<i64>,
    pub created_time: Time,
    #[serde(default)]
    pub instances: Vec<GroupInstance>,
    #[serde(default)]
    tags: Vec<GroupTag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupInstance {
    pub instance_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupTag {
    key: Option<String>,
    value: Option<String>,
}

/// A launch template and the version of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateChoice {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    /// A number, `$Latest` or `$Default`.
    version: Option<String>,
}

impl TemplateChoice {
    /// The name, or the id where it has none.
    pub fn label(&self) -> &str {
        self.launch_template_name.as_deref().or(self.launch_template_id.as_deref()).unwrap_or("unnamed")
    }

    /// Where it says one.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref().filter(|version| !version.is_empty())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MixedInstances {
    launch_template: Option<MixedTemplate>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MixedTemplate {
    launch_template_specification: Option<TemplateChoice>,
}

impl Group {
    /// The launch template that it starts instances from, by itself or in its mixed instances policy.
    pub fn template(&self) -> Option<&TemplateChoice> {
        let mixed = || self.mixed_instances_policy.as_ref()?.launch_template.as_ref()?.launch_template_specification.as_ref();
        self.launch_template.as_ref().or_else(mixed)
    }

    /// The launch configuration that it starts instances from.
    pub fn launch_configuration(&self) -> Option<&str> {
        self.launch_configuration_name.as_deref().filter(|name| !name.is_empty())
    }
}

/// A page of instance refreshes, newest first.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refreshes {
    instance_refreshes: Vec<Refresh>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Refresh {
    /// `Successful`, `InProgress`, `Cancelled`, …
    pub status: Option<String>,
    pub end_time: Option<Time>,
}

/// When the last refresh ended that came to its end: not one that was rolled back or cancelled, or still runs.
pub fn last_success(refreshes: &[Refresh]) -> Option<DateTime> {
    let done = refreshes.iter().filter(|refresh| refresh.status.as_deref() == Some("Successful"));
    done.filter_map(|refresh| Some(refresh.end_time?.0)).max()
}

impl AutoScaling<'_, Region> {
    /// `autoscaling:DescribeLaunchConfigurations`, every page.
    pub async fn launch_configurations(self) -> Answer<Vec<LaunchConfiguration>> {
        self.ask("DescribeLaunchConfigurations", "", async move {
            Ok(self.client()?.items("DescribeLaunchConfigurations", json!({}), "LaunchConfigurations").await?)
        })
        .await
    }

    /// `autoscaling:DescribeAutoScalingGroups`, every page.
    pub async fn groups(self) -> Answer<Vec<Group>> {
        self.ask("DescribeAutoScalingGroups", "", async move {
            Ok(self.client()?.items("DescribeAutoScalingGroups", json!({ "MaxRecords": 100 }), "AutoScalingGroups").await?)
        })
        .await
    }

    /// `autoscaling:DescribeInstanceRefreshes` of one group, every page of the last six weeks.
    pub async fn refreshes(self, group: &str) -> Answer<Vec<Refresh>> {
        self.ask("DescribeInstanceRefreshes", group, async move {
            let (mut all, mut token) = (Vec::new(), None);
            loop {
                // The model has no paginator for it.
                let question = json!({ "AutoScalingGroupName": group, "MaxRecords": 100, "NextToken": token });
                let page: Refreshes = self.client()?.call("DescribeInstanceRefreshes", question).await?;
                all.extend(page.instance_refreshes);
                token = page.next_token.filter(|token| !token.is_empty());
                if token.is_none() {
                    return Ok(all);
                }
            }
        })
        .await
    }

    /// `AWS::AutoScaling::AutoScalingGroup`
    pub fn group_resource(self, group: &Group) -> Resource {
        let arn = group.arn.clone().unwrap_or_else(|| {
            self.arn("autoscaling", &format!("autoScalingGroup:*:autoScalingGroupName/{}", group.name))
        });
        // A tag without a value has an empty one.
        let value = |tag: &GroupTag| tag.value.as_deref().unwrap_or("").to_owned();
        let tags = group.tags.iter().filter_map(|tag| Some((tag.key.clone()?, value(tag))));
        Resource::new(arn, "AWS::AutoScaling::AutoScalingGroup", &group.name).tags(tags)
    }

    /// `AWS::AutoScaling::LaunchConfiguration`
    pub fn launch_configuration_resource(self, one: &LaunchConfiguration) -> Resource {
        let arn = one.arn.clone().unwrap_or_else(|| {
            self.arn("autoscaling", &format!("launchConfiguration:*:launchConfigurationName/{}", one.name))
        });
        Resource::new(arn, "AWS::AutoScaling::LaunchConfiguration", &one.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refresh_that_came_to_its_end_counts() {
        let refresh = |status: &str, end: Option<&str>| -> Refresh {
            serde_json::from_value(json!({ "Status": status, "EndTime": end })).unwrap()
        };
        let all = [
            refresh("Successful", Some("2026-11-01T00:00:00Z")),
            refresh("Successful", Some("2026-11-10T00:00:00Z")),
            refresh("RollbackSuccessful", Some("2026-11-20T00:00:00Z")),
            refresh("InProgress", None),
        ];
        assert_eq!(last_success(&all), all[1].end_time.map(|end| end.0));
        assert_eq!(last_success(&all[2..]), None);
    }

    #[test]
    fn a_template_may_be_named_in_the_mixed_instances_policy() {
        let group = json!({ "AutoScalingGroupName": "web", "CreatedTime": "2025-01-01T00:00:00Z", "MixedInstancesPolicy":
            { "LaunchTemplate": { "LaunchTemplateSpecification": { "LaunchTemplateId": "lt-1", "Version": "$Latest" } } } });
        let group: Group = serde_json::from_value(group).unwrap();
        let template = group.template().unwrap();
        assert_eq!((template.label(), template.version()), ("lt-1", Some("$Latest")));
    }
}
