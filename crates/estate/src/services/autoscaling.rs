//! EC2 Auto Scaling: groups, how they are renewed, and the launch configurations from before launch templates.

use crate::aws::model::Time;
use crate::aws::reading::{items, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
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
    #[serde(default)]
    value: Option<String>,
}

/// A launch template and the version of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateChoice {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    /// A number, `$Latest` or `$Default`.
    pub version: Option<String>,
}

impl TemplateChoice {
    pub fn label(&self) -> &str {
        self.launch_template_name.as_deref().or(self.launch_template_id.as_deref()).unwrap_or("unnamed")
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Refreshes {
    #[serde(default)]
    pub instance_refreshes: Vec<Refresh>,
    #[serde(default)]
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
        let tags = group.tags.iter().filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default())));
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
