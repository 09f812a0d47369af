//! CodePipeline: pipelines by name.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// CodePipeline in a region.
    codepipeline => CodePipeline model "codepipeline": Service {
        reads: &[("ListPipelines", |v| items::<PipelineName>(v, "pipelines"))],
        ..Service::new("codepipeline", "CodePipeline", Wire::AwsJson)
    }
}

/// A pipeline in the list.
#[derive(Clone, Debug, Deserialize)]
pub struct PipelineName {
    pub name: String,
}

impl CodePipeline<'_, Region> {
    /// `codepipeline:ListPipelines`, every page.
    pub async fn pipelines(self) -> Answer<Vec<PipelineName>> {
        self.ask("ListPipelines", "", async move {
            Ok(self.client()?.items("ListPipelines", json!({}), "pipelines").await?)
        })
        .await
    }
}
