//! Does a bucket that trails deliver to block public access, and is it public in effect? The evaluators of
//! `s3_bucket_block_public_access` and `s3_bucket_not_public` answer.

use crate::prelude::*;
use posture_estate::exposure::blocks::blocks_public_access;
use posture_estate::exposure::exposure;
use posture_estate::services::cloudtrail::buckets::delivery_buckets;

pub async fn probe(at: &Account) -> Outcome {
    delivery_buckets(at, |bucket| async move {
        let (blocked, exposure) = join!(blocks_public_access(at, &bucket), exposure(at, &bucket));
        both(exposure.verdict(&bucket), blocked)
    })
    .await
}

/// What is open comes first: it is worse than a setting that is off.
fn both(exposed: Verdict, blocked: Verdict) -> Verdict {
    if blocked.status == Status::Pass || exposed.status == Status::Unknown && blocked.status == Status::Unknown {
        return exposed;
    }
    let evidence = exposed.evidence.clone();
    let mut reasons = Reasons::new();
    reasons.join(exposed);
    reasons.join(blocked);
    reasons.open().evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_bucket_blocks_public_access_and_grants_nothing_to_everyone() {
        // semantics 115
        let (shut, open) = (Verdict::pass("shut"), Verdict::fail("acl_public", "open"));
        let (on, off) = (Verdict::pass("on"), Verdict::fail("settings_off", "off"));
        let unsure = Verdict::undecided("cannot tell");
        assert_eq!(both(shut.clone(), on.clone()).status, Status::Pass);
        assert_eq!(both(shut.clone(), off.clone()).reasons, ["settings_off"]);
        assert_eq!(both(open.clone(), on.clone()).reasons, ["acl_public"]);
        assert_eq!(both(open, off.clone()).reasons, ["acl_public", "settings_off"]);
        assert_eq!(both(shut, unsure.clone()).status, Status::Unknown);
        assert_eq!(both(unsure.clone(), on).status, Status::Unknown);
        assert_eq!(both(unsure, off).status, Status::Fail);
    }
}
