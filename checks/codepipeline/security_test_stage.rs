//! Does every pipeline that deploys look for vulnerabilities in what it deploys?

use super::listed::{judged, none, pipelines, seen};
use super::scanners::{Scan, scans};
use crate::prelude::*;
use posture_estate::services::codebuild::project::Project;
use posture_estate::services::codepipeline::Pipeline;

/// Commands and providers that count as scanners.
const SCANNERS: Setting<[String]> = setting!(security_test_stage.scanners);

pub async fn probe(at: &Region) -> Outcome {
    let listed = pipelines(at).await?;
    if listed.is_empty() {
        return Ok(vec![none(at)]);
    }
    let builds =
        |pipeline: &Pipeline| pipeline.deploys() && pipeline.actions().any(|(_, action)| action.runs_codebuild());
    let projects = match seen(&listed).any(builds) {
        true => Some(at.codebuild().projects().await),
        false => None,
    };
    Ok(judged(listed, |pipeline| judge(pipeline, projects.as_ref(), at.setting(SCANNERS), at.name())))
}

fn judge(pipeline: &Pipeline, projects: Option<&Answer<Vec<Project>>>, scanners: &[String], region: &str) -> Verdict {
    let name = &pipeline.name;
    if !pipeline.deploys() {
        return Verdict::not_applicable(format!("pipeline {name} deploys nothing"));
    }
    let mut reasons = Reasons::new();
    for scan in scans(pipeline, projects, scanners, region) {
        match scan {
            Scan::Found(what) => return Verdict::pass(format!("pipeline {name} tests what it deploys: {what}")),
            Scan::Hidden(why) => reasons.doubt(format!("whether pipeline {name} runs a scanner cannot be told: {why}")),
            Scan::Unseen(gap) => reasons.unseen(&gap),
            Scan::None => {}
        }
    }
    if reasons.is_empty() {
        reasons
            .broken("no_security_test", format!("pipeline {name} deploys without an action that runs a known scanner"));
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codepipeline::fixtures::{action, pipeline, stage};
    use posture_estate::finding::GapKind;
    use serde_json::Value;

    fn deploying(with: Value) -> Pipeline {
        pipeline(&[stage("Test", &[with]), stage("Deploy", &[action("Deploy/ECS", json!({}))])])
    }

    fn of(with: Value, projects: Option<&Answer<Vec<Project>>>) -> Status {
        judge(&deploying(with), projects, SCANNERS.default_value(), "eu-west-1").status
    }

    fn built(buildspec: Option<&str>) -> Status {
        let project = json!({ "name": "tests", "arn": "arn:aws:codebuild:eu-west-1:111122223333:project/tests", "created": "2026-11-01T00:00:00Z",
            "serviceRole": "arn:aws:iam::111122223333:role/builds", "source": { "type": "CODEPIPELINE", "buildspec": buildspec },
            "artifacts": { "type": "CODEPIPELINE" }, "environment": { "type": "LINUX_CONTAINER" } });
        let projects = Ok(Arc::new(vec![serde_json::from_value(project).unwrap()]));
        of(action("Test/CodeBuild", json!({ "ProjectName": "tests" })), Some(&projects))
    }

    #[test]
    fn inspector_and_known_scanners_count() {
        assert_eq!(of(action("Invoke/InspectorScan", json!({})), None), Status::Pass);
        assert_eq!(of(action("Invoke/Lambda", json!({})), None), Status::Fail);
        assert_eq!(of(action("Test/DeviceFarm", json!({})), None), Status::Fail);
        let commands = |command: &str| {
            let mut commands = action("Compute/Commands", json!({}));
            commands["commands"] = json!([command]);
            of(commands, None)
        };
        assert_eq!((commands("trivy fs ."), commands("npm test")), (Status::Pass, Status::Fail));
    }

    #[test]
    fn a_project_scans_by_its_own_buildspec() {
        assert_eq!(built(Some("version: 0.2\nphases:\n  build:\n    commands:\n      - npm audit")), Status::Pass);
        assert_eq!(built(Some("version: 0.2\nphases:\n  build:\n    commands:\n      - npm test")), Status::Fail);
        assert_eq!(built(Some("version: 0.2\n# trivy fs .\nphases: {}")), Status::Fail);
        assert_eq!(built(None), Status::Unknown, "it is in the source");
    }

    #[test]
    fn what_was_not_seen_is_unknown() {
        let gap = Gap::new("111122223333", "eu-west-1", "codebuild:ListProjects", GapKind::Denied, "no");
        let build = || action("Build/CodeBuild", json!({ "ProjectName": "tests" }));
        assert_eq!(of(build(), Some(&Err(gap))), Status::Unknown);
        assert_eq!(of(build(), Some(&Ok(Arc::default()))), Status::Unknown);
        let mut far = build();
        far["region"] = "us-east-1".into();
        assert_eq!(of(far, Some(&Ok(Arc::default()))), Status::Unknown);
        let mut other = action("Test/Jenkins", json!({}));
        other["actionTypeId"]["owner"] = "Custom".into();
        assert_eq!(of(other.clone(), None), Status::Unknown);
        other["actionTypeId"]["provider"] = "Snyk".into();
        assert_eq!(of(other, None), Status::Pass);
    }

    #[test]
    fn a_pipeline_that_deploys_nothing_needs_no_test() {
        let none = pipeline(&[stage("Build", &[action("Build/CodeBuild", json!({}))])]);
        assert_eq!(judge(&none, None, SCANNERS.default_value(), "eu-west-1").status, Status::NotApplicable);
    }
}
