//! What answers of AWS Organizations are made of, as far as somebody looks at it.

use crate::arn::Arn;
use crate::finding::Resource;
use serde::Deserialize;

/// The organization that an account is in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Organization {
    /// `o-…`
    pub id: String,
    pub arn: String,
    #[serde(rename = "MasterAccountId")]
    pub management_account: String,
    /// The address of the root user of the management account.
    #[serde(rename = "MasterAccountEmail")]
    pub management_email: Option<String>,
    /// `ALL`, `CONSOLIDATED_BILLING`
    pub feature_set: String,
}

impl Organization {
    /// Not consolidated billing only: policies and trusted access exist.
    pub fn has_all_features(&self) -> bool {
        self.feature_set == "ALL"
    }

    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Organizations::Organization", &self.id)
    }
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Listed")]
pub struct Member {
    pub id: String,
    pub name: String,
    /// Of its root user.
    pub email: Option<String>,
    pub state: State,
}

impl Member {
    /// For a message: `111122223333 (Log archive)`.
    pub fn label(&self) -> String {
        format!("{} ({})", self.id, self.name)
    }

    /// The account as its organization has it.
    pub fn resource(&self, organization: &Organization) -> Resource {
        let path = ["account", &organization.id, &self.id].join("/");
        let arn = Arn::parse(&organization.arn).map(|arn| Arn { resource: &path, ..arn }.to_string());
        Resource::new(arn.unwrap_or_else(|| path.clone()), "AWS::Organizations::Account", &self.id).name(&self.name)
    }
}

/// Whether an account can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// Suspended, closed or being closed: nobody gets in.
    Suspended,
    /// Invited or being made: not a member yet.
    Pending,
}

/// An account as the lists show it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    #[serde(default)]
    name: String,
    email: Option<String>,
    state: Option<String>,
    /// The older member of the answer, which AWS replaces by `State`; what does not send that yet sends this.
    status: Option<String>,
}

impl TryFrom<Listed> for Member {
    type Error = String;

    fn try_from(Listed { id, name, email, state, status }: Listed) -> Result<Self, String> {
        let state = match (state.as_deref(), status.as_deref()) {
            (Some("ACTIVE"), _) | (None, Some("ACTIVE")) => State::Active,
            (Some("SUSPENDED" | "CLOSED" | "PENDING_CLOSURE"), _) | (None, Some("SUSPENDED" | "PENDING_CLOSURE")) => {
                State::Suspended
            }
            (Some("PENDING_ACTIVATION"), _) => State::Pending,
            (Some(other), _) => return Err(format!("account {id} has the unknown state {other:?}")),
            (None, Some(other)) => return Err(format!("account {id} has the unknown status {other:?}")),
            (None, None) => return Err(format!("account {id} has no State")),
        };
        Ok(Member { id, name, email, state })
    }
}

/// A root or an organizational unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unit {
    /// `r-…` or `ou-…`
    pub id: String,
    pub arn: String,
    pub name: String,
}

impl Unit {
    pub fn is_root(&self) -> bool {
        self.id.starts_with("r-")
    }

    pub fn resource(&self) -> Resource {
        let kind = if self.is_root() { "AWS::Organizations::Root" } else { "AWS::Organizations::OrganizationalUnit" };
        Resource::new(&self.arn, kind, &self.id).name(&self.name)
    }
}

/// A root, with the types of policies that work in its organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Root {
    #[serde(flatten)]
    pub unit: Unit,
    pub policy_types: Vec<PolicyTypeSummary>,
}

/// Whether policies of a type work.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyTypeSummary {
    #[serde(rename = "Type")]
    pub kind: String,
    /// `ENABLED`, `PENDING_ENABLE`, `PENDING_DISABLE`
    pub status: String,
}

/// The types of policies that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    ServiceControl,
    ResourceControl,
    AiOptOut,
    Backup,
    Bedrock,
    DeclarativeEc2,
    GuardDuty,
    Inspector,
    S3,
    SecurityHub,
    SecurityHubCspm,
    Tag,
}

impl PolicyType {
    /// As the API has it.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
            PolicyType::AiOptOut => "AISERVICES_OPT_OUT_POLICY",
            PolicyType::Backup => "BACKUP_POLICY",
            PolicyType::Bedrock => "BEDROCK_POLICY",
            PolicyType::DeclarativeEc2 => "DECLARATIVE_POLICY_EC2",
            PolicyType::GuardDuty => "GUARDDUTY_POLICY",
            PolicyType::Inspector => "INSPECTOR_POLICY",
            PolicyType::S3 => "S3_POLICY",
            PolicyType::SecurityHub => "SECURITYHUB_POLICY",
            PolicyType::SecurityHubCspm => "SECURITYHUB_CSPM_POLICY",
            PolicyType::Tag => "TAG_POLICY",
        }
    }
}

/// A policy without its text.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicySummary {
    pub id: String,
    pub name: String,
    /// AWS's own.
    pub aws_managed: bool,
}

/// What a policy is attached to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    pub target_id: String,
}

/// An account that administers some service for the organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DelegatedAdministrator {
    pub id: String,
}

/// A service that is administered, or that is trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Principal {
    pub service_principal: String,
}

/// A tag of an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_whose_state_is_not_known_is_no_account() {
        let read = |more: serde_json::Value| {
            let mut account = json!({ "Id": "111122223333", "Name": "a" });
            account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<Member>(account).map(|member| member.state).ok()
        };
        assert_eq!(read(json!({ "State": "ACTIVE" })), Some(State::Active));
        assert_eq!(read(json!({ "State": "CLOSED", "Status": "ACTIVE" })), Some(State::Suspended));
        assert_eq!(read(json!({ "State": "PENDING_ACTIVATION" })), Some(State::Pending));
        assert_eq!(read(json!({ "Status": "SUSPENDED" })), Some(State::Suspended));
        for other in [json!({}), json!({ "State": "NEW", "Status": "ACTIVE" }), json!({ "Status": "CLOSED" })] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }
}
