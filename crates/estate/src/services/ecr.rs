//! ECR: the repositories of a Region, whom they let in, how the registry scans them, and the scan of an image.

mod images;
mod scanning;

pub use images::{EcrImage, ImageScan, newest};
pub use scanning::{Frequency, RegistryScanning};

use crate::aws::answer::absent;
use crate::aws::reading::{items, member, whole};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// ECR at an account or in a region.
    ecr => Ecr model "ecr": Service {
        asff: &[("AWS::ECR::Repository", "AwsEcrRepository")],
        reads: &[
            ("DescribeImageScanFindings", whole::<ImageScan>),
            ("DescribeImages", |v| items::<EcrImage>(v, "imageDetails")),
            ("DescribeRepositories", |v| items::<EcrRepository>(v, "repositories")),
            ("GetLifecyclePolicy", |v| member::<String>(v, "lifecyclePolicyText")),
            ("GetRegistryPolicy", |v| member::<String>(v, "policyText")),
            ("GetRegistryScanningConfiguration", |v| member::<RegistryScanning>(v, "scanningConfiguration")),
            ("GetRepositoryPolicy", |v| member::<String>(v, "policyText")),
        ],
        ..Service::new("ecr", "ECR", Wire::AwsJson)
    }
}

/// How AWS says that a repository was deleted after it was listed.
pub const GONE: &str = "RepositoryNotFoundException";

/// Images on a page, at most (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>).
const A_PAGE: i64 = 1000;

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcrRepository {
    #[serde(rename = "repositoryArn")]
    arn: String,
    #[serde(rename = "repositoryName")]
    pub name: String,
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION`, `MUTABLE_WITH_EXCLUSION`
    pub image_tag_mutability: String,
    /// The tags to which the setting does not apply; none where it has no exclusion.
    #[serde(default)]
    pub image_tag_mutability_exclusion_filters: Vec<TagFilter>,
    image_scanning_configuration: Option<OnPush>,
}

/// The tags that a filter is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagFilter {
    /// `WILDCARD`
    pub filter_type: String,
    pub filter: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnPush {
    scan_on_push: Option<bool>,
}

impl EcrRepository {
    /// The repository as the resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::ECR::Repository", &self.name)
    }

    /// The repository's own switch, which counts only where the registry has no rules; `None` when it is not said.
    pub fn scan_on_push(&self) -> Option<bool> {
        self.image_scanning_configuration.as_ref()?.scan_on_push
    }
}

impl Ecr<'_, Region> {
    /// `ecr:DescribeRepositories`, every page: the private repositories.
    pub async fn repositories(self) -> Answer<Vec<EcrRepository>> {
        self.ask("DescribeRepositories", "", async move {
            Ok(self.client()?.items("DescribeRepositories", json!({ "maxResults": A_PAGE }), "repositories").await?)
        })
        .await
    }

    /// `ecr:GetLifecyclePolicy`: the lifecycle policy, JSON.
    pub async fn lifecycle_policy(self, repository: &str) -> Answer<Option<String>> {
        self.ask("GetLifecyclePolicy", repository, async move {
            let of = json!({ "repositoryName": repository });
            let policy = self.client()?.member("GetLifecyclePolicy", of, "lifecyclePolicyText").await;
            absent(policy, &["LifecyclePolicyNotFoundException"])
        })
        .await
    }

    /// `ecr:GetRepositoryPolicy`: who may use the repository, JSON.
    pub async fn repository_policy(self, repository: &str) -> Answer<Option<String>> {
        self.ask("GetRepositoryPolicy", repository, async move {
            let of = json!({ "repositoryName": repository });
            let policy = self.client()?.member("GetRepositoryPolicy", of, "policyText").await;
            absent(policy, &["RepositoryPolicyNotFoundException"])
        })
        .await
    }

    /// `ecr:GetRegistryPolicy`: who may replicate into the registry and create repositories there, JSON.
    pub async fn registry_policy(self) -> Answer<Option<String>> {
        self.ask("GetRegistryPolicy", "", async move {
            let policy = self.client()?.member("GetRegistryPolicy", json!({}), "policyText").await;
            absent(policy, &["RegistryPolicyNotFoundException"])
        })
        .await
    }

    /// `ecr:GetRegistryScanningConfiguration`: every registry has one.
    pub async fn registry_scanning(self) -> Answer<RegistryScanning> {
        self.ask("GetRegistryScanningConfiguration", "", async move {
            Ok(self.client()?.member("GetRegistryScanningConfiguration", json!({}), "scanningConfiguration").await?)
        })
        .await
    }

    /// `ecr:DescribeImages`, every page: the images that can be pulled, without those in the archive.
    pub async fn images(self, repository: &str) -> Answer<Vec<EcrImage>> {
        self.ask("DescribeImages", repository, async move {
            let of = json!({ "repositoryName": repository, "maxResults": A_PAGE });
            Ok(self.client()?.items("DescribeImages", of, "imageDetails").await?)
        })
        .await
    }

    /// `ecr:DescribeImageScanFindings` of one image, one page: the state of the scan and how much was found, by severity; `None` where it
    /// was never scanned. AWS's own scanner says it only here
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>).
    pub async fn image_scan(self, repository: &str, digest: &str) -> Answer<Option<ImageScan>> {
        self.ask("DescribeImageScanFindings", [repository, digest].join("@"), async move {
            let of = json!({ "repositoryName": repository, "imageId": { "imageDigest": digest }, "maxResults": 1 });
            absent(self.client()?.call("DescribeImageScanFindings", of).await, &["ScanNotFoundException"])
        })
        .await
    }
}
