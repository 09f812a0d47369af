//! Does every vault name a key, and is every recovery point in it encrypted? Backups of some services are encrypted as their source is,
//! whatever the vault says, so that the recovery points are looked at.

use super::{own, unused};
use crate::prelude::*;
use posture_estate::services::backup::vaults::{BackupVault, RecoveryPoint, RecoveryPointPage};
use posture_estate::text::counted;

/// Recovery points that the evidence names.
const NAMED: usize = 20;

pub async fn probe(at: &Region) -> Outcome {
    let vaults = at.backup().vaults().await?;
    let vaults = own(&vaults);
    if vaults.is_empty() {
        return Ok(vec![unused(at.name()).on(at.resource())]);
    }
    Ok(each(vaults, async |vault: &BackupVault| {
        let points = match vault.points() {
            Some(0) => Ok(Arc::default()),
            _ => at.backup().recovery_points(&vault.name).await,
        };
        judge(vault, points).on(vault.resource())
    })
    .await)
}

fn judge(vault: &BackupVault, points: Answer<RecoveryPointPage>) -> Verdict {
    let name = &vault.name;
    let mut reasons = Reasons::new();
    let key = match (vault.encryption_key_arn.as_deref(), vault.encryption_key_type.as_deref()) {
        (Some(key), _) if !key.is_empty() => format!("key {key}"),
        (_, Some("AWS_OWNED_KMS_KEY")) => "a key that AWS owns".to_owned(),
        _ => {
            reasons.broken("vault_without_key", format!("vault {name} names no key"));
            String::new()
        }
    };
    let (mut seen, mut open) = (0, Vec::new());
    if let Some(page) = reasons.add(points) {
        let kept = || page.recovery_points.iter().filter(|point| point.status.as_deref() != Some("DELETING"));
        seen = kept().count();
        open = kept().filter(|point| point.is_encrypted == Some(false)).map(shown).collect();
        if !open.is_empty() {
            let least = if page.has_more() { "at least " } else { "" };
            reasons.broken(
                "not_encrypted",
                format!("vault {name} holds {least}{} without encryption", counted(open.len(), "recovery point")),
            );
        }
        let untold = kept().filter(|point| point.is_encrypted.is_none()).count();
        if untold > 0 {
            let untold = counted(untold, "recovery point");
            reasons.doubt(format!("AWS Backup does not tell the encryption of {untold} in vault {name}"));
        }
        if page.has_more() {
            reasons.doubt(format!("vault {name} holds more recovery points than the {seen} that were read"));
        }
    }
    open.truncate(NAMED);
    reasons
        .or_pass(|| {
            format!("vault {name} names {key}, and holds {}, none without encryption", counted(seen, "recovery point"))
        })
        .evidence(json!({ "key": vault.encryption_key_arn, "recovery_points": seen, "not_encrypted": open }))
}

fn shown(point: &RecoveryPoint) -> serde_json::Value {
    json!({ "arn": point.arn, "resource": point.resource_arn })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn vault(more: serde_json::Value) -> BackupVault {
        let mut vault = json!({ "BackupVaultName": "daily", "BackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:daily" });
        vault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(vault).unwrap()
    }

    fn keyed() -> BackupVault {
        vault(json!({ "EncryptionKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1" }))
    }

    fn points(of: &[(Option<bool>, &str)], token: Option<&str>) -> Answer<RecoveryPointPage> {
        let point = |&(encrypted, status): &(Option<bool>, &str)| RecoveryPoint {
            arn: "arn:aws:ec2:eu-west-1::snapshot/snap-1".into(),
            resource_arn: None,
            source_backup_vault_arn: None,
            status: Some(status.into()),
            is_encrypted: encrypted,
        };
        Ok(Arc::new(RecoveryPointPage::of(of.iter().map(point).collect(), token.map(str::to_owned))))
    }

    #[test]
    fn a_vault_names_a_key() {
        let none = || points(&[], None);
        assert_eq!(judge(&keyed(), none()).status, Status::Pass);
        assert_eq!(judge(&vault(json!({ "EncryptionKeyType": "AWS_OWNED_KMS_KEY" })), none()).status, Status::Pass);
        assert_eq!(judge(&vault(json!({})), none()).reasons, ["vault_without_key"]);
        assert_eq!(judge(&vault(json!({ "EncryptionKeyArn": "" })), none()).reasons, ["vault_without_key"]);
        assert_eq!(vault(json!({ "NumberOfRecoveryPoints": 0 })).points(), Some(0));
        assert_eq!((vault(json!({})).points(), vault(json!({ "NumberOfRecoveryPoints": -1 })).points()), (None, None));
    }

    #[test]
    fn each_recovery_point_is_encrypted() {
        let of = |all: &[(Option<bool>, &str)], token| judge(&keyed(), points(all, token));
        let (yes, no) = ((Some(true), "COMPLETED"), (Some(false), "COMPLETED"));
        assert_eq!(of(&[yes, yes], None).status, Status::Pass);
        assert_eq!(of(&[yes, no], None).reasons, ["not_encrypted"]);
        assert_eq!(of(&[yes, (Some(false), "EXPIRED")], None).reasons, ["not_encrypted"], "it is still there");
        assert_eq!(of(&[yes, (Some(false), "DELETING")], None).status, Status::Pass);
        assert_eq!(of(&[yes, (None, "COMPLETED")], None).status, Status::Unknown);
        assert_eq!(of(&[yes], Some("more")).status, Status::Unknown);
        assert!(of(&[no], Some("more")).message.contains("holds at least 1 recovery point"));
        let gap =
            Gap::new("111122223333", "eu-west-1", "backup:ListRecoveryPointsByBackupVault", GapKind::Denied, "no");
        assert_eq!(judge(&keyed(), Err(gap)).status, Status::Unknown);
    }
}
