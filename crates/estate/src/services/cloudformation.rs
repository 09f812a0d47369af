//! CloudFormation: the stacks of a Region as one list shows them.

use crate::aws::model::Time;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// CloudFormation at an account or in a region.
    cloudformation => CloudFormation model "cloudformation": Service {
        // Parameters that nobody marked NoEcho come back in the clear.
        secrets: &["ParameterValue", "ResolvedValue"],
        // What people wrote, and errors that quote properties.
        texts: &["Description", "StackStatusReason"],
        variables: &[("OutputKey", "OutputValue")],
        asff: &[("AWS::CloudFormation::Stack", "AwsCloudFormationStack")],
        reads: &[("DescribeStacks", |v| items::<Stack>(v, "Stacks"))],
        ..Service::new("cloudformation", "CloudFormation", Wire::Query)
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stack {
    /// Its ARN.
    #[serde(rename = "StackId")]
    pub arn: String,
    #[serde(rename = "StackName")]
    pub name: String,
    /// `CREATE_COMPLETE`, `UPDATE_ROLLBACK_FAILED`, …
    #[serde(rename = "StackStatus")]
    pub status: String,
    /// None where the template has none, or while the first creation has not ended well.
    #[serde(default)]
    pub outputs: Vec<StackOutput>,
    /// The service role that its operations use; absent where it has none and the caller's rights count.
    #[serde(rename = "RoleARN")]
    pub role: Option<String>,
    pub enable_termination_protection: Option<bool>,
    /// The stack that it is nested in.
    #[serde(rename = "ParentId")]
    pub parent: Option<String>,
    pub drift_information: Option<Drift>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What a stack tells about itself, to everyone who may look at it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackOutput {
    #[serde(rename = "OutputKey")]
    pub key: String,
    #[serde(default, rename = "OutputValue")]
    pub value: String,
}

/// How a stack compared with its template when somebody last looked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Drift {
    /// `DRIFTED`, `IN_SYNC`, `UNKNOWN`, `NOT_CHECKED`
    #[serde(rename = "StackDriftStatus")]
    pub status: String,
    /// Absent where nobody looked.
    #[serde(rename = "LastCheckTimestamp")]
    pub checked: Option<Time>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Stack {
    /// The stack as the resource of a finding.
    pub fn resource(&self) -> Resource {
        let tags = self.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        Resource::new(&self.arn, "AWS::CloudFormation::Stack", &self.name).tags(tags)
    }

    /// Whether it holds, or may hold, resources: it is not a change set that nobody has executed yet, and not deleted.
    fn is_deployed(&self) -> bool {
        !matches!(self.status.as_str(), "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE")
    }

    /// Whether its first creation did not end well, so that it shows no outputs.
    pub fn is_unfinished(&self) -> bool {
        ["CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_", "DELETE_", "IMPORT_ROLLBACK_"]
            .iter()
            .any(|state| self.status.starts_with(state))
    }

    pub fn output(&self, key: &str) -> Option<&str> {
        self.outputs.iter().find(|output| output.key == key).map(|output| output.value.as_str())
    }
}

impl CloudFormation<'_, Region> {
    /// `cloudformation:DescribeStacks`, every page: the stacks that are deployed, nested ones too. Those that are deleted do not show, and
    /// those of which there is only a change set to review are left out.
    pub async fn stacks(self) -> Answer<Vec<Stack>> {
        self.ask("DescribeStacks", "", async move {
            let mut stacks: Vec<Stack> = self.client()?.items("DescribeStacks", json!({}), "Stacks").await?;
            stacks.retain(Stack::is_deployed);
            Ok(stacks)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_set_to_review_is_no_stack_yet() {
        let stack = |status: &str| -> Stack {
            serde_json::from_value(json!({ "StackId": "arn", "StackName": "a", "StackStatus": status })).unwrap()
        };
        for (status, deployed, unfinished) in [
            ("REVIEW_IN_PROGRESS", false, false),
            ("DELETE_COMPLETE", false, true),
            ("CREATE_COMPLETE", true, false),
            ("UPDATE_ROLLBACK_COMPLETE", true, false),
            ("ROLLBACK_COMPLETE", true, true),
            ("CREATE_FAILED", true, true),
            ("DELETE_FAILED", true, true),
        ] {
            assert_eq!((stack(status).is_deployed(), stack(status).is_unfinished()), (deployed, unfinished), "{status}");
        }
    }
}
