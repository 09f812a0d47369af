//! EC2 Auto Scaling, for what its launch configurations name: a group of no instances has no network interface that would.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// EC2 Auto Scaling in a region.
    autoscaling => AutoScaling model "autoscaling": Service {
        encoded: &["UserData"],
        reads: &[("DescribeLaunchConfigurations", |v| items::<LaunchConfiguration>(v, "LaunchConfigurations"))],
        ..Service::new("autoscaling", "EC2 Auto Scaling", Wire::Query)
    }
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchConfiguration {
    /// By id, and by name where there is no VPC.
    #[serde(default)]
    pub security_groups: Vec<String>,
}

impl AutoScaling<'_, Region> {
    /// `autoscaling:DescribeLaunchConfigurations`, every page.
    pub async fn launch_configurations(self) -> Answer<Vec<LaunchConfiguration>> {
        self.ask("DescribeLaunchConfigurations", "", async move {
            Ok(self.client()?.items("DescribeLaunchConfigurations", json!({}), "LaunchConfigurations").await?)
        })
        .await
    }
}
