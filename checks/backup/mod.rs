//! Checks on AWS Backup.

mod deletion;
mod outsiders;
mod reach;
mod reports;
mod stores;
mod tables;

use crate::prelude::*;
use posture_estate::services::backup::vaults::BackupVault;

checks! { backup;
    region audit_framework_or_report,
    region copied_to_isolated_account,
    region covers_data_stores,
    region recovery_points_encrypted,
    region restore_testing_current,
    region vault_lock_enabled,
}

/// Vaults that hold something of their own: others only show what is in a vault of another account.
fn own(vaults: &[BackupVault]) -> Vec<&BackupVault> {
    vaults.iter().filter(|vault| vault.vault_type.as_deref() != Some("RESTORE_ACCESS_BACKUP_VAULT")).collect()
}

/// What there is to say where AWS Backup is not used: each Region that uses it has a vault.
fn unused(region: &str) -> Verdict {
    Verdict::not_applicable(format!("{region} has no backup vault"))
}
