//! Pipelines for the tests of this folder.

use posture_estate::services::codepipeline::Pipeline;
use serde_json::{Value, json};

/// A stage with these actions.
pub fn stage(name: &str, actions: &[Value]) -> Value {
    json!({ "name": name, "actions": actions })
}

/// An action: `Deploy/CloudFormation`, of AWS.
pub fn action(kind: &str, configuration: Value) -> Value {
    let (category, provider) = kind.split_once('/').unwrap();
    json!({ "name": provider, "configuration": configuration,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" } })
}

/// A pipeline with these stages behind its source.
pub fn pipeline(stages: &[Value]) -> Pipeline {
    let source = stage("Source", &[action("Source/CodeCommit", json!({ "RepositoryName": "app" }))]);
    let stages: Vec<Value> = [vec![source], stages.to_vec()].concat();
    serde_json::from_value(
        json!({ "name": "app", "roleArn": "arn:aws:iam::111122223333:role/pipeline", "stages": stages }),
    )
    .unwrap()
}
