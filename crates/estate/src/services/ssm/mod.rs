//! Systems Manager: documents and who they are shared with, settings of the account, parameters and managed nodes. What keeps the nodes
//! in order is asked in `patching`, what ran and what is open in [`operations`].

mod answers;
pub mod operations;
pub mod patches;
mod patching;

use crate::aws::answer::absent;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use answers::{Execution, OpsItem};
pub use answers::{Content, Node, OwnDocument, Parameter, Sharing};
use patches::{Association, Baseline, ComplianceSummary, PatchState, Window, WindowTarget, WindowTask};
use serde_json::{Value, json};

service! {
    /// Systems Manager in a region.
    ssm => Ssm model "ssm": Service {
        // What runbooks gave and were given, what commands are run with, and what people wrote down.
        secrets: &["Outputs", "Runbooks.Parameters", "TaskParameters", "OperationalData", "Variables"],
        texts: &["Content", "Description", "FailureMessage"],
        reads: &[
            ("DescribeAutomationExecutions", |v| items::<Execution>(v, "AutomationExecutionMetadataList")),
            ("DescribeDocumentPermission", whole::<Sharing>),
            ("DescribeInstanceInformation", |v| items::<Node>(v, "InstanceInformationList")),
            ("DescribeInstancePatchStates", |v| items::<PatchState>(v, "InstancePatchStates")),
            ("DescribeMaintenanceWindowTargets", |v| items::<WindowTarget>(v, "Targets")),
            ("DescribeMaintenanceWindowTasks", |v| items::<WindowTask>(v, "Tasks")),
            ("DescribeMaintenanceWindows", |v| items::<Window>(v, "WindowIdentities")),
            ("DescribeOpsItems", |v| items::<OpsItem>(v, "OpsItemSummaries")),
            ("DescribeParameters", |v| items::<Parameter>(v, "Parameters")),
            ("GetDocument", whole::<Content>),
            ("GetPatchBaseline", whole::<Baseline>),
            ("GetServiceSetting", |v| member::<String>(v, "ServiceSetting.SettingValue")),
            ("ListAssociations", |v| items::<Association>(v, "Associations")),
            ("ListDocuments", |v| items::<OwnDocument>(v, "DocumentIdentifiers")),
            ("ListResourceComplianceSummaries", |v| items::<ComplianceSummary>(v, "ResourceComplianceSummaryItems")),
        ],
        ..Service::new("ssm", "Systems Manager", Wire::AwsJson)
    }
}

/// Says whether documents of the account may be shared with everybody: `Enable` (the default) or `Disable`.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html>
pub const PUBLIC_SHARING: &str = "/ssm/documents/console/public-sharing-permission";

/// Where the output of scripts in runbooks goes: `CloudWatch`, or nowhere.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-logging.html>
pub const SCRIPT_LOG: &str = "/ssm/automation/customer-script-log-destination";

/// The role of Default Host Management Configuration, by its name.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html>
pub const HOST_MANAGEMENT: &str = "/ssm/managed-instance/default-ec2-instance-management-role";

/// The document that holds the account's preferences for sessions; there is none before somebody saves them.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-preferences-cli.html>
pub const SESSION_PREFERENCES: &str = "SSM-SessionManagerRunShell";

/// What AWS answers for a document that there is none of, or none any more.
pub const NO_DOCUMENT: &[&str] = &["InvalidDocument"];

/// Items per page, the most that it allows for documents, nodes and parameters.
const PAGE: u32 = 50;

impl Ssm<'_, Region> {
    /// `ssm:ListDocuments` with `Owner` `Self`, every page.
    pub async fn own_documents(self) -> Answer<Vec<OwnDocument>> {
        let own = json!({ "Filters": [{ "Key": "Owner", "Values": ["Self"] }], "MaxResults": PAGE });
        self.ask("ListDocuments", "self", async move {
            Ok(self.client()?.items("ListDocuments", own, "DocumentIdentifiers").await?)
        })
        .await
    }

    /// `ssm:GetDocument`: what the default version of a document says, in the form that it was written in, so that lines are its author's.
    pub async fn content(self, document: &OwnDocument) -> Answer<Content> {
        let which = json!({ "Name": document.name, "DocumentFormat": document.document_format });
        self.ask("GetDocument", document.name.as_str(), async move {
            Ok(self.client()?.call("GetDocument", which).await?)
        })
        .await
    }

    /// `ssm:GetDocument` of the account's preferences for sessions, as JSON; `None` before somebody saved any.
    pub async fn session_preferences(self) -> Answer<Option<Content>> {
        let which = json!({ "Name": SESSION_PREFERENCES, "DocumentFormat": "JSON" });
        self.ask("GetDocument", "session preferences", async move {
            absent(self.client()?.call("GetDocument", which).await, NO_DOCUMENT)
        })
        .await
    }

    /// `ssm:DescribeDocumentPermission`, every page.
    pub async fn sharing(self, name: &str) -> Answer<Sharing> {
        self.ask("DescribeDocumentPermission", name, async move {
            let which = json!({ "Name": name, "PermissionType": "Share", "MaxResults": 200 });
            let mut all = Sharing::default();
            let mut token: Option<String> = None;
            loop {
                let page: Sharing = self.client()?.call("DescribeDocumentPermission", next(&which, token.take())).await?;
                all.account_ids.extend(page.account_ids);
                token = page.next_token.filter(|token| !token.is_empty());
                if token.is_none() {
                    return Ok(all);
                }
            }
        })
        .await
    }

    /// `ssm:GetServiceSetting`; `None` where AWS knows no such setting.
    pub async fn service_setting(self, id: &'static str) -> Answer<Option<String>> {
        self.ask("GetServiceSetting", id, async move {
            let which = json!({ "SettingId": id });
            let value = self.client()?.member("GetServiceSetting", which, "ServiceSetting.SettingValue").await;
            absent(value, &["ServiceSettingNotFound"])
        })
        .await
    }

    /// `ssm:DescribeParameters`, every page: names and types, no values.
    pub async fn parameters(self) -> Answer<Vec<Parameter>> {
        self.ask("DescribeParameters", "", async move {
            Ok(self.client()?.items("DescribeParameters", json!({ "MaxResults": PAGE }), "Parameters").await?)
        })
        .await
    }

    /// `ssm:DescribeInstanceInformation`, every page: the managed nodes.
    pub async fn nodes(self) -> Answer<Vec<Node>> {
        self.ask("DescribeInstanceInformation", "", async move {
            let all = json!({ "MaxResults": PAGE });
            Ok(self.client()?.items("DescribeInstanceInformation", all, "InstanceInformationList").await?)
        })
        .await
    }

    /// `AWS::SSM::Document`
    pub fn document_resource(self, document: &OwnDocument) -> Resource {
        let tags = document.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let arn = self.arn("ssm", &format!("document/{}", document.name));
        Resource::new(arn, "AWS::SSM::Document", &document.name).tags(tags)
    }

    /// `AWS::SSM::Parameter`; the ARN has one slash also where the name begins with one.
    /// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>
    pub fn parameter_resource(self, parameter: &Parameter) -> Resource {
        let arn = self.arn("ssm", &format!("parameter/{}", parameter.name.trim_start_matches('/')));
        Resource::new(arn, "AWS::SSM::Parameter", &parameter.name)
    }

    /// The instance of EC2 or the other machine behind a managed node.
    pub fn node_resource(self, node: &Node) -> Resource {
        let id = node.instance_id.as_str();
        let resource = match id.starts_with("mi-") {
            true => Resource::new(self.arn("ssm", &format!("managed-instance/{id}")), "AWS::SSM::ManagedInstance", id),
            false => Resource::new(self.arn("ec2", &format!("instance/{id}")), "AWS::EC2::Instance", id),
        };
        match node.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => resource.name(name),
            None => resource,
        }
    }
}

/// The question for the next page.
fn next(question: &Value, token: Option<String>) -> Value {
    let mut question = question.clone();
    if let (Some(token), Some(members)) = (token, question.as_object_mut()) {
        members.insert("NextToken".to_owned(), token.into());
    }
    question
}
