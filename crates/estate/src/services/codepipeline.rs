//! CodePipeline: pipelines as they are declared, from their sources to what they deploy.

use crate::aws::answer::absent;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

service! {
    /// CodePipeline in a region.
    codepipeline => CodePipeline model "codepipeline": Service {
        // Tokens and variables of actions, and what they hand to stacks, functions and state machines.
        secrets: &[
            "EnvironmentVariables", "OAuthToken", "ParameterOverrides", "UserParameters", "configuration.Input", "configuration.Parameters",
            "environmentVariables.value", "variables.defaultValue",
        ],
        texts: &["commands"],
        reads: &[
            ("GetPipeline", |v| member::<Pipeline>(v, "pipeline")),
            ("ListPipelines", |v| items::<PipelineName>(v, "pipelines")),
        ],
        ..Service::new("codepipeline", "CodePipeline", Wire::AwsJson)
    }
}

/// A pipeline in the list.
#[derive(Clone, Debug, Deserialize)]
pub struct PipelineName {
    pub name: String,
}

/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    pub name: String,
    pub role_arn: String,
    pub stages: Vec<PipelineStage>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineStage {
    pub name: String,
    pub actions: Vec<PipelineAction>,
    /// What has to hold before the stage is entered.
    pub before_entry: Option<StageConditions>,
    /// What has to hold after it has succeeded.
    pub on_success: Option<StageConditions>,
}

/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html>
#[derive(Clone, Debug, Deserialize)]
pub struct StageConditions {
    pub conditions: Vec<StageCondition>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct StageCondition {
    /// What happens where the rules do not hold: `FAIL`, `SKIP`, `ROLLBACK`, `RETRY`
    pub result: Option<String>,
    #[serde(default)]
    pub rules: Vec<StageRule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRule {
    pub name: String,
    pub role_arn: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineAction {
    pub name: String,
    pub action_type_id: ActionType,
    /// Actions of a stage with the same number run at once; 1 where there is none.
    pub run_order: Option<i64>,
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// Of `Commands`.
    #[serde(default)]
    pub commands: Vec<String>,
    /// The role that the action has instead of the pipeline's.
    pub role_arn: Option<String>,
    pub region: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ActionType {
    /// `Source`, `Build`, `Test`, `Deploy`, `Invoke`, `Approval`, `Compute`
    pub category: String,
    /// `AWS`, `ThirdParty`, `Custom`
    pub owner: String,
    /// `CodeBuild`, `CodeStarSourceConnection`, …
    pub provider: String,
}

impl PipelineAction {
    pub fn is(&self, category: &str) -> bool {
        self.action_type_id.category == category
    }

    /// Whether it runs a project of CodeBuild.
    pub fn runs_codebuild(&self) -> bool {
        self.action_type_id.owner == "AWS" && self.action_type_id.provider == "CodeBuild"
    }

    /// A member of its configuration.
    pub fn configured(&self, member: &str) -> Option<&str> {
        self.configuration.get(member).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub fn order(&self) -> i64 {
        self.run_order.unwrap_or(1)
    }

    /// The ARNs of the roles that it has or hands to the service that deploys.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        let handed = ["RoleArn", "AdministrationRoleArn"].into_iter().filter_map(|member| self.configured(member));
        self.role_arn.as_deref().into_iter().chain(handed)
    }
}

impl StageConditions {
    /// Whether any of them has rules, and a result that stops the pipeline there where they do not hold; `None` when a result is not known.
    pub fn stop(&self) -> Option<bool> {
        let mut stop = Some(false);
        for condition in self.conditions.iter().filter(|condition| !condition.rules.is_empty()) {
            match condition.result.as_deref() {
                Some("FAIL" | "SKIP" | "ROLLBACK") => return Some(true),
                Some("RETRY") => {}
                _ => stop = None,
            }
        }
        stop
    }
}

impl Pipeline {
    /// Every action with its stage, in order.
    pub fn actions(&self) -> impl Iterator<Item = (&PipelineStage, &PipelineAction)> {
        self.stages.iter().flat_map(|stage| stage.actions.iter().map(move |action| (stage, action)))
    }

    /// Whether any action deploys.
    pub fn deploys(&self) -> bool {
        self.actions().any(|(_, action)| action.is("Deploy"))
    }

    /// The ARNs of the roles that the pipeline, its actions and its rules have, each once.
    pub fn roles(&self) -> Vec<&str> {
        let conditions = self.stages.iter().flat_map(|stage| stage.before_entry.iter().chain(&stage.on_success));
        let rules = conditions.flat_map(|all| &all.conditions).flat_map(|condition| &condition.rules);
        let mut all = vec![self.role_arn.as_str()];
        let others = self.actions().flat_map(|(_, action)| action.roles());
        for role in others.chain(rules.filter_map(|rule| rule.role_arn.as_deref())) {
            if !all.contains(&role) {
                all.push(role);
            }
        }
        all
    }
}

impl CodePipeline<'_, Region> {
    /// `codepipeline:ListPipelines`, every page.
    pub async fn pipelines(self) -> Answer<Vec<PipelineName>> {
        self.ask("ListPipelines", "", async move {
            Ok(self.client()?.items("ListPipelines", json!({}), "pipelines").await?)
        })
        .await
    }

    /// `codepipeline:GetPipeline`; `None` for one that is gone.
    pub async fn pipeline(self, name: &str) -> Answer<Option<Pipeline>> {
        self.ask("GetPipeline", name, async move {
            let found = self.client()?.member("GetPipeline", json!({ "name": name }), "pipeline").await;
            absent(found, &["PipelineNotFoundException"])
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_those_of_the_pipeline_its_actions_and_rules() {
        let pipeline = json!({ "name": "app", "roleArn": "a", "stages": [
            { "name": "Deploy", "actions": [{ "name": "stack", "roleArn": "b", "configuration": { "RoleArn": "c", "AdministrationRoleArn": "a" },
                "actionTypeId": { "category": "Deploy", "owner": "AWS", "provider": "CloudFormation", "version": "1" } }],
              "beforeEntry": { "conditions": [{ "result": "FAIL", "rules": [{ "name": "alarm", "roleArn": "d" }] }] } }] });
        let pipeline: Pipeline = serde_json::from_value(pipeline).unwrap();
        assert_eq!(pipeline.roles(), ["a", "b", "c", "d"]);
        assert!(pipeline.deploys());
        assert_eq!(pipeline.stages[0].actions[0].order(), 1);
    }

    #[test]
    fn a_condition_stops_by_its_result_and_only_with_rules() {
        let conditions = |result: Option<&str>, rules: usize| {
            let rules = vec![StageRule { name: "alarm".into(), role_arn: None }; rules];
            StageConditions { conditions: vec![StageCondition { result: result.map(str::to_owned), rules }] }.stop()
        };
        assert_eq!(conditions(Some("FAIL"), 1), Some(true));
        assert_eq!(conditions(Some("SKIP"), 1), Some(true));
        assert_eq!(conditions(Some("ROLLBACK"), 2), Some(true));
        assert_eq!(conditions(Some("FAIL"), 0), Some(false));
        assert_eq!(conditions(Some("RETRY"), 1), Some(false));
        assert_eq!(conditions(Some("PAUSE"), 1), None);
        assert_eq!(conditions(None, 1), None);
    }
}
