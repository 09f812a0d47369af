//! Critical findings and what was done with them. Administrators and home Regions are shown those of others too: each question is of one
//! account and one Region, and reads one page, which is enough to say whether any is late and to name some.

use super::SecurityHub;
use super::findings::CriticalPage;
use crate::place::{Answer, Region};
use serde_json::{Value, json};

/// Findings that one question reads, at most.
pub const READ: usize = 100;

impl SecurityHub<'_, Region> {
    /// `securityhub:GetFindings`: the oldest active critical findings that nobody has looked at.
    pub async fn new_criticals(self) -> Answer<CriticalPage> {
        self.criticals("NEW", json!({ "Field": "CreatedAt", "SortOrder": "asc" })).await
    }

    /// `securityhub:GetFindings`: the active critical findings that were resolved last.
    pub async fn resolved_criticals(self) -> Answer<CriticalPage> {
        self.criticals("RESOLVED", json!({ "Field": "UpdatedAt", "SortOrder": "desc" })).await
    }

    async fn criticals(self, workflow: &'static str, order: Value) -> Answer<CriticalPage> {
        let is = |value: &str| json!([{ "Value": value, "Comparison": "EQUALS" }]);
        let ask = json!({
            "Filters": {
                "AwsAccountId": is(self.account_id()),
                "Region": is(self.name()),
                "SeverityLabel": is("CRITICAL"),
                "WorkflowStatus": is(workflow),
                "RecordState": is("ACTIVE"),
            },
            "SortCriteria": [order],
            "MaxResults": READ,
        });
        self.ask("GetFindings", workflow, async move { Ok(self.client()?.call("GetFindings", ask).await?) }).await
    }
}
