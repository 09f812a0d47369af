//! Where copies of backups are out of reach of who can delete the originals.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::backup::PlanRule;
use posture_estate::services::backup::vaults::BackupVault;

/// Without a plan nothing is copied; there is something to copy where a vault holds anything.
pub(super) fn without_plan(region: &str, vaults: &[BackupVault]) -> Verdict {
    match vaults.iter().filter(|vault| !vault.is_air_gapped()).any(|vault| vault.points() != Some(0)) {
        true => Verdict::fail("not_isolated", format!("no backup plan in {region} copies what its vaults hold")),
        false => Verdict::not_applicable(format!("there is no backup in {region} that could be copied")),
    }
}

/// What the rule says by itself: a vault of another account, or an air-gapped one as its second target.
pub(super) fn out_of_reach(rule: &PlanRule, own: &str) -> Option<String> {
    if let Some(target) = rule.target_logically_air_gapped_backup_vault_arn.as_deref().filter(|arn| !arn.is_empty()) {
        return Some(format!("the logically air-gapped vault {target}"));
    }
    let vaults = rule.copy_actions.iter().map(|copy| copy.destination_backup_vault_arn.as_str());
    let mut others =
        vaults.filter_map(|arn| Some((arn, Arn::parse(arn)?.account))).filter(|(_, account)| *account != own);
    others.next().map(|(arn, account)| format!("vault {arn} of account {account}"))
}

pub(super) fn is_air_gapped(arn: &str, vaults: &[BackupVault]) -> bool {
    vaults.iter().any(|vault| vault.arn == arn && vault.is_air_gapped())
}
