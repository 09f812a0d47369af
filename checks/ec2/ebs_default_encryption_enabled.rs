//! Are new EBS volumes encrypted in this region whether or not anyone asks, and with which key?

use crate::prelude::*;

/// The key (as `GetEbsDefaultKmsKeyId` names it) that default encryption must use. None is demanded: any key will do.
const INTENDED_KEY: Option<&str> = None;

pub async fn probe(at: &Region) -> Outcome {
    let on = *at.ebs_encryption_by_default().await?;
    if !on {
        return Ok(vec![judge_off().on(at.resource())]);
    }
    let key = at.ebs_default_kms_key().await?;
    Ok(vec![judge_key(&key, INTENDED_KEY).on(at.resource())])
}

fn judge_off() -> Verdict {
    Verdict::fail("EBS encryption by default is off: a volume that does not ask for encryption gets none")
        .evidence(json!({"ebs_encryption_by_default": false}))
}

fn judge_key(key: &str, intended: Option<&str>) -> Verdict {
    match intended {
        Some(intended) if intended != key => {
            Verdict::fail(format!("EBS encryption by default is on with the key {key} instead of {intended}"))
        }
        _ => Verdict::pass(format!("EBS encryption by default is on with the key {key}")),
    }
    .evidence(json!({"ebs_encryption_by_default": true, "kms_key_id": key}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_fails() {
        assert_eq!(judge_off().status, Status::Fail);
    }

    #[test]
    fn on_passes_with_any_key_unless_one_is_intended() {
        assert_eq!(judge_key("alias/aws/ebs", None).status, Status::Pass);
        assert_eq!(judge_key("alias/ebs", Some("alias/ebs")).status, Status::Pass);
        assert_eq!(judge_key("alias/aws/ebs", Some("alias/ebs")).status, Status::Fail);
    }
}
