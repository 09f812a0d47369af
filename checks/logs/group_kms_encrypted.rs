//! Is each log group that may hold sensitive data encrypted with a KMS key that still works?

use super::per_group;
use crate::prelude::*;
use aws_sdk_kms::types::KeyMetadata;
use posture_estate::arn::Arn;
use posture_estate::services::kms::is_usable;
use posture_estate::services::logs::LogGroup;

/// Names of groups that hold nothing sensitive.
const HARMLESS: Setting<Patterns> = setting!(group_kms_encrypted.harmless);

pub async fn probe(at: &Region) -> Outcome {
    let harmless = at.setting(HARMLESS);
    per_group(at, |group| async move {
        if group.kms_key_id.is_none() && harmless.matches(&group.name) {
            return Verdict::pass(format!("log group {} names no KMS key and holds nothing sensitive", group.name));
        }
        let key = match group.kms_key_id.as_deref() {
            Some(key) => own_key(at, key).await,
            None => None,
        };
        judge(&group, key)
    })
    .await
}

/// What KMS says of a key of this account; a key of another account answers only there.
async fn own_key(at: &Region, key: &str) -> Option<Answer<KeyMetadata>> {
    Arn::parse(key).filter(|arn| arn.account == at.account_id())?;
    Some(at.kms().kms_key(key).await)
}

fn judge(group: &LogGroup, key: Option<Answer<KeyMetadata>>) -> Verdict {
    let name = &group.name;
    let Some(arn) = &group.kms_key_id else {
        return Verdict::fail("no_kms_key", format!("log group {name} names no KMS key"));
    };
    match key {
        Some(Err(gap)) if gap.is("NotFoundException") => {
            Verdict::fail("key_gone", format!("log group {name} names {arn}, which does not exist"))
        }
        Some(Err(gap)) => Verdict::unseen(&gap),
        Some(Ok(key)) if !is_usable(&key) => {
            let state = key.key_state().map_or("unknown", |state| state.as_str());
            Verdict::fail("key_unusable", format!("log group {name} names {arn}, whose state is {state}"))
        }
        Some(Ok(_)) | None => Verdict::pass(format!("log group {name} is encrypted with {arn}")),
    }
    .evidence(json!({ "kms_key": arn }))
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use aws_sdk_kms::types::KeyState;
    use posture_estate::finding::GapKind;

    fn of(key: Option<Answer<KeyMetadata>>) -> Verdict {
        judge(&example(&json!({"kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"})), key)
    }

    fn in_state(state: KeyState) -> Verdict {
        of(Some(Ok(Arc::new(KeyMetadata::builder().key_id("1").key_state(state).build().unwrap()))))
    }

    fn refused(code: &str) -> Verdict {
        let gap = Gap::new("111122223333", "eu-west-1", "kms:DescribeKey", GapKind::Denied, "no");
        of(Some(Err(gap.with_code(Some(code.to_owned())))))
    }

    #[test]
    fn a_group_names_a_key() {
        assert_eq!(in_state(KeyState::Enabled).status, Status::Pass);
        assert_eq!(judge(&example(&json!({})), None).reasons, ["no_kms_key"]);
    }

    #[test]
    fn the_key_has_to_work() {
        assert_eq!(in_state(KeyState::Disabled).reasons, ["key_unusable"]);
        assert_eq!(in_state(KeyState::PendingDeletion).reasons, ["key_unusable"]);
        assert_eq!(in_state(KeyState::from("NewState")).status, Status::Pass, "a state that is not known counts");
        assert_eq!(refused("NotFoundException").reasons, ["key_gone"]);
        assert_eq!(refused("AccessDeniedException").status, Status::Unknown);
        assert_eq!(of(None).status, Status::Pass, "a key of another account answers only there");
    }
}
