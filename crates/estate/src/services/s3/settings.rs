//! What S3 says of one bucket: an operation each, asked in the bucket's Region.

use super::S3;
use super::{Bucket, PublicAccessBlock};
use crate::aws::answer::{absent, required};
use crate::aws::fault::Fault;
use crate::place::Answer;
use crate::place::{Account, Asking};
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types::{
    LifecycleRule, LoggingEnabled, ObjectLockConfiguration, ObjectOwnership, ServerSideEncryptionByDefault,
};

impl<'at> S3<'at, Account> {
    /// `s3:GetBucketPolicy`; `None` when the bucket has no policy. What is not JSON is malformed.
    pub async fn bucket_policy(self, bucket: &Bucket) -> Answer<Option<String>> {
        self.of_bucket("GetBucketPolicy", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_policy().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["NoSuchBucketPolicy"])? else { return Ok(None) };
            let text = required("Policy", answer.policy)?;
            serde_json::from_str::<serde_json::Value>(&text)
                .map_err(|e| Fault::malformed(format!("the bucket policy is not JSON: {e}")))?;
            Ok(Some(text))
        })
        .await
    }

    /// `s3:GetBucketPolicyStatus`: whether S3 itself calls the policy public; `None` when there is no policy.
    pub async fn bucket_policy_status(self, bucket: &Bucket) -> Answer<Option<bool>> {
        self.of_bucket("GetBucketPolicyStatus", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_policy_status().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["NoSuchBucketPolicy"])? else { return Ok(None) };
            let status = required("PolicyStatus", answer.policy_status)?;
            Ok(Some(required("PolicyStatus.IsPublic", status.is_public)?))
        })
        .await
    }

    /// `s3:GetBucketAcl`.
    pub async fn bucket_acl(self, bucket: &Bucket) -> Answer<GetBucketAclOutput> {
        self.of_bucket("GetBucketAcl", bucket, async move {
            let acl = self.s3_at(bucket).get_bucket_acl().bucket(bucket.name()).send().await?;
            required("AccessControlList", acl.grants.as_ref())?;
            Ok(acl)
        })
        .await
    }

    /// `s3:GetPublicAccessBlock` of one bucket; `None` when it has no settings.
    pub async fn bucket_public_access_block(self, bucket: &Bucket) -> Answer<Option<PublicAccessBlock>> {
        self.of_bucket("GetPublicAccessBlock", bucket, async move {
            let answer = self.s3_at(bucket).get_public_access_block().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["NoSuchPublicAccessBlockConfiguration"])? else { return Ok(None) };
            let c = required("PublicAccessBlockConfiguration", answer.public_access_block_configuration)?;
            let settings =
                [c.block_public_acls, c.ignore_public_acls, c.block_public_policy, c.restrict_public_buckets];
            required("all four settings", PublicAccessBlock::of(settings)).map(Some)
        })
        .await
    }

    /// `s3:GetBucketLogging`; `None` when server access logging is off.
    pub async fn bucket_logging(self, bucket: &Bucket) -> Answer<Option<LoggingEnabled>> {
        self.of_bucket("GetBucketLogging", bucket, async move {
            Ok(self.s3_at(bucket).get_bucket_logging().bucket(bucket.name()).send().await?.logging_enabled)
        })
        .await
    }

    /// `s3:GetBucketOwnershipControls`; `None` when there are none, which leaves ACLs in force.
    pub async fn bucket_ownership(self, bucket: &Bucket) -> Answer<Option<ObjectOwnership>> {
        self.of_bucket("GetBucketOwnershipControls", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_ownership_controls().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["OwnershipControlsNotFoundError"])? else { return Ok(None) };
            let controls = required("OwnershipControls", answer.ownership_controls)?;
            let rule = required("OwnershipControls.Rule", controls.rules.into_iter().next())?;
            Ok(Some(rule.object_ownership))
        })
        .await
    }

    /// `s3:GetBucketEncryption`: the default encryption; `None` when S3 says that there is none.
    pub async fn bucket_encryption(self, bucket: &Bucket) -> Answer<Option<ServerSideEncryptionByDefault>> {
        self.of_bucket("GetBucketEncryption", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_encryption().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["ServerSideEncryptionConfigurationNotFoundError"])? else {
                return Ok(None);
            };
            let configuration =
                required("ServerSideEncryptionConfiguration", answer.server_side_encryption_configuration)?;
            let default = configuration.rules.into_iter().find_map(|r| r.apply_server_side_encryption_by_default);
            required("ApplyServerSideEncryptionByDefault", default).map(Some)
        })
        .await
    }

    /// `s3:GetBucketVersioning`; no status means that versioning was never switched on.
    pub async fn bucket_versioning(self, bucket: &Bucket) -> Answer<GetBucketVersioningOutput> {
        self.of_bucket("GetBucketVersioning", bucket, async move {
            Ok(self.s3_at(bucket).get_bucket_versioning().bucket(bucket.name()).send().await?)
        })
        .await
    }

    /// `s3:GetObjectLockConfiguration`; `None` when the bucket was made without Object Lock. Ask it only of versioned
    /// buckets: no other bucket can have it.
    pub async fn bucket_object_lock(self, bucket: &Bucket) -> Answer<Option<ObjectLockConfiguration>> {
        self.of_bucket("GetObjectLockConfiguration", bucket, async move {
            let answer = self.s3_at(bucket).get_object_lock_configuration().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["ObjectLockConfigurationNotFoundError"])? else { return Ok(None) };
            required("ObjectLockConfiguration", answer.object_lock_configuration).map(Some)
        })
        .await
    }

    /// `s3:GetBucketLifecycleConfiguration`; `None` when the bucket has no rules.
    pub async fn bucket_lifecycle(self, bucket: &Bucket) -> Answer<Option<Vec<LifecycleRule>>> {
        self.of_bucket("GetBucketLifecycleConfiguration", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_lifecycle_configuration().bucket(bucket.name()).send().await;
            let Some(answer) = absent(answer, &["NoSuchLifecycleConfiguration"])? else { return Ok(None) };
            required("Rules", answer.rules).map(Some)
        })
        .await
    }

    /// `s3:GetBucketTagging`, as pairs; `None` when the bucket has no tags.
    pub async fn bucket_tags(self, bucket: &Bucket) -> Answer<Option<Vec<(String, String)>>> {
        self.of_bucket("GetBucketTagging", bucket, async move {
            let answer = self.s3_at(bucket).get_bucket_tagging().bucket(bucket.name()).send().await;
            let answer = absent(answer, &["NoSuchTagSet"])?;
            Ok(answer.map(|a| a.tag_set.into_iter().map(|t| (t.key, t.value)).collect()))
        })
        .await
    }

    fn s3_at(self, bucket: &Bucket) -> aws_sdk_s3::Client {
        self.client_in(bucket.region().unwrap_or(self.home()))
    }

    fn of_bucket<T: Send + Sync + 'static>(
        self,
        operation: &'static str,
        bucket: &Bucket,
        answer: impl Future<Output = Result<T, Fault>> + Send + 'at,
    ) -> Asking<'at, T> {
        self.ask_in(bucket.region().unwrap_or(self.home()), operation, bucket.name(), answer)
    }
}
