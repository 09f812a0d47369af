//! What answers on findings, and on what is done with them, are read as.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;

/// A rule that changes findings as they come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AutomationRule {
    /// `ENABLED`, `DISABLED`
    pub rule_status: Option<String>,
}

/// A custom action, by which somebody sends findings to EventBridge.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActionTarget {
    #[serde(rename = "ActionTargetArn")]
    pub arn: String,
    pub name: String,
}

/// A connector to a ticketing system.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Connector {
    pub name: String,
    pub provider_summary: Provider,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Provider {
    /// `JIRA_CLOUD`, `SERVICENOW`
    pub provider_name: Option<String>,
    /// `CONNECTED`, `FAILED_TO_CONNECT`, `PENDING_CONFIGURATION`, `PENDING_AUTHORIZATION`
    pub connector_status: Option<String>,
}

/// The Security Hub that came after Security Hub CSPM.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HubV2 {
    #[serde(rename = "HubV2Arn")]
    pub(super) arn: Option<String>,
}

/// A page of findings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CriticalPage {
    pub findings: Vec<CriticalFinding>,
    pub(super) next_token: Option<String>,
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
