//! Where copies of backups are out of reach of who can delete the originals.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::backup::PlanRule;
use posture_estate::services::backup::vaults::{BackupVault, RecoveryPointPage};

/// Without a plan nothing is copied; there is something to copy where a vault in reach holds backups of the account's own. What other
/// accounts copied here is out of their reach already.
pub(super) fn without_plan(region: &str, own: &str, held: Vec<Answer<RecoveryPointPage>>) -> Verdict {
    let mut reasons = Reasons::new();
    let mut copies = 0;
    for page in held {
        let Some(page) = reasons.add(page) else { continue };
        let of_others = page.recovery_points.iter().filter(|point| point.is_copy_of_another(own)).count();
        if of_others < page.recovery_points.len() {
            return Verdict::fail("not_isolated", format!("no backup plan in {region} copies what its vaults hold"));
        }
        copies += of_others;
        if page.has_more() {
            reasons.doubt(format!("the first {of_others} recovery points of a vault in {region} are copies from other accounts, and the others were not read"));
        }
    }
    match (reasons.is_empty(), copies) {
        (false, _) => reasons.open(),
        (true, 0) => Verdict::not_applicable(format!("there is no backup in {region} that could be copied")),
        (true, _) => Verdict::not_applicable(format!("the vaults in {region} hold copies from other accounts only")),
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
