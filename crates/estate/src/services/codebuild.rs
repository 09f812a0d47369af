//! CodeBuild, for what its projects name: a project has network interfaces only while it builds.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// CodeBuild in a region.
    codebuild => CodeBuild model "codebuild": Service {
        // Environment variables of projects, and what they run.
        secrets: &["environmentVariables", "buildspec"],
        reads: &[
            ("BatchGetProjects", |v| items::<Project>(v, "projects")),
            ("ListProjects", |v| items::<String>(v, "projects")),
        ],
        ..Service::new("codebuild", "CodeBuild", Wire::AwsJson)
    }
}

/// Projects that one call answers for, at most
/// (<https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html>).
const AT_ONCE: usize = 100;

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    vpc_config: Option<VpcConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VpcConfig {
    #[serde(default)]
    security_group_ids: Vec<String>,
}

impl Project {
    /// The ids of the security groups that its builds get.
    pub fn security_groups(&self) -> &[String] {
        self.vpc_config.as_ref().map(|config| config.security_group_ids.as_slice()).unwrap_or_default()
    }
}

impl CodeBuild<'_, Region> {
    /// `codebuild:ListProjects`, every page, and `codebuild:BatchGetProjects` for a hundred of them at a time.
    pub async fn projects(self) -> Answer<Vec<Project>> {
        let names: Answer<Vec<String>> = self
            .ask("ListProjects", "", async move {
                Ok(self.client()?.items("ListProjects", json!({}), "projects").await?)
            })
            .await;
        let names = names?;
        let mut all = Vec::new();
        for some in names.chunks(AT_ONCE) {
            let asked = some.to_vec();
            let some: Answer<Vec<Project>> = self
                .ask("BatchGetProjects", some.join(","), async move {
                    Ok(self.client()?.member("BatchGetProjects", json!({ "names": asked }), "projects").await?)
                })
                .await;
            all.extend(some?.iter().cloned());
        }
        Ok(std::sync::Arc::new(all))
    }
}
