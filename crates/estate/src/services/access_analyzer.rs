//! IAM Access Analyzer: the analyzers of a Region.

use crate::aws::answer::collect;
use crate::place::{Answer, Region};
use aws_sdk_accessanalyzer::types::AnalyzerSummary;

impl Region {
    /// `access-analyzer:ListAnalyzers`, every page: analyzers of the account and, in the account that manages them, of its
    /// organization.
    pub async fn analyzers(&self) -> Answer<Vec<AnalyzerSummary>> {
        self.ask("access-analyzer:ListAnalyzers", "", async {
            let pages = collect(self.accessanalyzer().list_analyzers().into_paginator().send()).await?;
            Ok(pages.into_iter().flat_map(|page| page.analyzers).collect())
        })
        .await
    }
}
