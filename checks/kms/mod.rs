//! KMS: customer managed keys.

use crate::prelude::*;
use aws_sdk_kms::types::KeyMetadata;
use posture_estate::services::kms::Key;

checks! { kms;
    region key_admin_and_use_separated,
    region key_policy_not_public,
    region key_rotation_enabled,
    region no_unintended_deletion,
}

/// One finding for each customer key in the Region, asked concurrently. A key that was deleted after it was listed is no
/// longer there to be judged.
async fn per_key<F, Fut>(at: &Region, judge: F) -> Outcome
where
    F: Fn(String, Arc<KeyMetadata>) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let keys = at.kms().customer_keys().await?;
    let judge = &judge;
    let findings = keys.into_iter().map(|key| async move {
        let resource = key.resource();
        let Key { arn, id, metadata } = key;
        let verdict = match metadata {
            Ok(metadata) => judge(arn, metadata).await,
            Err(gap) => Err(gap),
        };
        match verdict {
            Ok(verdict) => verdict,
            Err(gap) if gap.is("NotFoundException") => {
                Verdict::not_applicable(format!("key {id} was deleted while the scan ran"))
            }
            Err(gap) => Verdict::unseen(&gap),
        }
        .on(resource)
    });
    Ok(join_all(findings).await)
}

/// What a message calls a key: its id, shorter than the ARN and just as unique in its Region.
fn name(key: &KeyMetadata) -> &str {
    key.key_id()
}
