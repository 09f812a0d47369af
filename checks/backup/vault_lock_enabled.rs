//! Is what vaults hold kept from whoever can delete the rest: by a lock with a minimum retention or by a policy, and is nobody outside the
//! organization let in?

use super::{deletion, outsiders, own, unused};
use crate::prelude::*;
use posture_estate::services::backup::vaults::BackupVault;
use posture_policy::{Decision, Zone};

/// Vaults that hold neither production nor log data.
const EXEMPT: Setting<Resources> = setting!(vault_lock_enabled.exempt_vaults);
/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(vault_lock_enabled.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let vaults = at.backup().vaults().await?;
    let vaults = own(&vaults);
    if vaults.is_empty() {
        return Ok(vec![unused(at.name()).on(at.resource())]);
    }
    let with = vaults.into_iter().map(|vault| async move { (vault, at.backup().vault_policy(&vault.name).await) });
    let policies = join_all(with).await;
    let mut zone = at.account().zone().trusting(at.setting(TRUSTED_ACCOUNTS));
    let any = policies.iter().any(|(_, policy)| policy.as_ref().is_ok_and(|policy| policy.is_some()));
    if any && zone.organization.is_none() {
        // Policies of vaults name the organization, because copies cross accounts only within it.
        let organization = at.account().organizations().organization().await;
        zone.organization = organization.ok().and_then(|one| one.there().map(|one| one.id.clone()));
    }
    let judged = policies.into_iter().map(|(vault, policy)| {
        let resource = vault.resource();
        judge(vault, policy, &zone, at.setting(EXEMPT).has(&resource)).on(resource)
    });
    Ok(judged.collect())
}

fn judge(vault: &BackupVault, policy: Answer<Option<String>>, zone: &Zone, exempt: bool) -> Verdict {
    let name = &vault.name;
    let mut reasons = Reasons::new();
    let mut kept = "";
    let (mut denied, mut unread) = (Decision::No("there is no policy".into()), None);
    match policy {
        Ok(policy) => {
            if let Some(text) = policy.there() {
                denied = outsiders::read(name, text, zone, &mut reasons);
            } else if exempt || vault.points() == Some(0) {
                return Verdict::not_applicable(format!(
                    "vault {name} holds nothing that has to be locked, and has no policy"
                ));
            }
        }
        Err(gap) => unread = Some(gap),
    }
    match (vault.locked, vault.min_retention_days) {
        _ if exempt || vault.points() == Some(0) => kept = "needs no lock",
        (Some(true), Some(1..)) => kept = "is locked with a minimum retention",
        _ if denied.is_yes() => kept = "lets nobody delete recovery points",
        // A policy that was not seen may keep them.
        (Some(_), _) if unread.is_some() => {}
        (Some(true), _) => match &denied {
            Decision::CannotTell(why) => reasons.doubt(format!(
                "vault {name} is locked without a minimum retention, and whether its policy keeps recovery points cannot be decided: {why}"
            )),
            _ => reasons.broken("no_minimum_retention", format!("vault {name} is locked without a minimum retention")),
        },
        (Some(false), _) => deletion::told(name, &denied, &mut reasons),
        (None, _) => reasons.doubt(format!("AWS Backup does not say whether vault {name} is locked")),
    }
    if let Some(gap) = unread {
        reasons.unseen(&gap);
    }
    reasons
        .or_pass(|| format!("vault {name} {kept}, and its policy lets in nobody outside the organization"))
        .evidence(json!({ "locked": vault.locked, "min_retention_days": vault.min_retention_days, "recovery_points": vault.points() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn vault(more: serde_json::Value) -> BackupVault {
        let mut vault = json!({ "BackupVaultName": "daily", "BackupVaultArn": "arn", "NumberOfRecoveryPoints": 7 });
        vault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(vault).unwrap()
    }

    fn locked() -> BackupVault {
        vault(json!({ "Locked": true, "MinRetentionDays": 30 }))
    }

    fn zone() -> Zone {
        Zone { organization: Some("o-ours".into()), ..Zone::of("111122223333", "aws") }
    }

    fn policy(statements: &str) -> Answer<Option<String>> {
        Ok(Arc::new(Some(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))))
    }

    fn none() -> Answer<Option<String>> {
        Ok(Arc::default())
    }

    fn of(vault: &BackupVault, policy: Answer<Option<String>>) -> Verdict {
        judge(vault, policy, &zone(), false)
    }

    const KEPT: &str = r#"{"Effect":"Deny","Principal":"*","Action":["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle"],"Resource":"*"}"#;

    #[test]
    fn a_lock_has_a_minimum_retention() {
        // semantics 154
        assert_eq!(of(&locked(), none()).status, Status::Pass);
        assert_eq!(of(&vault(json!({ "Locked": true })), none()).reasons, ["no_minimum_retention"]);
        assert_eq!(
            of(&vault(json!({ "Locked": true, "MinRetentionDays": 0 })), none()).reasons,
            ["no_minimum_retention"]
        );
        assert_eq!(of(&vault(json!({ "Locked": true })), policy(KEPT)).status, Status::Pass);
        assert_eq!(of(&vault(json!({ "Locked": false })), none()).reasons, ["not_locked"]);
        assert_eq!(of(&vault(json!({})), none()).status, Status::Unknown, "it is not told");
    }

    #[test]
    fn a_policy_that_keeps_recovery_points_is_as_good() {
        let open = vault(json!({ "Locked": false }));
        assert_eq!(of(&open, policy(KEPT)).status, Status::Pass);
        let own =
            r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"backup:StartRestoreJob","Resource":"*"}"#;
        assert_eq!(of(&open, policy(own)).reasons, ["not_locked"]);
        assert_eq!(of(&open, Ok(Arc::new(Some("{".into())))).status, Status::Unknown);
        let gap = || Gap::new("111122223333", "eu-west-1", "backup:GetBackupVaultAccessPolicy", GapKind::Denied, "no");
        assert_eq!(of(&open, Err(gap())).status, Status::Unknown);
        assert_eq!(of(&locked(), Err(gap())).status, Status::Unknown, "who is let in was not seen");
        assert_eq!(
            of(&vault(json!({ "Locked": true })), Err(gap())).status,
            Status::Unknown,
            "the policy may keep them"
        );
        let dubious = KEPT
            .replace(r#""Resource":"*""#, r#""Resource":"*","Condition":{"StringSounds":{"aws:RequestTag/a":"b"}}"#);
        assert_ne!(of(&vault(json!({ "Locked": true })), policy(&dubious)).status, Status::Fail, "nor is it decided");
    }

    #[test]
    fn what_holds_nothing_of_worth_needs_no_lock() {
        let empty = vault(json!({ "Locked": false, "NumberOfRecoveryPoints": 0 }));
        assert_eq!(of(&empty, none()).status, Status::NotApplicable);
        let test = vault(json!({ "Locked": false }));
        assert_eq!(judge(&test, none(), &zone(), true).status, Status::NotApplicable);
        assert_eq!(judge(&test, policy(KEPT), &zone(), true).status, Status::Pass);
    }

    #[test]
    fn nobody_outside_the_organization_is_let_in() {
        let given = |principal: &str, condition: &str| {
            let allow = format!(
                r#"{{"Effect":"Allow","Principal":{principal},"Action":"backup:CopyIntoBackupVault","Resource":"*"{condition}}}"#
            );
            judge(&locked(), policy(&allow), &zone().trusting(&["222233334444".into()]), false)
        };
        let of_organization = |id: &str| format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"{id}"}}}}"#);
        assert_eq!(given(r#""*""#, &of_organization("o-ours")).status, Status::Pass);
        assert_eq!(given(r#""*""#, &of_organization("o-theirs")).reasons, ["outsider_let_in"]);
        assert_eq!(given(r#""*""#, "").reasons, ["outsider_let_in"]);
        assert_eq!(given(r#"{"AWS":"arn:aws:iam::999988887777:root"}"#, "").reasons, ["outsider_let_in"]);
        assert_eq!(given(r#"{"AWS":"arn:aws:iam::222233334444:root"}"#, "").status, Status::Pass);
        assert_eq!(given(r#"{"AWS":"arn:aws:iam::111122223333:role/a"}"#, "").status, Status::Pass);
        let alone = Zone::of("111122223333", "aws");
        let allow = format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"backup:CopyIntoBackupVault","Resource":"*"{}}}"#,
            of_organization("o-ours")
        );
        assert_eq!(judge(&locked(), policy(&allow), &alone, false).status, Status::Unknown, "whose it is was not seen");
    }
}
