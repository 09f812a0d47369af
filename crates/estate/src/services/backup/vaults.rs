//! Vaults and recovery points.

use crate::arn::Arn;
use crate::finding::Resource;
use serde::Deserialize;

/// Pages of a thousand recovery points that are read of a vault, at most.
pub(super) const MOST_PAGES: usize = 10;

/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupVaultListMember.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BackupVault {
    #[serde(rename = "BackupVaultName")]
    pub name: String,
    #[serde(rename = "BackupVaultArn")]
    pub arn: String,
    /// `BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, `RESTORE_ACCESS_BACKUP_VAULT`
    pub vault_type: Option<String>,
    pub encryption_key_arn: Option<String>,
    /// `AWS_OWNED_KMS_KEY`, `CUSTOMER_MANAGED_KMS_KEY`
    pub encryption_key_type: Option<String>,
    #[serde(rename = "NumberOfRecoveryPoints")]
    points: Option<i64>,
    pub locked: Option<bool>,
    pub min_retention_days: Option<i64>,
}

impl BackupVault {
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Backup::BackupVault", &self.name)
    }

    /// Whether it is cut off from the account that it belongs to.
    pub fn is_air_gapped(&self) -> bool {
        self.vault_type.as_deref() == Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    }

    /// How many recovery points it holds; `None` where AWS does not say.
    pub fn points(&self) -> Option<u64> {
        u64::try_from(self.points?).ok()
    }
}

/// Recovery points of a vault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecoveryPointPage {
    pub recovery_points: Vec<RecoveryPoint>,
    pub(super) next_token: Option<String>,
}

impl RecoveryPointPage {
    pub fn of(recovery_points: Vec<RecoveryPoint>, next_token: Option<String>) -> Self {
        RecoveryPointPage { recovery_points, next_token }
    }

    /// Whether there are more than were read.
    pub fn has_more(&self) -> bool {
        self.next_token.is_some()
    }
}

/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecoveryPoint {
    #[serde(rename = "RecoveryPointArn")]
    pub arn: String,
    pub resource_arn: Option<String>,
    /// The vault that it was copied from, where that is another account's.
    pub source_backup_vault_arn: Option<String>,
    /// `COMPLETED`, `PARTIAL`, `DELETING`, `EXPIRED`, …
    pub status: Option<String>,
    pub is_encrypted: Option<bool>,
}

impl RecoveryPoint {
    /// Whether it is a copy of what another account backed up.
    pub fn is_copy_of_another(&self, own: &str) -> bool {
        let of_another = |arn: &Option<String>| {
            let account = arn.as_deref().and_then(Arn::parse).map(|arn| arn.account);
            account.is_some_and(|account| !account.is_empty() && account != own)
        };
        of_another(&self.source_backup_vault_arn) || of_another(&self.resource_arn)
    }
}
