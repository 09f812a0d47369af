//! Is there a record of who reads and writes a bucket's objects: server access logs that arrive, or data events of a trail or an event
//! data store that works? `posture_estate::access_records` answers, as for the buckets of trails.

use super::{GONE, per_bucket};
use crate::prelude::*;
use posture_estate::access_records::access_recorded;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let called = format!("bucket {}", bucket.name());
        let verdict = access_recorded(at, &bucket, &called).await;
        match verdict.gaps.iter().find(|gap| gap.is(GONE)) {
            Some(gone) => Err(gone.clone()),
            None => Ok(verdict),
        }
    })
    .await
}
