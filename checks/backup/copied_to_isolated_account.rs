//! Does a plan send backups where those who can delete the originals cannot follow: into another account, or a logically air-gapped vault?

use super::reach::{is_air_gapped, out_of_reach, without_plan};
use super::{own, unused};
use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::backup::{BackupSelection, PlanRule, PlanSummary};

pub async fn probe(at: &Region) -> Outcome {
    let vaults = at.backup().vaults().await?;
    if own(&vaults).is_empty() {
        return Ok(vec![unused(at.name()).on(at.resource())]);
    }
    let plans = at.backup().plans().await?;
    if plans.is_empty() {
        let in_reach = vaults.iter().filter(|vault| !vault.is_air_gapped() && vault.points() != Some(0));
        let held = join_all(in_reach.map(|vault| at.backup().recovery_points(&vault.name))).await;
        return Ok(vec![without_plan(at.name(), at.account_id(), held).on(at.resource())]);
    }
    let asked =
        join_all(plans.iter().map(async |plan| (plan, at.backup().plan_rules(&plan.backup_plan_id).await))).await;
    let mut reasons = Reasons::new();
    for (plan, rules) in asked {
        let Some(rules) = reasons.add(rules) else { continue };
        for rule in rules.there().into_iter().flatten() {
            match isolated(at, rule).await {
                Ok(Some(target)) => {
                    let selections = at.backup().plan_selections(&plan.backup_plan_id).await;
                    if let Some(verdict) = copies(plan, rule, &target, selections, &mut reasons) {
                        return Ok(vec![verdict.on(at.resource())]);
                    }
                }
                Ok(None) => {}
                Err(gap) => reasons.unseen(&gap),
            }
        }
    }
    if reasons.is_empty() {
        let none = format!(
            "no backup plan in {} copies recovery points to another account or to a logically air-gapped vault",
            at.name()
        );
        reasons.broken("not_isolated", none);
    }
    Ok(vec![reasons.open().evidence(json!({ "plans": plans.len() })).on(at.resource())])
}

/// Where a rule sends backups that is out of reach; the type of a vault of the own account is asked in its Region.
async fn isolated(at: &Region, rule: &PlanRule) -> Result<Option<String>, Gap> {
    if let Some(target) = out_of_reach(rule, at.account_id()) {
        return Ok(Some(target));
    }
    for copy in &rule.copy_actions {
        let arn = &copy.destination_backup_vault_arn;
        let Some(parsed) = Arn::parse(arn) else { continue };
        let vaults = at.account().region(parsed.region).backup().vaults().await?;
        if is_air_gapped(arn, &vaults) {
            return Ok(Some(format!("the logically air-gapped vault {arn}")));
        }
    }
    Ok(None)
}

/// A plan that selects nothing copies nothing.
fn copies(
    plan: &PlanSummary,
    rule: &PlanRule,
    target: &str,
    selections: Answer<Vec<BackupSelection>>,
    reasons: &mut Reasons,
) -> Option<Verdict> {
    let (plan, rule) = (&plan.backup_plan_name, &rule.rule_name);
    let selections = reasons.add(selections)?;
    if selections.is_empty() {
        reasons.broken(
            "plan_selects_nothing",
            format!("rule {rule} of plan {plan} would copy to {target}, and the plan selects no resource"),
        );
        return None;
    }
    let message = format!("rule {rule} of plan {plan} copies recovery points to {target}");
    Some(Verdict::pass(message).evidence(json!({ "plan": plan, "rule": rule, "target": target })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::backup::vaults::{BackupVault, RecoveryPoint, RecoveryPointPage};

    fn vault(kind: &str, points: Option<i64>) -> BackupVault {
        let vault = json!({ "BackupVaultName": "v", "BackupVaultArn": "arn", "VaultType": kind, "NumberOfRecoveryPoints": points });
        serde_json::from_value(vault).unwrap()
    }

    #[test]
    fn without_a_plan_what_the_account_backed_up_itself_is_not_copied() {
        let point = |resource: &str, from: Option<&str>| -> RecoveryPoint {
            let from = from.map(|account| format!("arn:aws:backup:eu-west-1:{account}:backup-vault:daily"));
            let point = json!({ "RecoveryPointArn": "arn", "ResourceArn": resource, "SourceBackupVaultArn": from });
            serde_json::from_value(point).unwrap()
        };
        let page = |points: &[RecoveryPoint], more: Option<&str>| {
            Ok(Arc::new(RecoveryPointPage::of(points.to_vec(), more.map(str::to_owned))))
        };
        let of = |held| without_plan("eu-west-1", "111122223333", held).status;
        let own = point("arn:aws:dynamodb:eu-west-1:111122223333:table/t", None);
        let bucket = point("arn:aws:s3:::b", None);
        let copy = point("arn:aws:s3:::b", Some("444455556666"));
        let theirs = point("arn:aws:dynamodb:eu-west-1:444455556666:table/t", None);
        assert_eq!(of(vec![]), Status::NotApplicable);
        assert_eq!(of(vec![page(&[], None)]), Status::NotApplicable);
        assert_eq!(of(vec![page(std::slice::from_ref(&own), None)]), Status::Fail);
        assert_eq!(of(vec![page(&[bucket], None)]), Status::Fail);
        assert_eq!(
            of(vec![page(&[copy.clone(), theirs], None)]),
            Status::NotApplicable,
            "this is where they are isolated"
        );
        assert_eq!(of(vec![page(&[copy.clone(), own], None)]), Status::Fail);
        assert_eq!(of(vec![page(&[copy], Some("more"))]), Status::Unknown);
        let gap =
            Gap::new("111122223333", "eu-west-1", "backup:ListRecoveryPointsByBackupVault", GapKind::Denied, "no");
        assert_eq!(of(vec![Err(gap)]), Status::Unknown);
    }

    #[test]
    fn another_account_or_an_air_gapped_vault_is_out_of_reach() {
        let rule = |more: serde_json::Value| -> PlanRule {
            let mut rule = json!({ "RuleName": "r" });
            rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value(rule).unwrap()
        };
        let copy = |account: &str| {
            let arn = format!("arn:aws:backup:eu-west-1:{account}:backup-vault:copies");
            rule(json!({ "CopyActions": [{ "DestinationBackupVaultArn": arn }] }))
        };
        let reached = |rule: &PlanRule| out_of_reach(rule, "111122223333").is_none();
        assert!(reached(&rule(json!({}))) && reached(&copy("111122223333")));
        assert!(!reached(&copy("444455556666")));
        let target = "arn:aws:backup:eu-west-1:111122223333:backup-vault:isolated";
        assert!(!reached(&rule(json!({ "TargetLogicallyAirGappedBackupVaultArn": target }))));
        assert!(reached(&rule(json!({ "TargetLogicallyAirGappedBackupVaultArn": "" }))));
        assert!(is_air_gapped("arn", &[vault("LOGICALLY_AIR_GAPPED_BACKUP_VAULT", None)]));
        assert!(!is_air_gapped("arn", &[vault("BACKUP_VAULT", None)]));
        assert!(!is_air_gapped("other", &[vault("LOGICALLY_AIR_GAPPED_BACKUP_VAULT", None)]));
    }

    #[test]
    fn a_plan_that_selects_nothing_copies_nothing() {
        // semantics 155
        let plan = PlanSummary { backup_plan_id: "p".into(), backup_plan_name: "daily".into() };
        let rule: PlanRule = serde_json::from_value(json!({ "RuleName": "r" })).unwrap();
        let of = |selections| {
            let mut reasons = Reasons::new();
            let verdict = copies(&plan, &rule, "vault v", selections, &mut reasons);
            verdict.unwrap_or_else(|| reasons.open())
        };
        let some = Ok(Arc::new(vec![BackupSelection { selection_name: "all".into() }]));
        assert_eq!(of(some).status, Status::Pass);
        assert_eq!(of(Ok(Arc::default())).reasons, ["plan_selects_nothing"]);
        let gap = Gap::new("111122223333", "eu-west-1", "backup:ListBackupSelections", GapKind::Denied, "no");
        assert_eq!(of(Err(gap)).status, Status::Unknown);
    }
}
