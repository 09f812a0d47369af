//! Critical findings and what was done with them. Administrators and home Regions are shown those of others too: each question is of one
//! account and one Region. Of new ones, which come oldest first, one page is enough to say whether any is late.

use super::SecurityHub;
use super::findings::CriticalPage;
use crate::place::{Answer, Region};
use serde_json::{Value, json};

/// Findings on a page.
const PAGE: usize = 100;

/// Pages that one question reads, at most, of those where any may be the one.
const PAGES: usize = 10;

impl SecurityHub<'_, Region> {
    /// `securityhub:GetFindings`: the oldest active critical findings that nobody has looked at.
    pub async fn new_criticals(self) -> Answer<CriticalPage> {
        self.criticals("NEW", json!({ "Field": "CreatedAt", "SortOrder": "asc" }), 1).await
    }

    /// `securityhub:GetFindings`: the active critical findings that were resolved, up to a thousand that changed last.
    pub async fn resolved_criticals(self) -> Answer<CriticalPage> {
        self.criticals("RESOLVED", json!({ "Field": "UpdatedAt", "SortOrder": "desc" }), PAGES).await
    }

    async fn criticals(self, workflow: &'static str, order: Value, pages: usize) -> Answer<CriticalPage> {
        let is = |value: &str| json!([{ "Value": value, "Comparison": "EQUALS" }]);
        let mut ask = json!({
            "Filters": {
                "AwsAccountId": is(self.account_id()),
                "Region": is(self.name()),
                "SeverityLabel": is("CRITICAL"),
                "WorkflowStatus": is(workflow),
                "RecordState": is("ACTIVE"),
            },
            "SortCriteria": [order],
            "MaxResults": PAGE,
        });
        self.ask("GetFindings", workflow, async move {
            let mut all = CriticalPage::default();
            for _ in 0..pages {
                let page: CriticalPage = self.client()?.call("GetFindings", ask.clone()).await?;
                all.findings.extend(page.findings);
                all.next_token = page.next_token.filter(|token| !token.is_empty());
                let Some(token) = &all.next_token else { break };
                ask["NextToken"] = token.clone().into();
            }
            Ok(all)
        })
        .await
    }
}
