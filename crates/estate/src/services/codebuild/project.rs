//! A build project: what it builds from, in what, with which variables, and what it writes.

use super::webhook::Webhook;
use crate::aws::model::Time;
use crate::finding::Resource;
use serde::Deserialize;

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub name: String,
    pub arn: String,
    pub source: ProjectSource,
    #[serde(default)]
    pub secondary_sources: Vec<ProjectSource>,
    pub artifacts: ProjectArtifacts,
    #[serde(default)]
    pub secondary_artifacts: Vec<ProjectArtifacts>,
    pub environment: BuildEnvironment,
    /// The ARN of the role that its builds have.
    pub service_role: String,
    pub created: Time,
    pub webhook: Option<Webhook>,
    /// CloudWatch Logs and no S3 where there is none.
    pub logs_config: Option<BuildLogs>,
    /// `PRIVATE`, `PUBLIC_READ`
    pub project_visibility: Option<String>,
    /// Of projects that build in batches.
    pub build_batch_config: Option<BuildBatch>,
    vpc_config: Option<VpcConfig>,
    #[serde(default)]
    tags: Vec<ProjectTag>,
}

#[derive(Clone, Debug, Deserialize)]
struct ProjectTag {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VpcConfig {
    #[serde(default)]
    security_group_ids: Vec<String>,
}

/// Of a project that builds in batches.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildBatch {
    /// The ARN of the role that starts the builds of a batch.
    pub service_role: Option<String>,
}

/// Where a project's code comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSource {
    /// `GITHUB`, `CODECOMMIT`, `CODEPIPELINE`, `S3`, `NO_SOURCE`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// A URL, or a bucket and a key.
    pub location: Option<String>,
    buildspec: Option<String>,
}

/// Where the commands of a build come from.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-name-storage>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buildspec<'a> {
    /// In the project.
    Inline(&'a str),
    /// In a bucket, by its ARN.
    Bucket(&'a str),
    /// In the source that is built, so that whoever changes the source changes them.
    InSource,
}

impl ProjectSource {
    pub fn buildspec(&self) -> Buildspec<'_> {
        let Some(text) = self.buildspec.as_deref().map(str::trim) else { return Buildspec::InSource };
        if text.starts_with("arn:") {
            Buildspec::Bucket(text)
        } else if text.contains('\n') || text.starts_with('{') || text.starts_with("version:") {
            Buildspec::Inline(text)
        } else {
            Buildspec::InSource
        }
    }

    /// The account or organization in the URL of a repository: `acme` of `https://github.com/acme/app.git`.
    pub fn organization(&self) -> Option<&str> {
        let (_, rest) = self.location.as_deref()?.split_once("://")?;
        let (_, path) = rest.split_once('/')?;
        path.split('/').next().filter(|owner| !owner.is_empty())
    }
}

/// What a build leaves.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectArtifacts {
    /// `S3`, `CODEPIPELINE`, `NO_ARTIFACTS`
    #[serde(rename = "type")]
    pub kind: String,
    pub location: Option<String>,
    /// Only of `S3`.
    pub encryption_disabled: Option<bool>,
}

/// What a build runs in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildEnvironment {
    #[serde(rename = "type")]
    pub kind: String,
    pub privileged_mode: Option<bool>,
    #[serde(default)]
    pub environment_variables: Vec<BuildVariable>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct BuildVariable {
    pub name: String,
    pub value: String,
    /// `PLAINTEXT` (also where there is none), `PARAMETER_STORE`, `SECRETS_MANAGER`
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsConfig.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildLogs {
    pub cloud_watch_logs: Option<BuildLogGroup>,
    pub s3_logs: Option<BuildLogBucket>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct BuildLogGroup {
    /// `ENABLED`, `DISABLED`
    pub status: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildLogBucket {
    /// `ENABLED`, `DISABLED`
    pub status: String,
    pub location: Option<String>,
    pub encryption_disabled: Option<bool>,
}

impl Project {
    /// The ids of the security groups that its builds get.
    pub fn security_groups(&self) -> &[String] {
        self.vpc_config.as_ref().map_or(&[], |config| &config.security_group_ids)
    }

    /// As the resource of a finding.
    pub fn resource(&self) -> Resource {
        let tags = self.tags.iter().filter_map(|tag| Some((tag.key.as_deref()?, tag.value.as_deref()?)));
        Resource::new(&self.arn, "AWS::CodeBuild::Project", &self.name).tags(tags)
    }

    /// The first source and the others.
    pub fn sources(&self) -> impl Iterator<Item = &ProjectSource> {
        std::iter::once(&self.source).chain(&self.secondary_sources)
    }

    /// The first artifacts and the others.
    pub fn all_artifacts(&self) -> impl Iterator<Item = &ProjectArtifacts> {
        std::iter::once(&self.artifacts).chain(&self.secondary_artifacts)
    }

    /// The ARNs of the roles that its builds and batches have, each once.
    pub fn roles(&self) -> Vec<&str> {
        let batch = self.build_batch_config.as_ref().and_then(|batch| batch.service_role.as_deref());
        let mut all = vec![self.service_role.as_str()];
        all.extend(batch.filter(|role| *role != self.service_role));
        all
    }

    /// The buildspec that stands in the project without its comments, for a search by words.
    pub fn inline_commands(&self) -> Option<String> {
        match self.source.buildspec() {
            Buildspec::Inline(text) => Some(without_comments(text)),
            _ => None,
        }
    }
}

/// The text without lines that are comments.
pub fn without_comments(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.trim_start().trim_start_matches("- ").starts_with('#'));
    kept.collect::<Vec<_>>().join("\n")
}

/// Whether the words stand in the text one after the other, as words: `npm audit`, `trivy` but not `trivyal`. Case does not count.
pub fn says(text: &str, words: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let split = |text: &str| -> Vec<String> {
        text.to_ascii_lowercase().split(|c| !part(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (text, wanted) = (split(text), split(words));
    !wanted.is_empty() && text.windows(wanted.len()).any(|some| some == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(buildspec: Option<&str>) -> ProjectSource {
        ProjectSource { kind: "GITHUB".into(), location: None, buildspec: buildspec.map(str::to_owned) }
    }

    #[test]
    fn a_buildspec_is_inline_in_a_bucket_or_in_the_source() {
        assert_eq!(source(None).buildspec(), Buildspec::InSource);
        assert_eq!(source(Some("")).buildspec(), Buildspec::InSource);
        assert_eq!(source(Some("ci/buildspec.yml")).buildspec(), Buildspec::InSource);
        let arn = "arn:aws:s3:::specs/app.yml";
        assert_eq!(source(Some(arn)).buildspec(), Buildspec::Bucket(arn));
        for inline in ["version: 0.2\nphases: {}", "{\"version\":0.2}", "version: 0.2"] {
            assert_eq!(source(Some(inline)).buildspec(), Buildspec::Inline(inline));
        }
    }

    #[test]
    fn the_owner_of_a_repository_is_the_first_part_of_its_path() {
        let of = |location: &str| ProjectSource { location: Some(location.into()), ..source(None) };
        assert_eq!(of("https://github.com/acme/app.git").organization(), Some("acme"));
        assert_eq!(of("https://bitbucket.org/acme/app").organization(), Some("acme"));
        assert_eq!(of("bucket/app.zip").organization(), None);
        assert_eq!(of("https://github.com").organization(), None);
    }

    #[test]
    fn words_are_found_as_words() {
        assert!(says("- trivy image app", "trivy") && says("npm  audit --omit=dev", "npm audit"));
        assert!(says("run /usr/bin/Semgrep", "semgrep"));
        assert!(!says("- trivyal", "trivy") && !says("npm ci", "npm audit") && !says("x", ""));
        assert_eq!(without_comments("a\n  # trivy\n - # trivy\nb # c"), "a\nb # c");
    }
}
