//! A project for the tests of this folder.

use posture_estate::services::codebuild::project::Project;
use serde_json::{Value, json};

/// A project as CodeBuild describes one that somebody has just made, with these members instead of its own.
pub fn project(members: Value) -> Project {
    let mut project = json!({
        "name": "app", "arn": "arn:aws:codebuild:eu-west-1:111122223333:project/app", "created": "2026-11-01T00:00:00Z",
        "serviceRole": "arn:aws:iam::111122223333:role/builds", "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}" },
        "artifacts": { "type": "NO_ARTIFACTS" }, "environment": { "type": "LINUX_CONTAINER", "privilegedMode": false },
        "projectVisibility": "PRIVATE",
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        project[name] = value.clone();
    }
    serde_json::from_value(project).unwrap()
}
