//! Critical findings and what was done with them. Administrators and home Regions are shown those of others too: each question is of one
//! account and one Region, and reads one page, which is enough to say whether any is late and to name some.

use super::SecurityHub;
use crate::place::{Answer, Region};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;
use serde_json::{Value, json};

/// Findings that one question reads, at most.
pub const READ: usize = 100;

/// A page of findings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CriticalPage {
    pub findings: Vec<CriticalFinding>,
    next_token: Option<String>,
}

impl CriticalPage {
    pub fn of(findings: Vec<CriticalFinding>, next_token: Option<String>) -> Self {
        CriticalPage { findings, next_token }
    }

    /// Whether there are more than were read.
    pub fn has_more(&self) -> bool {
        self.next_token.as_deref().is_some_and(|token| !token.is_empty())
    }
}

/// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CriticalFinding {
    pub id: String,
    pub title: String,
    created_at: String,
    note: Option<Note>,
    compliance: Option<Compliance>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Note {
    text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Compliance {
    status: Option<String>,
}

impl CriticalFinding {
    /// When it came up; `None` where that is no moment.
    pub fn created(&self) -> Option<DateTime> {
        DateTime::from_str(&self.created_at, Format::DateTimeWithOffset).ok()
    }

    /// Whether somebody wrote what was done.
    pub fn has_note(&self) -> bool {
        self.note.as_ref().is_some_and(|note| !note.text.trim().is_empty())
    }

    /// Whether Security Hub resolved it by itself, because the control passes now.
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/findings-workflow-status.html>
    pub fn control_passes(&self) -> bool {
        self.compliance.as_ref().is_some_and(|compliance| compliance.status.as_deref() == Some("PASSED"))
    }
}

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
