//! Are the builds of a project private, and do they go without control over their host, unless they build container images?

use super::per_project;
use crate::prelude::*;
use posture_estate::services::codebuild::project::{Buildspec, Project, says};

/// Projects that build container images and whose buildspec does not show it.
const IMAGE_BUILDERS: Setting<Resources> = setting!(project_isolated.image_builders);

/// What builds images with the Docker daemon, or is one.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker.html>
const BUILDS_IMAGES: &[&str] = &[
    "buildah",
    "docker build",
    "docker buildx",
    "docker compose",
    "docker image build",
    "docker-compose",
    "dockerd",
    "pack build",
    "podman build",
    "sam build --use-container",
];

pub async fn probe(at: &Region) -> Outcome {
    let projects = at.codebuild().projects().await?;
    Ok(per_project(at, &projects, |project| judge(project, at.setting(IMAGE_BUILDERS))))
}

fn judge(project: &Project, listed: &Resources) -> Verdict {
    let (name, mut reasons) = (&project.name, Reasons::new());
    match project.project_visibility.as_deref() {
        Some("PRIVATE") => {}
        Some("PUBLIC_READ") => reasons.broken(
            "public_builds",
            format!("everyone on the internet can read the logs and artifacts of project {name}"),
        ),
        Some(other) => reasons.doubt(format!("project {name} has the visibility {other:?}")),
        None => reasons.doubt(format!("the visibility of project {name} is not in the answer")),
    }
    let mut mode = "without privileged mode";
    match project.environment.privileged_mode {
        Some(false) => {}
        None => reasons.doubt(format!("whether project {name} builds in privileged mode is not in the answer")),
        Some(true) if listed.has(&project.resource()) => {
            mode = "in privileged mode for the images that it is listed to build"
        }
        Some(true) => match project.inline_commands() {
            Some(text) if BUILDS_IMAGES.iter().any(|words| says(&text, words)) => {
                mode = "in privileged mode for the images that its buildspec builds";
            }
            Some(_) => reasons.broken(
                "privileged_mode",
                format!("project {name} builds in privileged mode, and its buildspec builds no container image"),
            ),
            None => reasons.doubt(format!(
                "project {name} builds in privileged mode, and whether it builds container images stands in {}",
                match project.source.buildspec() {
                    Buildspec::Bucket(arn) => arn,
                    _ => "the buildspec of its source",
                }
            )),
        },
    }
    reasons.or_pass(|| format!("the builds of project {name} are private and run {mode}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::fixtures::project;

    fn of(members: serde_json::Value, listed: &[&str]) -> Verdict {
        judge(&project(members), &Resources::parse(listed).unwrap())
    }

    fn privileged(buildspec: Option<&str>, listed: &[&str]) -> Verdict {
        let source = json!({ "type": "GITHUB", "location": "https://github.com/acme/app", "buildspec": buildspec });
        of(json!({ "source": source, "environment": { "type": "LINUX_CONTAINER", "privilegedMode": true } }), listed)
    }

    #[test]
    fn builds_are_private() {
        assert_eq!(of(json!({}), &[]).status, Status::Pass);
        assert_eq!(of(json!({ "projectVisibility": "PUBLIC_READ" }), &[]).reasons, ["public_builds"]);
        assert_eq!(of(json!({ "projectVisibility": "SHARED" }), &[]).status, Status::Unknown);
        assert_eq!(of(json!({ "projectVisibility": null }), &[]).status, Status::Unknown);
    }

    #[test]
    fn privileged_mode_is_for_images() {
        let spec = |command: &str| format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n");
        for builds in [
            "docker build -t app .",
            "docker  buildx build .",
            "docker-compose build",
            "nohup dockerd &",
            "buildah bud .",
        ] {
            assert_eq!(privileged(Some(&spec(builds)), &[]).status, Status::Pass, "{builds}");
        }
        for other in ["npm ci", "# docker build .", "docker pull x"] {
            assert_eq!(privileged(Some(&spec(other)), &[]).reasons, ["privileged_mode"], "{other}");
        }
        assert_eq!(privileged(Some(&spec("npm ci")), &["app"]).status, Status::Pass);
    }

    #[test]
    fn what_a_buildspec_out_of_sight_does_is_unknown() {
        assert_eq!(privileged(None, &[]).status, Status::Unknown);
        assert_eq!(privileged(Some("ci/buildspec.yml"), &[]).status, Status::Unknown);
        assert_eq!(privileged(Some("arn:aws:s3:::specs/app.yml"), &[]).status, Status::Unknown);
        assert_eq!(privileged(None, &["app"]).status, Status::Pass);
        assert_eq!(of(json!({ "environment": { "type": "LINUX_CONTAINER" } }), &[]).status, Status::Unknown);
    }
}
