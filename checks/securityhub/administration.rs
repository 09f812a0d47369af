//! Who administers Security Hub of the organization, as the management account sees it Region by Region.

use crate::prelude::*;
use posture_estate::services::organizations::Seat;
use posture_estate::services::securityhub::{SecurityHubAdmin, SecurityHubOrganization};
use std::collections::BTreeSet;

/// Whether this account is the administrator in all Regions, as the management account sees it.
pub(super) fn administers(
    admins: Vec<(&str, Answer<Vec<SecurityHubAdmin>>)>,
    own: &str,
    reasons: &mut Reasons,
) -> bool {
    let (mut all, mut without) = (BTreeSet::new(), Vec::new());
    for (region, admins) in admins {
        let Some(admins) = reasons.add(admins) else { continue };
        let enabled = admins.iter().filter(|admin| admin.status == "ENABLED");
        let ids: Vec<String> = enabled.map(|admin| admin.account_id.clone()).collect();
        if ids.is_empty() {
            without.push(region);
        }
        all.extend(ids);
    }
    if !without.is_empty() {
        reasons.broken(
            "no_administrator",
            format!("no account administers Security Hub of the organization in {}", without.join(", ")),
        );
    }
    let others: Vec<String> = all.iter().filter(|id| *id != own).cloned().collect();
    if !others.is_empty() {
        reasons.doubt(format!(
            "account {} administers Security Hub of the organization; its aggregation and configuration show only there",
            others.join(", ")
        ));
    }
    all.contains(own)
}

/// What there is to say where nothing shows that the account is the administrator: AWS answers for the organization's configuration to
/// the administrator alone, and an aggregator that shows to a member says nothing of the organization's
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html>).
pub(super) fn not_administrator(
    account: &str,
    seat: &Seat,
    configuration: &Answer<SecurityHubOrganization>,
) -> Option<Verdict> {
    let (Seat::Other(_) | Seat::Untold(_), Err(gap)) = (seat, configuration) else { return None };
    let mut reasons = Reasons::new();
    seat.doubt(account, "Security Hub", &mut reasons);
    reasons.unseen(gap);
    Some(reasons.open())
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "securityhub:DescribeOrganizationConfiguration", GapKind::Denied, "no")
    }

    #[test]
    fn the_management_account_sees_only_who_administers() {
        let seen = |first: Option<&str>, second: Option<&str>| {
            let answer = |admin: Option<&str>| {
                let admin = admin.map(|id| SecurityHubAdmin { account_id: id.into(), status: "ENABLED".into() });
                Ok(Arc::new(admin.into_iter().collect()))
            };
            let mut reasons = Reasons::new();
            let admins = vec![("eu-west-1", answer(first)), ("us-east-1", answer(second))];
            let ours = administers(admins, "111122223333", &mut reasons);
            (ours, reasons.or_pass(|| "administers".into()).status)
        };
        let (own, other) = (Some("111122223333"), Some("444455556666"));
        assert_eq!(seen(own, own), (true, Status::Pass));
        assert_eq!(seen(own, None), (true, Status::Fail));
        assert_eq!(seen(other, other), (false, Status::Unknown));
        assert_eq!(seen(None, None), (false, Status::Fail));
    }

    #[test]
    fn of_an_account_that_is_not_known_to_administer_nothing_is_said() {
        // semantics 94
        let (told, untold) = (Ok(Arc::new(SecurityHubOrganization::default())), Err(gap()));
        for seat in [Seat::Other(vec!["444455556666".into()]), Seat::Other(vec![]), Seat::Untold(gap())] {
            let verdict = not_administrator("111122223333", &seat, &untold);
            assert_eq!(verdict.map(|verdict| verdict.status), Some(Status::Unknown), "{seat:?}");
            assert_eq!(not_administrator("111122223333", &seat, &told), None, "{seat:?}");
        }
        for seat in [Seat::Management, Seat::Administrator] {
            assert_eq!(not_administrator("111122223333", &seat, &untold), None, "{seat:?}");
        }
    }
}
