//! IAM Access Analyzer: the analyzers of a Region.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// IAM Access Analyzer at an account or in a region.
    access_analyzer => AccessAnalyzer model "access-analyzer": Service {
        reads: &[
            ("ListAnalyzers", |v| items::<Analyzer>(v, "analyzers")),
        ],
        ..Service::new("access-analyzer", "IAM Access Analyzer", Wire::RestJson)
    }
}

/// An analyzer.
#[derive(Clone, Debug, Deserialize)]
pub struct Analyzer {
    pub arn: String,
    pub name: String,
    /// Zone of trust and what is looked for: `ORGANIZATION` and `ACCOUNT` look for access from outside.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ACTIVE`, `CREATING`, `DISABLED`, `FAILED`
    pub status: String,
}

impl AccessAnalyzer<'_, Region> {
    /// `access-analyzer:ListAnalyzers`, every page: analyzers of the account and, in the account that manages them, of its
    /// organization.
    pub async fn analyzers(self) -> Answer<Vec<Analyzer>> {
        self.ask("ListAnalyzers", "", async move {
            Ok(self.client()?.items("ListAnalyzers", json!({}), "analyzers").await?)
        })
        .await
    }
}
