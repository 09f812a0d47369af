//! Are all four block public access settings in force for each bucket? `posture_estate::exposure` adds up account and bucket.

use super::{GONE, per_bucket};
use crate::prelude::*;
use posture_estate::exposure::blocks::blocks_public_access;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let verdict = blocks_public_access(at, &bucket).await;
        match verdict.gaps.iter().find(|gap| gap.is(GONE)) {
            Some(gone) => Err(gone.clone()),
            None => Ok(verdict),
        }
    })
    .await
}
