//! Does every trail encrypt its log files with a KMS key that still works? The trail's own setting, not the bucket's default, decides.

use crate::prelude::*;
use aws_sdk_kms::types::KeyMetadata;
use posture_estate::arn::Arn;
use posture_estate::services::cloudtrail::Trail;
use posture_estate::services::kms::is_usable;

pub async fn probe(at: &Account) -> Outcome {
    let trails = at.cloudtrail().trails().await?;
    let judged = each(&trails.seen, async |trail: &Trail| {
        let key = match trail.kms_key.as_deref() {
            Some(key) => own_key(at, key).await,
            None => None,
        };
        judge(trail, key).on(at.cloudtrail().trail(trail))
    });
    Ok(judged.await.into_iter().chain(trails.unseen(at)).collect())
}

/// What KMS says of a key of this account; a key of another account answers only there.
async fn own_key(at: &Account, key: &str) -> Option<Answer<KeyMetadata>> {
    let arn = Arn::parse(key).filter(|arn| arn.account == at.account_id())?;
    Some(at.region(arn.region).kms().kms_key(key).await)
}

fn judge(trail: &Trail, key: Option<Answer<KeyMetadata>>) -> Verdict {
    let name = &trail.name;
    let Some(arn) = &trail.kms_key else {
        return Verdict::fail("no_kms_key", format!("trail {name} names no KMS key"));
    };
    match key {
        Some(Err(gap)) if gap.is("NotFoundException") => {
            Verdict::fail("key_gone", format!("trail {name} names {arn}, which does not exist"))
        }
        Some(Err(gap)) => Verdict::unseen(&gap),
        Some(Ok(key)) if !is_usable(&key) => {
            let state = key.key_state().map_or("unknown", |state| state.as_str());
            Verdict::fail("key_unusable", format!("trail {name} names {arn}, whose state is {state}"))
        }
        Some(Ok(_)) | None => Verdict::pass(format!("trail {name} encrypts its log files with {arn}")),
    }
    .evidence(json!({ "kms_key": arn }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::types::KeyState;
    use posture_estate::finding::GapKind;
    use posture_estate::services::cloudtrail::example;

    fn key(state: KeyState) -> Option<Answer<KeyMetadata>> {
        Some(Ok(Arc::new(KeyMetadata::builder().key_id("1").key_state(state).build().unwrap())))
    }

    fn refused(code: &str) -> Option<Answer<KeyMetadata>> {
        let gap = Gap::new("111122223333", "us-east-1", "kms:DescribeKey", GapKind::Denied, "no");
        Some(Err(gap.with_code(Some(code.to_owned()))))
    }

    #[test]
    fn a_trail_names_a_key_or_fails() {
        let mut trail = example("main");
        assert_eq!(judge(&trail, key(KeyState::Enabled)).status, Status::Pass);
        assert_eq!(judge(&trail, None).status, Status::Pass, "of another account");
        trail.kms_key = None;
        assert_eq!(judge(&trail, None).reasons, ["no_kms_key"]);
    }

    #[test]
    fn a_key_that_cannot_encrypt_is_no_encryption() {
        // semantics 133
        let of = |key| judge(&example("main"), key);
        assert_eq!(of(refused("NotFoundException")).reasons, ["key_gone"]);
        for state in [KeyState::Disabled, KeyState::PendingDeletion, KeyState::PendingImport] {
            assert_eq!(of(key(state)).reasons, ["key_unusable"]);
        }
        assert_eq!(of(refused("AccessDeniedException")).status, Status::Unknown);
    }
}
