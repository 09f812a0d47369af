//! The pipelines of a Region, each with its declaration or why it was not seen.

use crate::prelude::*;
use posture_estate::services::codepipeline::Pipeline;

/// A pipeline of the list.
pub(super) struct Listed {
    pub resource: Resource,
    /// `None` for one that was deleted meanwhile.
    pub pipeline: Answer<Option<Pipeline>>,
}

pub(super) async fn pipelines(at: &Region) -> Result<Vec<Listed>, Gap> {
    let names = at.codepipeline().pipelines().await?;
    let asked = names.iter().map(async |listed| {
        let name = listed.name.as_str();
        let resource = Resource::new(at.arn("codepipeline", name), "AWS::CodePipeline::Pipeline", name);
        Listed { resource, pipeline: at.codepipeline().pipeline(name).await }
    });
    Ok(join_all(asked).await)
}

/// The declarations that were seen.
pub(super) fn seen(listed: &[Listed]) -> impl Iterator<Item = &Pipeline> {
    listed.iter().filter_map(|one| one.pipeline.as_ref().ok()?.there())
}

/// A finding for each pipeline.
pub(super) fn judged(listed: Vec<Listed>, judge: impl Fn(&Pipeline) -> Verdict) -> Vec<Finding> {
    let findings = listed.into_iter().filter_map(|Listed { resource, pipeline }| match pipeline {
        Err(gap) => Some(Verdict::unseen(&gap).on(resource)),
        Ok(pipeline) => Some(judge(pipeline.there()?).on(resource)),
    });
    findings.collect()
}

/// The finding of a Region without pipelines.
pub(super) fn none(at: &Region) -> Finding {
    Verdict::not_applicable(format!("CodePipeline has no pipeline in {}", at.name())).on(at.resource())
}
