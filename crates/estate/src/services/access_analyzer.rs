//! IAM Access Analyzer: the analyzers of a Region.

use crate::aws::service::{Service, Wire};
use crate::place::service;
use crate::aws::answer::collect;
use crate::place::{Answer, Region};
use aws_sdk_accessanalyzer::types::AnalyzerSummary;

service! {
    /// IAM Access Analyzer at an account or in a region.
    access_analyzer => AccessAnalyzer by aws_sdk_accessanalyzer: Service {
        always: &[("ListAnalyzers", "analyzers")],
        ..Service::new("access-analyzer", "IAM Access Analyzer", Wire::RestJson)
    }
}

impl AccessAnalyzer<'_, Region> {
    /// `access-analyzer:ListAnalyzers`, every page: analyzers of the account and, in the account that manages them, of its
    /// organization.
    pub async fn analyzers(self) -> Answer<Vec<AnalyzerSummary>> {
        self.ask("ListAnalyzers", "", async move {
            let pages = collect(self.client().list_analyzers().into_paginator().send()).await?;
            Ok(pages.into_iter().flat_map(|page| page.analyzers).collect())
        })
        .await
    }
}
