//! CodeBuild: projects, what starts them and what they write, their last builds, and where their reports go. A project has network
//! interfaces only while it builds.

pub mod project;
pub mod webhook;

use crate::aws::answer::absent;
use crate::aws::model::Time;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use project::Project;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

service! {
    /// CodeBuild in a region.
    codebuild => CodeBuild model "codebuild": Service {
        asff: &[("AWS::CodeBuild::Project", "AwsCodeBuildProject")],
        // Variables of projects and builds, and the secret of a webhook.
        secrets: &["environmentVariables.value", "exportedEnvironmentVariables.value", "webhook.secret"],
        // What they run, and where their code is.
        texts: &["buildspec", "location"],
        reads: &[
            ("BatchGetBuilds", |v| items::<Build>(v, "builds")),
            ("BatchGetProjects", |v| items::<Project>(v, "projects")),
            ("BatchGetReportGroups", |v| items::<ReportGroup>(v, "reportGroups")),
            ("ListBuildsForProject", |v| items::<String>(v, "ids")),
            ("ListProjects", |v| items::<String>(v, "projects")),
            ("ListReportGroups", |v| items::<String>(v, "reportGroups")),
        ],
        ..Service::new("codebuild", "CodeBuild", Wire::AwsJson)
    }
}

/// Projects, builds or report groups that one call answers for, at most
/// (<https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html>).
const AT_ONCE: usize = 100;

/// A run of a project (<https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html>).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Build {
    pub id: String,
    pub project_name: String,
    pub start_time: Option<Time>,
}

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ReportGroup.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportGroup {
    pub arn: String,
    pub name: String,
    pub export_config: ReportExport,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportExport {
    /// `S3`, `NO_EXPORT`
    pub export_config_type: String,
    /// Of an export to S3.
    pub s3_destination: Option<ReportBucket>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportBucket {
    pub bucket: Option<String>,
    pub encryption_disabled: Option<bool>,
}

impl ReportGroup {
    /// As the resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::CodeBuild::ReportGroup", &self.name)
    }
}

impl CodeBuild<'_, Region> {
    /// `codebuild:ListProjects`, every page, and `codebuild:BatchGetProjects` for a hundred of them at a time.
    pub async fn projects(self) -> Answer<Vec<Project>> {
        let names: Answer<Vec<String>> = self
            .ask("ListProjects", "", async move {
                Ok(self.client()?.items("ListProjects", json!({}), "projects").await?)
            })
            .await;
        let names = names?;
        let mut all = Vec::new();
        for some in names.chunks(AT_ONCE) {
            let asked = some.to_vec();
            let some: Answer<Vec<Project>> = self
                .ask("BatchGetProjects", some.join(","), async move {
                    Ok(self.client()?.member("BatchGetProjects", json!({ "names": asked }), "projects").await?)
                })
                .await;
            all.extend(some?.iter().cloned());
        }
        Ok(Arc::new(all))
    }

    /// `codebuild:ListReportGroups`, every page, and `codebuild:BatchGetReportGroups` for a hundred of them at a time.
    pub async fn report_groups(self) -> Answer<Vec<ReportGroup>> {
        let arns: Answer<Vec<String>> = self
            .ask("ListReportGroups", "", async move {
                Ok(self.client()?.items("ListReportGroups", json!({}), "reportGroups").await?)
            })
            .await;
        let arns = arns?;
        let mut all = Vec::new();
        for some in arns.chunks(AT_ONCE) {
            let asked = some.to_vec();
            let some: Answer<Vec<ReportGroup>> = self
                .ask("BatchGetReportGroups", some.join(","), async move {
                    let of = json!({ "reportGroupArns": asked });
                    Ok(self.client()?.member("BatchGetReportGroups", of, "reportGroups").await?)
                })
                .await;
            all.extend(some?.iter().cloned());
        }
        Ok(Arc::new(all))
    }

    /// `codebuild:ListBuildsForProject`: the id of the newest build, the first of the first page. The order is left to AWS, which begins
    /// with the newest and refuses to sort more than a hundred builds
    /// (<https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html>). `None` for a project that is gone;
    /// within, for one without builds: CodeBuild forgets them after a year.
    pub async fn last_build(self, project: &str) -> Answer<Option<Option<String>>> {
        self.ask("ListBuildsForProject", project, async move {
            let ids = self.client()?.member("ListBuildsForProject", json!({ "projectName": project }), "ids").await;
            let ids: Option<Vec<String>> = absent(ids, &["ResourceNotFoundException"])?;
            Ok(ids.map(|ids| ids.into_iter().next()))
        })
        .await
    }

    /// `codebuild:BatchGetBuilds` for a hundred of them at a time; those that are gone are left out.
    pub async fn builds(self, ids: &[String]) -> Answer<Vec<Build>> {
        let mut all = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let asked = some.to_vec();
            let some: Answer<Vec<Build>> = self
                .ask("BatchGetBuilds", some.join(","), async move {
                    Ok(self.client()?.member("BatchGetBuilds", json!({ "ids": asked }), "builds").await?)
                })
                .await;
            all.extend(some?.iter().cloned());
        }
        Ok(Arc::new(all))
    }
}
