//! Checks on CodeBuild: what starts builds, what they know, and what they leave.

#[cfg(test)]
mod fixtures;
mod triggers;

use crate::prelude::*;
use posture_estate::services::codebuild::project::Project;

/// A finding for each project, or one for the Region where there is none.
fn per_project(at: &Region, projects: &[Project], judge: impl Fn(&Project) -> Verdict) -> Vec<Finding> {
    if projects.is_empty() {
        return vec![Verdict::not_applicable(format!("CodeBuild has no project in {}", at.name())).on(at.resource())];
    }
    projects.iter().map(|project| judge(project).on(project.resource())).collect()
}

checks! { codebuild;
    region logs_and_artifacts_protected,
    region no_plaintext_credentials,
    region project_isolated,
    region stale_projects_removed,
    region webhooks_restricted,
}
