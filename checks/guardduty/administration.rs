//! Who administers GuardDuty of the organization, and what may be said where that is not known.

use crate::prelude::*;
use posture_estate::services::guardduty::GuardDutyAdmin;
use posture_estate::services::organizations::Seat;

/// Only of the administrator it is known that there has to be one.
pub(super) fn without_detector(region: &str, account: &str, seat: &Seat) -> Verdict {
    if let Seat::Management | Seat::Administrator = seat {
        let why = format!("the account that is to administer GuardDuty in {region} has no detector there");
        return Verdict::fail("no_detector", why);
    }
    let mut reasons = Reasons::new();
    seat.doubt(account, "GuardDuty", &mut reasons);
    reasons.open()
}

/// Whether this account is the administrator, as the management account sees it; what else there is to say goes to `reasons`.
pub(super) fn administers(admins: Answer<Vec<GuardDutyAdmin>>, region: &str, own: &str, reasons: &mut Reasons) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "guardduty:ListOrganizationAdminAccounts", GapKind::Denied, "no")
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
