//! S3 Control: what is set for the account, and its access points.

use crate::aws::service::{Service, Wire};
use crate::place::service;
use super::s3::PublicAccessBlock;
use crate::aws::answer::{absent, collect, required};
use crate::place::Answer;
use crate::place::{Account, Region};
use aws_sdk_s3control::operation::get_access_point::GetAccessPointOutput;
use aws_sdk_s3control::types::{AccessPoint, MultiRegionAccessPointReport};

service! {
    /// S3 Control at an account or in a region.
    s3control => S3Control by aws_sdk_s3control: Service {
        iam_prefix: "s3",
        iam: &[("GetPublicAccessBlock", "GetAccountPublicAccessBlock")],
        roots: &[
            ("GetAccessPoint", "GetAccessPointResult"),
            ("ListAccessPoints", "ListAccessPointsResult"),
            ("ListMultiRegionAccessPoints", "ListMultiRegionAccessPointsResult"),
        ],
        asff: &[("AWS::S3::AccessPoint", "AwsS3AccessPoint")],
        ..Service::new("s3control", "S3 access points", Wire::RestXml)
    }
}

/// Multi-Region access points are managed in this Region only.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>
const MULTI_REGION_HOME: &str = "us-west-2";

impl S3Control<'_, Account> {
    /// `s3control:GetPublicAccessBlock` of the account; `None` when it has no settings. Settings that an organization
    /// imposes with an S3 policy are inherited into this answer.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html>
    pub async fn account_public_access_block(self) -> Answer<Option<PublicAccessBlock>> {
        self.ask("GetPublicAccessBlock", "", async move {
            let control = self.client_in(self.home());
            let answer = control.get_public_access_block().account_id(self.account_id()).send().await;
            let Some(answer) = absent(answer, &["NoSuchPublicAccessBlockConfiguration"])? else { return Ok(None) };
            let c = required("PublicAccessBlockConfiguration", answer.public_access_block_configuration)?;
            let settings =
                [c.block_public_acls, c.ignore_public_acls, c.block_public_policy, c.restrict_public_buckets];
            required("all four settings", PublicAccessBlock::of(settings)).map(Some)
        })
        .await
    }

    /// `s3control:ListMultiRegionAccessPoints`, every page. They are global to the account.
    pub async fn multi_region_access_points(self) -> Answer<Vec<MultiRegionAccessPointReport>> {
        self.ask_in(MULTI_REGION_HOME, "ListMultiRegionAccessPoints", "", async move {
            let control = self.client_in(MULTI_REGION_HOME);
            let request = control.list_multi_region_access_points().account_id(self.account_id());
            let pages = collect(request.into_paginator().send()).await?;
            Ok(pages.into_iter().flat_map(|page| page.access_points.unwrap_or_default()).collect())
        })
        .await
    }
}

impl S3Control<'_, Account> {
    /// `s3control:GetMultiRegionAccessPointPolicy`, the one in force; `None` when there is none.
    pub async fn multi_region_access_point_policy(self, name: &str) -> Answer<Option<String>> {
        self.ask_in(MULTI_REGION_HOME, "GetMultiRegionAccessPointPolicy", name, async move {
            let control = self.client_in(MULTI_REGION_HOME);
            let request = control.get_multi_region_access_point_policy().account_id(self.account_id()).name(name);
            let codes = ["NoSuchMultiRegionAccessPointPolicy", "NoSuchAccessPointPolicy"];
            let Some(answer) = absent(request.send().await, &codes)? else { return Ok(None) };
            Ok(required("Policy", answer.policy)?.established.and_then(|established| established.policy))
        })
        .await
    }
}

impl S3Control<'_, Region> {
    /// `s3control:GetAccessPointPolicy`; `None` when the access point has no policy.
    pub async fn access_point_policy(self, name: &str) -> Answer<Option<String>> {
        self.ask("GetAccessPointPolicy", name, async move {
            let control = self.client();
            let request = control.get_access_point_policy().account_id(self.account_id()).name(name);
            let Some(answer) = absent(request.send().await, &["NoSuchAccessPointPolicy"])? else { return Ok(None) };
            required("Policy", answer.policy).map(Some)
        })
        .await
    }

    /// `s3control:ListAccessPoints`, every page: the account's access points in this Region.
    pub async fn access_points(self) -> Answer<Vec<AccessPoint>> {
        self.ask("ListAccessPoints", "", async move {
            let control = self.client();
            let request = control.list_access_points().account_id(self.account_id());
            let pages = collect(request.into_paginator().send()).await?;
            Ok(pages.into_iter().flat_map(|page| page.access_point_list.unwrap_or_default()).collect())
        })
        .await
    }

    /// `s3control:GetAccessPoint`: the access point with its block public access settings.
    pub async fn access_point(self, name: &str) -> Answer<GetAccessPointOutput> {
        self.ask("GetAccessPoint", name, async move {
            let control = self.client();
            Ok(control.get_access_point().account_id(self.account_id()).name(name).send().await?)
        })
        .await
    }
}
