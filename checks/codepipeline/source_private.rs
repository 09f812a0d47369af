//! Do pipelines take their code from private repositories, by a connection or from AWS itself? Whether a repository at another provider is
//! private is not visible in AWS.

use super::listed::{judged, none, pipelines};
use crate::prelude::*;
use posture_estate::services::codepipeline::{Pipeline, PipelineAction};

/// Repositories of other providers that are known to be private.
const PRIVATE: Setting<Patterns> = setting!(source_private.private_repositories);

pub async fn probe(at: &Region) -> Outcome {
    let listed = pipelines(at).await?;
    if listed.is_empty() {
        return Ok(vec![none(at)]);
    }
    Ok(judged(listed, |pipeline| judge(pipeline, at.setting(PRIVATE))))
}

fn judge(pipeline: &Pipeline, private: &Patterns) -> Verdict {
    let (mut reasons, mut sources) = (Reasons::new(), Vec::new());
    for (_, action) in pipeline.actions().filter(|(_, action)| action.is("Source")) {
        if let Some(source) = source(&pipeline.name, action, private, &mut reasons) {
            sources.push(source);
        }
    }
    reasons.or_pass(|| match sources.as_slice() {
        [] => String::new(),
        all => format!("pipeline {} takes its code from {}", pipeline.name, all.join(", ")),
    })
}

/// Where the code comes from, if that is private.
fn source(name: &str, action: &PipelineAction, private: &Patterns, reasons: &mut Reasons) -> Option<String> {
    let kind = &action.action_type_id;
    let said = |member: &str| action.configured(member).unwrap_or("(unnamed)");
    match (kind.owner.as_str(), kind.provider.as_str()) {
        // Repositories of CodeCommit and of a private registry are reached by IAM alone, as objects in a bucket are unless it is public.
        ("AWS", "CodeCommit") => return Some(format!("repository {} of CodeCommit", said("RepositoryName"))),
        ("AWS", "ECR") => return Some(format!("the private registry's repository {}", said("RepositoryName"))),
        ("AWS", "S3") => return Some(format!("bucket {}", said("S3Bucket"))),
        ("AWS", "CodeStarSourceConnection") => {
            let repository = said("FullRepositoryId");
            if private.matches(repository) {
                return Some(format!("{repository}, which is listed as private, by a connection"));
            }
            reasons.doubt(format!("pipeline {name} takes its code from {repository} by a connection; whether that is private is not visible in AWS"));
        }
        ("ThirdParty", "GitHub") => {
            let (owner, repository) = (said("Owner"), said("Repo"));
            let why = format!(
                "pipeline {name} takes its code from {owner}/{repository} by a token of somebody's OAuth app instead of a connection"
            );
            reasons.broken("no_connection", why);
        }
        (owner, provider) => {
            reasons.doubt(format!(
                "pipeline {name} takes its code from {provider} ({owner}), which AWS does not describe"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn from(owner: &str, provider: &str, configuration: Value, private: &[&str]) -> Verdict {
        let source = json!({ "name": "Source", "configuration": configuration,
            "actionTypeId": { "category": "Source", "owner": owner, "provider": provider, "version": "1" } });
        let pipeline =
            json!({ "name": "app", "roleArn": "arn", "stages": [{ "name": "Source", "actions": [source] }] });
        judge(&serde_json::from_value(pipeline).unwrap(), &Patterns::parse(private).unwrap())
    }

    #[test]
    fn sources_within_aws_are_private() {
        for (provider, member) in [("CodeCommit", "RepositoryName"), ("ECR", "RepositoryName"), ("S3", "S3Bucket")] {
            assert_eq!(from("AWS", provider, json!({ member: "app" }), &[]).status, Status::Pass, "{provider}");
        }
    }

    #[test]
    fn a_connection_does_not_say_whether_a_repository_is_private() {
        let repository = || json!({ "FullRepositoryId": "acme/app" });
        assert_eq!(from("AWS", "CodeStarSourceConnection", repository(), &[]).status, Status::Unknown);
        assert_eq!(from("AWS", "CodeStarSourceConnection", repository(), &["acme/*"]).status, Status::Pass);
        assert_eq!(from("AWS", "CodeStarSourceConnection", json!({}), &["acme/*"]).status, Status::Unknown);
    }

    #[test]
    fn tokens_fail_and_what_is_not_known_is_unknown() {
        let verdict = from("ThirdParty", "GitHub", json!({ "Owner": "acme", "Repo": "app" }), &["acme/*"]);
        assert_eq!(verdict.reasons, ["no_connection"]);
        assert_eq!(from("Custom", "Mercurial", json!({}), &[]).status, Status::Unknown);
        assert_eq!(from("AWS", "CodeSomething", json!({}), &[]).status, Status::Unknown);
    }

    #[test]
    fn a_pipeline_without_a_source_is_no_pass() {
        let pipeline = json!({ "name": "app", "roleArn": "arn", "stages": [] });
        assert_eq!(judge(&serde_json::from_value(pipeline).unwrap(), &Patterns::default()).status, Status::Unknown);
    }
}
