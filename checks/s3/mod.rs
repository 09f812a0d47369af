//! S3 and S3 Control: buckets, access points and the names that AWS services expect.

use crate::classes::Classes;
use crate::prelude::*;
use posture_estate::services::s3::Bucket;

checks! { s3;
    region  access_points_block_public,
    account account_block_public_access,
    account bucket_access_logging,
    account bucket_acl_disabled,
    account bucket_block_public_access,
    account bucket_cross_account_restricted,
    account bucket_encryption_kms,
    account bucket_lifecycle_configured,
    account bucket_mfa_delete_or_object_lock,
    account bucket_not_public,
    account bucket_policy_denies_http,
    account bucket_versioning_enabled,
    region  service_named_buckets_owned,
}

/// One finding for each bucket in scope, asked concurrently. A gap makes that bucket unknown; a bucket that was deleted after
/// it was listed is no longer there to be judged.
async fn per_bucket<F, Fut>(at: &Account, judge: F) -> Outcome
where
    F: Fn(Bucket) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let buckets = at.s3().buckets_in_scope().await?;
    let listed = buckets.into_iter().map(|bucket| (at.s3().bucket(&bucket), format!("bucket {}", bucket.name), bucket));
    Ok(per(listed, &[GONE], judge).await)
}

/// How S3 says that a bucket is no longer there.
const GONE: &str = "NoSuchBucket";
