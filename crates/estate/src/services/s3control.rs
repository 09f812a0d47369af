//! S3 Control: what is set for the account, and its access points.

use super::s3::PublicAccessBlock;
use crate::aws::answer::absent;
use crate::aws::reading::{member, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Account, Answer, Region, service};
use serde::Deserialize;
use serde_json::{Value, json};

service! {
    /// S3 Control at an account or in a region.
    s3control => S3Control model "s3control": Service {
        iam_prefix: "s3",
        iam: &[("GetPublicAccessBlock", "GetAccountPublicAccessBlock")],
        roots: &[
            ("GetAccessPoint", "GetAccessPointResult"),
            ("ListAccessPoints", "ListAccessPointsResult"),
            ("ListMultiRegionAccessPoints", "ListMultiRegionAccessPointsResult"),
        ],
        asff: &[("AWS::S3::AccessPoint", "AwsS3AccessPoint")],
        reads: &[
            ("GetAccessPoint", whole::<AccessPointDetails>),
            ("GetAccessPointPolicy", |v| member::<String>(v, "Policy")),
            ("GetMultiRegionAccessPointPolicy", |v| member::<MultiRegionPolicy>(v, "Policy")),
            ("GetPublicAccessBlock", |v| member::<PublicAccessBlock>(v, "PublicAccessBlockConfiguration")),
            ("ListAccessPoints", whole::<AccessPoints>),
            ("ListMultiRegionAccessPoints", whole::<MultiRegionAccessPoints>),
        ],
        ..Service::new("s3control", "S3 access points", Wire::RestXml)
    }
}

/// Multi-Region access points are managed in this Region only.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>
const MULTI_REGION_HOME: &str = "us-west-2";

/// An access point, as the list has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessPoint {
    pub name: String,
    pub bucket: String,
    /// The account of the bucket.
    pub bucket_account_id: Option<String>,
    /// `VPC`, `Internet`
    pub network_origin: String,
    pub access_point_arn: Option<String>,
}

/// A Multi-Region access point.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionAccessPoint {
    pub name: String,
    #[serde(default)]
    pub alias: String,
    /// `READY`, `DELETING`, …
    pub status: String,
    #[serde(default)]
    pub public_access_block: PointSettings,
    #[serde(default)]
    pub regions: Vec<Reached>,
}

impl MultiRegionAccessPoint {
    /// Being deleted.
    pub fn is_going(&self) -> bool {
        self.status == "DELETING"
    }
}

/// A bucket behind a Multi-Region access point.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reached {
    pub bucket: String,
    pub region: String,
    pub bucket_account_id: Option<String>,
}

/// The settings of an access point, which are reported as part of it: a missing one counts as off.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PointSettings {
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

impl From<PointSettings> for PublicAccessBlock {
    fn from(settings: PointSettings) -> Self {
        let PointSettings { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets } =
            settings;
        Self { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets }
    }
}

/// What `GetAccessPoint` adds to the list.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessPointDetails {
    #[serde(default)]
    pub public_access_block_configuration: PointSettings,
}

/// A page of either list; an empty list may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessPoints {
    #[serde(default)]
    pub access_point_list: Vec<AccessPoint>,
}

/// As [`AccessPoints`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionAccessPoints {
    #[serde(default)]
    pub access_points: Vec<MultiRegionAccessPoint>,
}

/// The policies of a Multi-Region access point: the one in force, and one on its way that does not matter.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MultiRegionPolicy {
    pub established: Option<Established>,
}

/// The policy in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Established {
    pub policy: Option<String>,
}

impl<P: crate::place::AccountOrRegion> S3Control<'_, P> {
    /// Every question names the account.
    fn own(self) -> Value {
        json!({ "AccountId": self.0.of_account().account_id() })
    }

    /// The question for something of a name.
    fn of(self, name: &str) -> Value {
        json!({ "AccountId": self.0.of_account().account_id(), "Name": name })
    }
}

impl S3Control<'_, Account> {
    /// `s3control:GetPublicAccessBlock` of the account; `None` when it has no settings. Settings that an organization
    /// imposes with an S3 policy are inherited into this answer.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html>
    pub async fn account_public_access_block(self) -> Answer<Option<PublicAccessBlock>> {
        self.ask("GetPublicAccessBlock", "", async move {
            let ask = self.client()?;
            let answer = ask.member("GetPublicAccessBlock", self.own(), "PublicAccessBlockConfiguration").await;
            absent(answer, &["NoSuchPublicAccessBlockConfiguration"])
        })
        .await
    }

    /// `s3control:ListMultiRegionAccessPoints`, every page. They are global to the account.
    pub async fn multi_region_access_points(self) -> Answer<Vec<MultiRegionAccessPoint>> {
        self.ask_in(MULTI_REGION_HOME, "ListMultiRegionAccessPoints", "", async move {
            let control = self.client_in(MULTI_REGION_HOME)?;
            let pages: Vec<MultiRegionAccessPoints> = control.pages("ListMultiRegionAccessPoints", self.own()).await?;
            Ok(pages.into_iter().flat_map(|page| page.access_points).collect())
        })
        .await
    }

    /// `s3control:GetMultiRegionAccessPointPolicy`, the one in force; `None` when there is none.
    pub async fn multi_region_access_point_policy(self, name: &str) -> Answer<Option<String>> {
        self.ask_in(MULTI_REGION_HOME, "GetMultiRegionAccessPointPolicy", name, async move {
            let control = self.client_in(MULTI_REGION_HOME)?;
            let answer = control.member("GetMultiRegionAccessPointPolicy", self.of(name), "Policy").await;
            let codes = ["NoSuchMultiRegionAccessPointPolicy", "NoSuchAccessPointPolicy"];
            let policy: Option<MultiRegionPolicy> = absent(answer, &codes)?;
            Ok(policy.and_then(|policy| policy.established).and_then(|established| established.policy))
        })
        .await
    }
}

impl S3Control<'_, Region> {
    /// `s3control:GetAccessPointPolicy`; `None` when the access point has no policy.
    pub async fn access_point_policy(self, name: &str) -> Answer<Option<String>> {
        self.ask("GetAccessPointPolicy", name, async move {
            let answer = self.client()?.member("GetAccessPointPolicy", self.of(name), "Policy").await;
            absent(answer, &["NoSuchAccessPointPolicy"])
        })
        .await
    }

    /// `s3control:ListAccessPoints`, every page: the account's access points in this Region.
    pub async fn access_points(self) -> Answer<Vec<AccessPoint>> {
        self.ask("ListAccessPoints", "", async move {
            let pages: Vec<AccessPoints> = self.client()?.pages("ListAccessPoints", self.own()).await?;
            Ok(pages.into_iter().flat_map(|page| page.access_point_list).collect())
        })
        .await
    }

    /// `s3control:GetAccessPoint`: the access point with its block public access settings.
    pub async fn access_point(self, name: &str) -> Answer<AccessPointDetails> {
        self.ask("GetAccessPoint", name, async move {
            Ok(self.client()?.call("GetAccessPoint", self.of(name)).await?)
        })
        .await
    }
}
