//! Is a bucket that trails deliver to public in effect? The evaluator of `s3_bucket_not_public` answers.

use crate::prelude::*;
use posture_estate::exposure::exposure;
use posture_estate::services::cloudtrail::delivery_buckets;

pub async fn probe(at: &Account) -> Outcome {
    delivery_buckets(at, |bucket| async move { exposure(at, &bucket).await.verdict(&bucket) }).await
}
