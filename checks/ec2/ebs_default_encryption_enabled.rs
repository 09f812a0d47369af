//! Are new EBS volumes encrypted in this region whether or not anyone asks, and with which key?

use crate::prelude::*;

/// The keys (as `GetEbsDefaultKmsKeyId` names them) of which default encryption must use one; while there is none, any key will do.
const INTENDED_KEYS: Setting<Patterns> = setting!(ebs_default_encryption_enabled.intended_keys);

pub async fn probe(at: &Region) -> Outcome {
    let on = *at.ec2().ebs_encryption_by_default().await?;
    if !on {
        return Ok(vec![judge_off().on(at.resource())]);
    }
    let key = at.ec2().ebs_default_kms_key().await;
    let key = key.as_ref().map(|key| key.as_str());
    Ok(vec![judge_key(key, at.setting(INTENDED_KEYS)).on(at.resource())])
}

fn judge_off() -> Verdict {
    Verdict::fail("off", "EBS encryption by default is off: a volume that does not ask for encryption gets none")
        .evidence(json!({"ebs_encryption_by_default": false}))
}

/// While no key is intended any will do, so that it need not be seen which it is.
fn judge_key(key: Result<&str, &Gap>, intended: &Patterns) -> Verdict {
    let key = match key {
        Ok(key) => key,
        Err(gap) if !intended.is_empty() => return Verdict::unseen(gap),
        Err(_) => {
            return Verdict::pass(
                "EBS encryption by default is on, with a key that could not be read; any key will do",
            )
            .evidence(json!({"ebs_encryption_by_default": true}));
        }
    };
    match intended.is_empty() || intended.matches(key) {
        true => Verdict::pass(format!("EBS encryption by default is on with the key {key}")),
        false => {
            let intended = intended.texts().collect::<Vec<_>>().join(", ");
            Verdict::fail(
                "other_key",
                format!("EBS encryption by default is on with the key {key} instead of {intended}"),
            )
        }
    }
    .evidence(json!({"ebs_encryption_by_default": true, "kms_key_id": key}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn off_fails() {
        assert_eq!(judge_off().status, Status::Fail);
    }

    #[test]
    fn on_passes_with_any_key_unless_one_is_intended() {
        let ours = Patterns::parse(&["arn:aws:kms:*:111122223333:key/*"]).unwrap();
        assert_eq!(judge_key(Ok("alias/aws/ebs"), INTENDED_KEYS.default_value()).status, Status::Pass);
        assert_eq!(judge_key(Ok("arn:aws:kms:eu-west-1:111122223333:key/k"), &ours).status, Status::Pass);
        assert_eq!(judge_key(Ok("arn:aws:kms:eu-west-1:444455556666:key/k"), &ours).status, Status::Fail);
        assert_eq!(judge_key(Ok("alias/aws/ebs"), &ours).status, Status::Fail);
    }

    #[test]
    fn a_key_that_cannot_be_read_matters_only_where_one_is_intended() {
        // semantics 123
        let gap = Gap::new("1", "r", "ec2:GetEbsDefaultKmsKeyId", GapKind::Denied, "no");
        let ours = Patterns::parse(&["arn:aws:kms:*:111122223333:key/*"]).unwrap();
        assert_eq!(judge_key(Err(&gap), INTENDED_KEYS.default_value()).status, Status::Pass);
        assert_eq!(judge_key(Err(&gap), &ours).status, Status::Unknown);
    }
}
