//! Who administers Security Hub of the organization, as the management account sees it Region by Region.

use crate::prelude::*;
use posture_estate::services::securityhub::SecurityHubAdmin;
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
