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
    let listed = keys.into_iter().map(|key| (key.resource(), format!("key {}", key.id), key));
    let judge = &judge;
    Ok(per(listed, &["NotFoundException"], |Key { arn, metadata, .. }| async move { judge(arn, metadata?).await })
        .await)
}

/// What a message calls a key: its id, shorter than the ARN and just as unique in its Region.
fn name(key: &KeyMetadata) -> &str {
    key.key_id()
}
