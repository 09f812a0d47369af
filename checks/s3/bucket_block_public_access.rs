//! Are all four block public access settings in force for each bucket? S3 applies a setting that is on for the account or for the
//! bucket, so the bucket is asked only when the account does not settle it.

use super::per_bucket;
use crate::prelude::*;
use posture_estate::services::s3::{Bucket, PublicAccessBlock};

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let account = at.s3control().account_public_access_block().await.map(|s| s.unwrap_or_default());
        if let Ok(PublicAccessBlock::ALL) = account {
            return Ok(Verdict::pass(format!(
                "bucket {} is covered: all four settings are on for the account",
                bucket.name()
            )));
        }
        let own = at.s3().bucket_public_access_block(&bucket).await?.unwrap_or_default();
        Ok(judge(&bucket, account, own))
    })
    .await
}

fn judge(bucket: &Bucket, account: Result<PublicAccessBlock, Gap>, own: PublicAccessBlock) -> Verdict {
    let off = match account {
        Ok(account) => account.or(own).off(),
        Err(gap) if !own.off().is_empty() => return Verdict::unseen(&gap),
        Err(_) => vec![],
    };
    match off.is_empty() {
        true => {
            Verdict::pass(format!("all four block public access settings are in force for bucket {}", bucket.name()))
        }
        false => Verdict::fail(
            "settings_off",
            format!("bucket {} lacks {}, on the bucket and on the account", bucket.name(), off.join(", ")),
        ),
    }
    .evidence(json!({ "off": off }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn of(account: Result<PublicAccessBlock, Gap>, own: PublicAccessBlock) -> Verdict {
        judge(&Bucket::named("b"), account, own)
    }

    const ACLS: PublicAccessBlock = PublicAccessBlock {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: false,
        restrict_public_buckets: false,
    };
    const POLICIES: PublicAccessBlock = PublicAccessBlock {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    #[test]
    fn the_layers_add_up() {
        assert_eq!(of(Ok(PublicAccessBlock::default()), PublicAccessBlock::ALL).status, Status::Pass);
        assert_eq!(of(Ok(ACLS), POLICIES).status, Status::Pass);
        let half = of(Ok(ACLS), ACLS);
        assert_eq!(half.status, Status::Fail);
        assert_eq!(
            half.message,
            "bucket b lacks BlockPublicPolicy, RestrictPublicBuckets, on the bucket and on the account"
        );
    }

    #[test]
    fn an_unseen_account_matters_only_when_the_bucket_does_not_settle_it() {
        assert_eq!(
            of(
                Err(Gap::new("1", "global", "s3control:GetPublicAccessBlock", GapKind::Denied, "no")),
                PublicAccessBlock::ALL
            )
            .status,
            Status::Pass
        );
        assert_eq!(
            of(Err(Gap::new("1", "global", "s3control:GetPublicAccessBlock", GapKind::Denied, "no")), ACLS).status,
            Status::Unknown
        );
    }
}
