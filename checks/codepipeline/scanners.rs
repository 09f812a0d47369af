//! Where a pipeline looks for vulnerabilities in what it deploys, as far as its declaration and its build projects show.

use crate::prelude::*;
use posture_estate::services::codebuild::project::{Project, says, without_comments};
use posture_estate::services::codepipeline::{Pipeline, PipelineAction};

/// What an action says of itself.
pub(super) enum Scan {
    /// What scans.
    Found(String),
    /// Why it does not show.
    Hidden(String),
    /// It does not scan, or is of a kind that does not count.
    None,
    Unseen(Gap),
}

/// Looks at every action; `region` is the pipeline's.
pub(super) fn scans(
    pipeline: &Pipeline,
    projects: Option<&Answer<Vec<Project>>>,
    scanners: &[String],
    region: &str,
) -> Vec<Scan> {
    let scan = |action: &PipelineAction| {
        let kind = &action.action_type_id;
        let named = |text: &str| scanners.iter().find(|scanner| says(text, scanner));
        match (kind.category.as_str(), kind.owner.as_str()) {
            ("Invoke", "AWS") if kind.provider == "InspectorScan" => {
                Scan::Found(format!("action {} scans with Inspector", action.name))
            }
            ("Compute", "AWS") => match named(&without_comments(&action.commands.join("\n"))) {
                Some(scanner) => Scan::Found(format!("action {} runs {scanner}", action.name)),
                None => Scan::None,
            },
            ("Build" | "Test", "AWS") if action.runs_codebuild() => built(action, projects, scanners, region),
            ("Build" | "Test" | "Invoke", "ThirdParty" | "Custom") => match named(&kind.provider) {
                Some(scanner) => Scan::Found(format!("action {} runs {scanner}", action.name)),
                None => Scan::Hidden(format!("what action {} runs at {} does not show", action.name, kind.provider)),
            },
            _ => Scan::None,
        }
    };
    pipeline.actions().map(|(_, action)| scan(action)).collect()
}

fn built(action: &PipelineAction, projects: Option<&Answer<Vec<Project>>>, scanners: &[String], region: &str) -> Scan {
    let name = action.configured("ProjectName").unwrap_or_default();
    if let Some(other) = action.region.as_deref().filter(|other| *other != region) {
        return Scan::Hidden(format!("project {name} of action {} is in {other}", action.name));
    }
    let projects = match projects {
        Some(Ok(projects)) => projects,
        Some(Err(gap)) => return Scan::Unseen(gap.clone()),
        None => return Scan::Hidden(format!("project {name} of action {} was not looked at", action.name)),
    };
    let Some(project) = projects.iter().find(|project| project.name == name) else {
        return Scan::Hidden(format!("project {name} of action {} is not in the list of projects", action.name));
    };
    match project.inline_commands() {
        None => Scan::Hidden(format!("the buildspec of project {name} is not in the project")),
        Some(text) => match scanners.iter().find(|scanner| says(&text, scanner)) {
            Some(scanner) => Scan::Found(format!("project {name} runs {scanner}")),
            None => Scan::None,
        },
    }
}
