//! Is a bucket public in effect? All layers decide together (see `estate::exposure`): an open ACL below a shut setting is
//! harmless, a denied answer that could have mattered is unknown.

use super::{GONE, per_bucket};
use crate::prelude::*;
use posture_estate::exposure::exposure;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let exposure = exposure(at, &bucket).await;
        match exposure.gaps().find(|gap| gap.is(GONE)) {
            Some(gone) => Err(gone.clone()),
            None => Ok(exposure.verdict(&bucket)),
        }
    })
    .await
}
