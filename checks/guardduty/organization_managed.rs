//! Is GuardDuty run for the organization in each Region: by an administrator account, with new accounts enabled by themselves and
//! findings that are kept? The management account sees who administers it, only the administrator sees the rest.

use crate::prelude::*;
use posture_estate::services::guardduty::{GuardDutyAdmin, GuardDutyOrganization};

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else {
        return Ok(vec![Verdict::not_applicable("the account belongs to no organization").on(at.resource())]);
    };
    let manages = organization.management_account == at.account_id();
    Ok(each(at.regions(), async |name| {
        let region = at.region(name);
        in_region(&region, manages).await.on(at.resource().region(name))
    })
    .await)
}

async fn in_region(at: &Region, manages: bool) -> Verdict {
    let mut reasons = Reasons::new();
    if manages && !administers(at.guardduty().guardduty_admins().await, at.name(), at.account_id(), &mut reasons) {
        return reasons.open();
    }
    let Some(detector) = reasons.add(at.guardduty().detector().await) else { return reasons.open() };
    let Some(detector) = detector.as_ref() else {
        return Verdict::fail(
            "no_detector",
            format!("the account that is to administer GuardDuty in {} has no detector there", at.name()),
        );
    };
    let (members, kept) =
        join!(at.guardduty().guardduty_organization(detector), at.guardduty().findings_kept(detector));
    judge(at.name(), members, kept, reasons)
}

/// Whether this account is the administrator, as the management account sees it; what else there is to say goes to `reasons`.
fn administers(admins: Answer<Vec<GuardDutyAdmin>>, region: &str, own: &str, reasons: &mut Reasons) -> bool {
    let Some(admins) = reasons.add(admins) else { return false };
    let enabled = admins.iter().find(|admin| admin.is_enabled());
    match enabled.map(|admin| admin.admin_account_id.as_str()) {
        Some(account) if account == own => return true,
        Some(account) => {
            reasons.doubt(format!(
                "account {account} administers GuardDuty of the organization in {region}; whether new accounts are enabled and findings kept shows only there"
            ));
        }
        None => reasons
            .broken("no_administrator", format!("no account administers GuardDuty of the organization in {region}")),
    }
    false
}

fn judge(
    region: &str,
    members: Answer<GuardDutyOrganization>,
    kept: Result<bool, Vec<Gap>>,
    mut reasons: Reasons,
) -> Verdict {
    let mut covers = "";
    if let Some(members) = reasons.add(members) {
        match members.auto_enable_organization_members.as_deref() {
            Some("ALL") => covers = "all accounts",
            Some("NEW") => covers = "new accounts",
            Some("NONE") => {
                reasons.broken(
                    "members_not_enabled",
                    format!("accounts of the organization are not enabled by themselves in {region}"),
                );
            }
            _ => reasons.doubt(format!("whether new accounts get GuardDuty in {region} is not said")),
        }
    }
    match kept {
        Ok(true) => {}
        Ok(false) => reasons.broken("findings_not_kept", format!(
            "findings in {region} are kept nowhere beyond GuardDuty's 90 days: no destination is publishing and Security Hub does not import them"
        )),
        Err(gaps) => gaps.iter().for_each(|gap| reasons.unseen(gap)),
    }
    reasons.or_pass(|| format!("{covers} of the organization get GuardDuty in {region}, and its findings are kept"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "guardduty:DescribeOrganizationConfiguration", GapKind::Denied, "no")
    }

    fn of(members: &str, kept: Result<bool, Vec<Gap>>) -> Status {
        let members = GuardDutyOrganization { auto_enable_organization_members: Some(members.into()) };
        judge("eu-west-1", Ok(Arc::new(members)), kept, Reasons::new()).status
    }

    #[test]
    fn accounts_are_enabled_and_findings_kept() {
        assert_eq!(of("ALL", Ok(true)), Status::Pass);
        assert_eq!(of("NEW", Ok(true)), Status::Pass);
        assert_eq!(of("NONE", Ok(true)), Status::Fail);
        assert_eq!(of("ALL", Ok(false)), Status::Fail);
        assert_eq!(of("ALL", Err(vec![gap()])), Status::Unknown);
        assert_eq!(of("SOME", Ok(true)), Status::Unknown);
        assert_eq!(judge("eu-west-1", Err(gap()), Ok(true), Reasons::new()).status, Status::Unknown);
    }

    #[test]
    fn the_management_account_sees_only_who_administers() {
        let seen = |admin: Option<&str>| {
            let admin = admin.map(|id| GuardDutyAdmin { admin_account_id: id.into(), admin_status: "ENABLED".into() });
            let mut reasons = Reasons::new();
            let ours =
                administers(Ok(Arc::new(admin.into_iter().collect())), "eu-west-1", "111122223333", &mut reasons);
            (ours, reasons.or_pass(|| "administers".into()).status)
        };
        assert_eq!(seen(Some("111122223333")), (true, Status::Pass));
        assert_eq!(seen(Some("444455556666")), (false, Status::Unknown));
        assert_eq!(seen(None), (false, Status::Fail));
        let mut reasons = Reasons::new();
        assert!(!administers(Err(gap()), "eu-west-1", "111122223333", &mut reasons));
        assert_eq!(reasons.open().status, Status::Unknown);
    }
}
