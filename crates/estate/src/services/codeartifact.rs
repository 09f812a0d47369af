//! CodeArtifact: repositories of packages, where they draw them from, who may use them, and how versions of a package may come in.

use crate::aws::answer::absent;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::{Value, json};

service! {
    /// CodeArtifact in a region.
    codeartifact => CodeArtifact model "codeartifact": Service {
        reads: &[
            ("DescribeRepository", |v| member::<RepositorySources>(v, "repository")),
            ("GetDomainPermissionsPolicy", |v| member::<String>(v, "policy.document")),
            ("GetRepositoryPermissionsPolicy", |v| member::<String>(v, "policy.document")),
            ("ListPackageVersions", |v| items::<PackageVersion>(v, "versions")),
            ("ListPackages", |v| items::<ListedPackage>(v, "packages")),
            ("ListRepositories", |v| items::<PackageRepository>(v, "repositories")),
        ],
        ..Service::new("codeartifact", "CodeArtifact", Wire::RestJson)
    }
}

/// What AWS answers where there is no policy, or no more what was listed.
const NONE: &[&str] = &["ResourceNotFoundException"];

/// A repository that the account administers, in a domain of its own or of another account.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageRepository {
    pub name: String,
    pub arn: String,
    pub domain_name: String,
    /// The account of the domain.
    pub domain_owner: String,
}

/// Where a repository gets packages from that it does not have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositorySources {
    /// Other repositories of the domain.
    #[serde(default)]
    pub upstreams: Vec<UpstreamRepository>,
    /// Public repositories.
    #[serde(default)]
    pub external_connections: Vec<ExternalConnection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamRepository {
    pub repository_name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalConnection {
    /// `public:npmjs`
    pub external_connection_name: String,
}

/// A package of a repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedPackage {
    pub format: String,
    pub namespace: Option<String>,
    #[serde(rename = "package")]
    pub name: String,
    pub origin_configuration: PackageOrigin,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PackageOrigin {
    pub restrictions: PackageRestrictions,
}

/// How new versions may come in, each `ALLOW` or `BLOCK`.
/// <https://docs.aws.amazon.com/codeartifact/latest/ug/package-origin-controls.html>
#[derive(Clone, Debug, Deserialize)]
pub struct PackageRestrictions {
    /// By publishing to the repository.
    pub publish: String,
    /// From external connections and upstream repositories.
    pub upstream: String,
}

/// A version of a package.
#[derive(Clone, Debug, Deserialize)]
pub struct PackageVersion {
    pub version: String,
}

impl PackageRepository {
    /// As the resource of a finding.
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::CodeArtifact::Repository", &self.name)
    }

    /// `domain/repository`, one name for both.
    pub fn label(&self) -> String {
        format!("{}/{}", self.domain_name, self.name)
    }

    fn asked(&self) -> Value {
        json!({ "domain": self.domain_name, "domainOwner": self.domain_owner, "repository": self.name })
    }
}

impl ListedPackage {
    /// `npm @acme/ui`, `maven com.acme:app`.
    pub fn label(&self) -> String {
        match self.namespace.as_deref() {
            None => format!("{} {}", self.format, self.name),
            Some(scope) if self.format == "npm" => format!("npm @{scope}/{}", self.name),
            Some(group) => format!("{} {group}:{}", self.format, self.name),
        }
    }
}

impl CodeArtifact<'_, Region> {
    /// `codeartifact:ListRepositories`, every page.
    pub async fn repositories(self) -> Answer<Vec<PackageRepository>> {
        self.ask("ListRepositories", "", async move {
            Ok(self.client()?.items("ListRepositories", json!({}), "repositories").await?)
        })
        .await
    }

    /// `codeartifact:DescribeRepository`; `None` for one that is gone.
    pub async fn repository_sources(self, of: &PackageRepository) -> Answer<Option<RepositorySources>> {
        self.ask("DescribeRepository", of.arn.clone(), async move {
            absent(self.client()?.member("DescribeRepository", of.asked(), "repository").await, NONE)
        })
        .await
    }

    /// `codeartifact:GetRepositoryPermissionsPolicy`: the policy document.
    pub async fn repository_policy(self, of: &PackageRepository) -> Answer<Option<String>> {
        self.ask("GetRepositoryPermissionsPolicy", of.arn.clone(), async move {
            let found = self.client()?.member("GetRepositoryPermissionsPolicy", of.asked(), "policy.document").await;
            absent(found, NONE)
        })
        .await
    }

    /// `codeartifact:GetDomainPermissionsPolicy`: the policy document of a domain of the account.
    pub async fn domain_policy(self, domain: &str) -> Answer<Option<String>> {
        self.ask("GetDomainPermissionsPolicy", domain, async move {
            let of = json!({ "domain": domain });
            absent(self.client()?.member("GetDomainPermissionsPolicy", of, "policy.document").await, NONE)
        })
        .await
    }

    /// `codeartifact:ListPackages`, every page of those whose versions may come in so: `publish` and `upstream` are `ALLOW` or `BLOCK`.
    pub async fn packages(self, of: &PackageRepository, publish: &str, upstream: &str) -> Answer<Vec<ListedPackage>> {
        let mut wanted = of.asked();
        wanted["publish"] = publish.into();
        wanted["upstream"] = upstream.into();
        self.ask("ListPackages", format!("{} {publish} {upstream}", of.arn), async move {
            let found = self.client()?.items("ListPackages", wanted, "packages").await;
            // Of a repository that is gone there are none.
            let Some(packages) = absent(found, NONE)? else { return Ok(Vec::new()) };
            Ok(packages)
        })
        .await
    }

    /// `codeartifact:ListPackageVersions`: whether a version of the package came in so, `INTERNAL` or `EXTERNAL`.
    pub async fn has_versions(self, of: &PackageRepository, package: &ListedPackage, origin: &str) -> Answer<bool> {
        let mut wanted = of.asked();
        wanted["format"] = package.format.as_str().into();
        wanted["package"] = package.name.as_str().into();
        wanted["originType"] = origin.into();
        wanted["maxResults"] = 1.into();
        if let Some(namespace) = &package.namespace {
            wanted["namespace"] = namespace.as_str().into();
        }
        self.ask("ListPackageVersions", format!("{} {} {origin}", of.arn, package.label()), async move {
            let found = self.client()?.member("ListPackageVersions", wanted, "versions").await;
            let found: Option<Vec<PackageVersion>> = absent(found, NONE)?;
            Ok(found.is_some_and(|versions| !versions.is_empty()))
        })
        .await
    }
}
