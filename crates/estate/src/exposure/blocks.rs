//! Whether all four settings of block public access are in force for a bucket: S3 applies a setting that is on for the account or for
//! the bucket, so the bucket is asked only when the account does not settle it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use super::doors::Layer;
use crate::finding::{Reasons, Verdict};
use crate::place::Account;
use crate::services::s3::{Bucket, PublicAccessBlock};
use serde::Serialize;
use serde_json::json;

/// Fails with `settings_off` where one of the four is off in both places.
pub async fn blocks_public_access(at: &Account, bucket: &Bucket) -> Verdict {
    let account = match at.s3().owns_bucket(bucket.name()).await {
        Ok(true) => Layer::of(at.s3control().account_public_access_block().await),
        Ok(false) => Layer::Foreign,
        Err(gap) => Layer::Unseen(gap),
    };
    if let Layer::Seen(PublicAccessBlock::ALL) = account {
        return Verdict::pass(format!("bucket {} is covered: all four settings are on for the account", bucket.name()));
    }
    judge(bucket.name(), account, Layer::of(at.s3().bucket_public_access_block(bucket).await))
}

/// The evidence: the settings that are off in both places.
#[derive(Serialize)]
struct Lacking {
    off: Vec<&'static str>,
}

fn judge(name: &str, account: Layer, own: Layer) -> Verdict {
    let on = match &own {
        Layer::Seen(own) => *own,
        _ => PublicAccessBlock::default(),
    };
    let together = match &account {
        Layer::Seen(account) => account.or(on),
        _ => on,
    };
    let off = together.off();
    match (account, own) {
        _ if off.is_empty() => {
            Verdict::pass(format!("all four block public access settings are in force for bucket {name}"))
        }
        (account @ Layer::Unseen(_), own) | (account, own @ Layer::Unseen(_)) => return unseen([account, own]),
        (Layer::Foreign, _) => Verdict::undecided(format!(
            "bucket {name} lacks {}, unless the account that owns it has them on",
            off.join(", ")
        )),
        _ => Verdict::fail(
            "settings_off",
            format!("bucket {name} lacks {}, on the bucket and on the account", off.join(", ")),
        ),
    }
    .evidence(json!(Lacking { off }))
}

/// What was not seen of either.
fn unseen(layers: [Layer; 2]) -> Verdict {
    let mut reasons = Reasons::new();
    for layer in layers {
        if let Layer::Unseen(gap) = layer {
            reasons.unseen(&gap);
        }
    }
    reasons.open()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Gap, GapKind, Status};

    const NONE: PublicAccessBlock = PublicAccessBlock {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };
    const ACLS: PublicAccessBlock = PublicAccessBlock { block_public_acls: true, ignore_public_acls: true, ..NONE };
    const POLICIES: PublicAccessBlock =
        PublicAccessBlock { block_public_policy: true, restrict_public_buckets: true, ..NONE };

    fn of(account: Layer, own: PublicAccessBlock) -> Verdict {
        judge("b", account, Layer::Seen(own))
    }

    fn unseen() -> Layer {
        Layer::Unseen(Gap::new("1", "global", "s3control:GetPublicAccessBlock", GapKind::Denied, "no"))
    }

    #[test]
    fn the_layers_add_up() {
        assert_eq!(of(Layer::Seen(NONE), PublicAccessBlock::ALL).status, Status::Pass);
        assert_eq!(of(Layer::Seen(PublicAccessBlock::ALL), NONE).status, Status::Pass);
        assert_eq!(of(Layer::Seen(ACLS), POLICIES).status, Status::Pass);
        let half = of(Layer::Seen(ACLS), ACLS);
        assert_eq!((half.status, half.reasons), (Status::Fail, vec!["settings_off"]));
        assert_eq!(
            half.message,
            "bucket b lacks BlockPublicPolicy, RestrictPublicBuckets, on the bucket and on the account"
        );
        assert_eq!(of(Layer::Seen(NONE), NONE).status, Status::Fail);
    }

    #[test]
    fn a_layer_that_was_not_seen_matters_only_when_the_other_does_not_settle_it() {
        assert_eq!(of(unseen(), PublicAccessBlock::ALL).status, Status::Pass);
        assert_eq!(of(unseen(), ACLS).status, Status::Unknown);
        assert_eq!(judge("b", Layer::Seen(ACLS), unseen()).status, Status::Unknown);
        assert_eq!(judge("b", Layer::Seen(PublicAccessBlock::ALL), unseen()).status, Status::Pass);
        assert_eq!(of(Layer::Foreign, ACLS).status, Status::Unknown, "the account that owns it may have them on");
        assert_eq!(of(Layer::Foreign, PublicAccessBlock::ALL).status, Status::Pass);
    }
}
