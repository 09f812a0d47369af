//! What Systems Manager says of documents, parameters, nodes, runs and open items.

use crate::aws::model::Time;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SsmTag {
    pub key: String,
    pub value: String,
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DocumentIdentifier.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OwnDocument {
    pub name: String,
    /// `Command`, `Automation`, `Session`, …
    pub document_type: Option<String>,
    /// `YAML`, `JSON`, `TEXT`
    pub document_format: Option<String>,
    #[serde(default)]
    pub tags: Vec<SsmTag>,
}

impl OwnDocument {
    /// `runbook isolate-host` or `document install-agent`.
    pub fn label(&self) -> String {
        let word = if self.is_runbook() { "runbook" } else { "document" };
        format!("{word} {}", self.name)
    }

    /// Whether Automation runs it.
    pub fn is_runbook(&self) -> bool {
        self.document_type.as_deref() == Some("Automation")
    }
}

/// What a document says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Content {
    pub content: String,
}

/// Whom a document is shared with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sharing {
    /// Account numbers, or `all`.
    pub account_ids: Vec<String>,
    pub(super) next_token: Option<String>,
}

impl Sharing {
    pub fn is_public(&self) -> bool {
        self.account_ids.iter().any(|id| id == "all")
    }
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    pub name: String,
    /// `String`, `StringList`, `SecureString`
    #[serde(rename = "Type")]
    pub kind: String,
}

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Node {
    /// `i-…` of an instance of EC2, `mi-…` of any other machine.
    pub instance_id: String,
    /// `Online`, `ConnectionLost`, `Inactive`
    pub ping_status: String,
    #[serde(rename = "LastPingDateTime")]
    pub last_ping: Option<Time>,
    pub name: Option<String>,
}

impl Node {
    pub fn is_online(&self) -> bool {
        self.ping_status == "Online"
    }
}

/// A run of a runbook.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Execution {
    pub document_name: String,
    pub execution_start_time: Option<Time>,
}

/// An item of OpsCenter.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OpsItem {
    pub last_modified_time: Option<Time>,
}
