//! Is access to the buckets that trails deliver to recorded, by server access logs that arrive or as data events?
//! `posture_estate::access_records` answers, as for every bucket.

use crate::prelude::*;
use posture_estate::access_records::access_recorded;
use posture_estate::services::cloudtrail::buckets::delivery_buckets;

pub async fn probe(at: &Account) -> Outcome {
    delivery_buckets(at, |bucket| async move {
        let called = format!("trail bucket {}", bucket.name());
        access_recorded(at, &bucket, &called).await
    })
    .await
}
