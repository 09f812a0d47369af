//! Is a bucket that trails deliver to public in effect? The evaluator of `s3_bucket_not_public` answers.

use crate::estate::cloudtrail::delivery_buckets;
use crate::estate::exposure::exposure;
use crate::prelude::*;

pub async fn probe(at: &Account) -> Outcome {
    delivery_buckets(at, |bucket| async move { exposure(at, &bucket).await.verdict(&bucket) }).await
}
