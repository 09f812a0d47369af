//! S3 and S3 Control: the account's buckets and what S3 says of each.
//!
//! Buckets are a global name space with a regional home: `ListBuckets` names them all, and every other question must be
//! asked where the bucket lives. The methods take any [`Bucket`], also one known by name only ([`Account::bucket_named`]),
//! because a trail may deliver to a bucket of another account.

pub mod protection;
mod settings;

use crate::arn::Arn;
use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
use crate::aws::answer::required;
use crate::finding::{Gap, Resource};
use crate::place::Account;
use crate::place::Answer;
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

service! {
    /// S3 at an account.
    ///
    /// Path style keeps the bucket name out of the host name: dots in names do not break TLS then, and a question is the same at every endpoint.
    s3 => S3 by aws_sdk_s3 (force_path_style): Service {
        // Published for objects only (5,500 reads a second and prefix), not for the settings of buckets.
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
        quota: Quota::of_service(100.0, 200.0),
        // <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
        iam: &[
            ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
            ("GetBucketCors", "GetBucketCORS"),
            ("GetBucketEncryption", "GetEncryptionConfiguration"),
            ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
            ("GetBucketNotificationConfiguration", "GetBucketNotification"),
            ("GetBucketReplication", "GetReplicationConfiguration"),
            ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
            ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
            ("HeadBucket", "ListBucket"),
            ("ListBuckets", "ListAllMyBuckets"),
        ],
        // Asked for a trail's bucket in another account, and for an own one only when `ListBuckets` leaves its Region out; a
        // bucket without a Region is unknown to every check of it.
        may_refuse: &["GetBucketLocation"],
        roots: &[
            ("GetBucketAcl", "AccessControlPolicy"),
            ("GetBucketEncryption", "ServerSideEncryptionConfiguration"),
            ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
            ("GetBucketLocation", "LocationConstraint"),
            ("GetBucketLogging", "BucketLoggingStatus"),
            ("GetBucketOwnershipControls", "OwnershipControls"),
            ("GetBucketPolicyStatus", "PolicyStatus"),
            ("GetBucketTagging", "Tagging"),
            ("GetBucketVersioning", "VersioningConfiguration"),
            ("GetObjectLockConfiguration", "ObjectLockConfiguration"),
            ("GetPublicAccessBlock", "PublicAccessBlockConfiguration"),
            ("ListBuckets", "ListAllMyBucketsResult"),
        ],
        asff: &[("AWS::S3::Bucket", "AwsS3Bucket")],
        ..Service::new("s3", "S3", Wire::S3)
    }
}

/// The page size of `ListBuckets`: an account with a quota above 10,000 buckets must page, and paging is also what makes
/// S3 name each bucket's Region. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
const PAGE: i32 = 1_000;

/// A general purpose bucket: its name and, where known, the Region that it lives in.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    pub name: String,
    pub region: Option<String>,
    pub created: Option<DateTime>,
}

impl Bucket {
    /// A bucket of which nothing but the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), region: None, created: None }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// The four settings of block public access, of an account, a bucket or an access point.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    /// `None` when one of the four is missing from the answer: S3 always sends all of them, so the answer is not whole.
    pub(super) fn of(settings: [Option<bool>; 4]) -> Option<Self> {
        let [block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets] = settings;
        Some(Self {
            block_public_acls: block_public_acls?,
            ignore_public_acls: ignore_public_acls?,
            block_public_policy: block_public_policy?,
            restrict_public_buckets: restrict_public_buckets?,
        })
    }

    /// What S3 applies when two layers speak: a setting is on when either has it on.
    pub fn or(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// The settings that are off, as the API names them.
    pub fn off(&self) -> Vec<&'static str> {
        [
            (self.block_public_acls, "BlockPublicAcls"),
            (self.ignore_public_acls, "IgnorePublicAcls"),
            (self.block_public_policy, "BlockPublicPolicy"),
            (self.restrict_public_buckets, "RestrictPublicBuckets"),
        ]
        .into_iter()
        .filter_map(|(on, name)| (!on).then_some(name))
        .collect()
    }
}

/// What `HeadBucket` with an expected owner says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketHead {
    /// The bucket exists and belongs to the account that we expected.
    Ours,
    /// No bucket has this name.
    Free,
    /// A bucket of this name exists, and S3 does not let us in.
    Exists,
}

impl S3<'_, Account> {
    /// `s3:ListBuckets`, every page, each with its Region.
    ///
    /// S3 names the Region of each bucket. Where an endpoint leaves it out, the cheaper of two questions finds it: the list
    /// again for each Region in scope, or `s3:GetBucketLocation` for each bucket concerned.
    pub async fn buckets(self) -> Answer<Vec<Bucket>> {
        let listed = self.list_buckets(None).await?;
        let lost = listed.iter().filter(|b| b.region.is_none()).count();
        if lost == 0 {
            return Ok(listed);
        }
        let mut by_region = HashMap::new();
        if lost > self.regions().len() {
            let lists = join_all(self.regions().iter().map(|region| self.list_buckets(Some(region)))).await;
            let found = lists.iter().flatten().flat_map(|list| list.iter());
            by_region = found.map(|b| (b.name.clone(), b.region.clone())).collect();
        }
        let located = listed.iter().map(|bucket| {
            let region = bucket.region.clone().or_else(|| by_region.get(&bucket.name).cloned().flatten());
            self.located(Bucket { region, ..bucket.clone() })
        });
        Ok(Arc::new(join_all(located).await))
    }

    /// The buckets that findings are made for: those whose Region is in scope, or cannot be told.
    pub async fn buckets_in_scope(self) -> Result<Vec<Bucket>, Gap> {
        let all = self.buckets().await?;
        Ok(all.iter().filter(|b| b.region().is_none_or(|r| self.in_scope(r))).cloned().collect())
    }

    /// A bucket by its name: from the account's own list, else located by `s3:GetBucketLocation`, which answers for another
    /// account's bucket only when its policy allows. The Region stays unknown when nobody tells.
    pub async fn bucket_named(self, name: &str) -> Bucket {
        let own = self.buckets().await.ok().and_then(|all| all.iter().find(|b| b.name == name).cloned());
        match own {
            Some(bucket) => bucket,
            None => self.located(Bucket::named(name)).await,
        }
    }

    /// Whether the account's own list has a bucket of this name.
    pub async fn owns_bucket(self, name: &str) -> Result<bool, Gap> {
        Ok(self.buckets().await?.iter().any(|b| b.name == name))
    }

    /// Whether S3 says that no bucket has this name, so that anybody may take it. A bucket of another account answers
    /// `AccessDenied` instead, or where it is.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
    pub async fn is_nobodys(self, name: &str) -> bool {
        self.bucket_location(name).await.is_err_and(|gap| gap.is("NoSuchBucket"))
    }

    /// The bucket as the resource of a finding.
    pub fn bucket(self, bucket: &Bucket) -> Resource {
        let arn = Arn::s3(self.partition(), &bucket.name).to_string();
        let resource = Resource::new(arn, "AWS::S3::Bucket", &bucket.name);
        match bucket.region() {
            Some(region) => resource.region(region),
            None => resource,
        }
    }
}

impl S3<'_, Account> {
    async fn list_buckets(self, region: Option<&str>) -> Answer<Vec<Bucket>> {
        self.ask("ListBuckets", region.unwrap_or(""), async move {
            let request = self.client_in(self.home()).list_buckets().set_bucket_region(region.map(str::to_owned));
            let mut pages = request.into_paginator().page_size(PAGE).send();
            let mut buckets = Vec::new();
            while let Some(page) = pages.next().await {
                for bucket in required("Buckets", page?.buckets)? {
                    buckets.push(Bucket {
                        name: required("Buckets[].Name", bucket.name)?,
                        region: bucket.bucket_region.or_else(|| region.map(str::to_owned)),
                        created: bucket.creation_date,
                    });
                }
            }
            Ok(buckets)
        })
        .await
    }

    /// The bucket with the Region that `s3:GetBucketLocation` tells, as it was when that fails.
    async fn located(self, bucket: Bucket) -> Bucket {
        if bucket.region.is_some() {
            return bucket;
        }
        let region = self.bucket_location(&bucket.name).await.ok().map(|r| r.to_string());
        Bucket { region, ..bucket }
    }

    /// `s3:GetBucketLocation`, as a Region's name.
    pub async fn bucket_location(self, name: &str) -> Answer<String> {
        self.ask("GetBucketLocation", name, async move {
            let answer = self.client_in(self.home()).get_bucket_location().bucket(name).send().await?;
            Ok(location(answer.location_constraint().map_or("", |l| l.as_str())))
        })
        .await
    }

    /// `s3:HeadBucket` in a Region, with this account as the expected owner. A 403 has no body that
    /// could tell "not yours" from "you may not look". But S3 names the Region of a bucket that exists, also when it refuses;
    /// a refusal without the Region comes from something that may not even have asked S3, and stays a gap.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    pub async fn head_bucket(self, region: &str, name: &str) -> Answer<BucketHead> {
        self.ask_in(region, "HeadBucket", name, async move {
            let request = self.client_in(region).head_bucket().bucket(name).expected_bucket_owner(self.account_id());
            match request.send().await {
                Ok(_) => Ok(BucketHead::Ours),
                Err(error) => {
                    let raw = error.raw_response();
                    let exists = raw.is_some_and(|r| r.headers().get("x-amz-bucket-region").is_some());
                    match raw.map(|r| r.status().as_u16()) {
                        Some(404) => Ok(BucketHead::Free),
                        Some(301 | 403) if exists => Ok(BucketHead::Exists),
                        _ => Err(error.into()),
                    }
                }
            }
        })
        .await
    }
}

/// `LocationConstraint` is a Region's name but for its two oldest values.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
fn location(constraint: &str) -> String {
    match constraint {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_locations_are_regions() {
        // semantics 14
        assert_eq!(location(""), "us-east-1");
        assert_eq!(location("EU"), "eu-west-1");
        assert_eq!(location("ap-south-1"), "ap-south-1");
    }

    #[test]
    fn a_setting_is_on_when_either_layer_has_it_on() {
        let account = PublicAccessBlock { ignore_public_acls: true, ..Default::default() };
        let bucket = PublicAccessBlock { restrict_public_buckets: true, ..Default::default() };
        assert_eq!(account.or(bucket).off(), ["BlockPublicAcls", "BlockPublicPolicy"]);
        assert!(PublicAccessBlock::ALL.off().is_empty());
        assert_eq!(PublicAccessBlock::default().or(PublicAccessBlock::ALL), PublicAccessBlock::ALL);
    }

    #[test]
    fn settings_are_whole_or_not_at_all() {
        assert_eq!(PublicAccessBlock::of([Some(true); 4]), Some(PublicAccessBlock::ALL));
        assert_eq!(PublicAccessBlock::of([Some(true), Some(true), None, Some(true)]), None);
    }
}
