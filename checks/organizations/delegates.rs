//! The accounts that administer services for the organization, each held against the accounts that are trusted.

use crate::prelude::*;
use posture_estate::services::organizations::{Delegates, State, administrators_of};
use std::collections::{BTreeMap, BTreeSet};

/// Security services that can have a delegated administrator, by service principal.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html>
const SERVICES: &[(&str, &str)] = &[
    ("access-analyzer.amazonaws.com", "IAM Access Analyzer"),
    ("config.amazonaws.com", "AWS Config"),
    ("detective.amazonaws.com", "Detective"),
    ("fms.amazonaws.com", "Firewall Manager"),
    ("guardduty.amazonaws.com", "GuardDuty"),
    ("inspector2.amazonaws.com", "Inspector"),
    ("macie.amazonaws.com", "Macie"),
    ("securityhub.amazonaws.com", "Security Hub"),
    ("sso.amazonaws.com", "IAM Identity Center"),
];

/// The services to judge, by principal and name, and whether they must have an administrator: those of [`SERVICES`] that work across the
/// organization, and whatever is delegated besides.
pub(super) fn services<'a>(trusted: &'a [String], admins: &'a Result<Delegates, Gap>) -> Vec<(String, &'a str, bool)> {
    let in_use = |principal: &str| trusted.iter().any(|one| one == principal);
    let delegated: BTreeSet<&str> =
        admins.iter().flat_map(BTreeMap::values).flatten().flat_map(|all| all.iter()).map(String::as_str).collect();
    let known = SERVICES.iter().filter(|(principal, _)| in_use(principal) || delegated.contains(principal));
    let known = known.map(|(principal, name)| ((*principal).to_owned(), *name, in_use(principal)));
    let others = delegated.iter().filter(|one| !SERVICES.iter().any(|(principal, _)| principal == *one));
    known.chain(others.map(|principal| ((*principal).to_owned(), *principal, false))).collect()
}

/// What delegations there may be that do not show. An account that is not trusted is not, whatever it administers.
pub(super) fn unseen(admins: &Result<Delegates, Gap>, trusted: &[String]) -> Option<Verdict> {
    let mut reasons = Reasons::new();
    match admins {
        Err(gap) => reasons.unseen(gap),
        Ok(admins) => {
            for (account, services) in admins {
                let Err(gap) = services else { continue };
                reasons.unseen(gap);
                if !trusted.is_empty() && !trusted.contains(account) {
                    let why =
                        format!("account {account} is a delegated administrator and is not among the trusted accounts");
                    reasons.broken("administrator_not_trusted", why);
                }
            }
        }
    }
    (!reasons.is_empty()).then(|| reasons.open())
}

pub(super) fn judge_service(
    (principal, name, in_use): (&str, &str, bool),
    admins: &Result<Delegates, Gap>,
    accounts: &Result<BTreeMap<String, State>, Gap>,
    trusted: &[String],
) -> Verdict {
    let admins = match admins {
        Ok(admins) => administrators_of(admins, principal),
        Err(gap) => return Verdict::unseen(gap),
    };
    let mut reasons = Reasons::new();
    let of_it = admins.unwrap_or_else(|gaps| {
        gaps.into_iter().for_each(|gap| reasons.unseen(gap));
        Vec::new()
    });
    if of_it.is_empty() && reasons.is_empty() && in_use {
        reasons.broken("no_delegated_administrator", format!("no account is the delegated administrator of {name}, which works across the organization: it is run from the management account"));
    }
    for account in &of_it {
        if !trusted.is_empty() && !trusted.iter().any(|one| one == account) {
            reasons.broken(
                "administrator_not_trusted",
                format!("account {account} administers {name} and is not among the trusted accounts"),
            );
        }
        match accounts.as_ref().map(|all| all.get(*account)) {
            Ok(Some(State::Active)) => {}
            Ok(Some(_)) => reasons.broken(
                "administrator_not_active",
                format!("account {account}, which administers {name}, is not active"),
            ),
            Ok(None) => {
                reasons.doubt(format!("account {account}, which administers {name}, is not on the list of accounts"))
            }
            Err(gap) => reasons.unseen(gap),
        }
    }
    reasons
        .or_pass(|| format!("account {} administers {name} for the organization", of_it.join(", ")))
        .evidence(json!({ "service": principal, "administrators": of_it }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const MANAGEMENT: &str = "111122223333";
    const SECURITY: &str = "444455556666";

    fn accounts(state: State) -> Result<BTreeMap<String, State>, Gap> {
        Ok([(MANAGEMENT.to_owned(), State::Active), (SECURITY.to_owned(), state)].into())
    }

    fn gap() -> Gap {
        Gap::new(MANAGEMENT, "global", "organizations:ListDelegatedServicesForAccount", GapKind::Denied, "no")
    }

    fn service_of(services: Result<Arc<Vec<String>>, Gap>, state: State, trusted: &[String]) -> Status {
        let admins = Ok([(SECURITY.to_owned(), services)].into());
        judge_service(("guardduty.amazonaws.com", "GuardDuty", true), &admins, &accounts(state), trusted).status
    }

    fn service(services: Result<Arc<Vec<String>>, Gap>, state: State) -> Status {
        service_of(services, state, &[])
    }

    #[test]
    fn only_listed_accounts_may_administer() {
        let of = |trusted: &str| {
            let services = Ok(Arc::new(vec!["guardduty.amazonaws.com".to_owned()]));
            service_of(services, State::Active, &[trusted.to_owned()])
        };
        assert_eq!((of(SECURITY), of(MANAGEMENT)), (Status::Pass, Status::Fail));
    }

    #[test]
    fn a_service_in_use_has_an_active_administrator() {
        let of = |name: &str| Ok(Arc::new(vec![format!("{name}.amazonaws.com")]));
        assert_eq!(service(of("guardduty"), State::Active), Status::Pass);
        assert_eq!(service(of("guardduty"), State::Suspended), Status::Fail);
        assert_eq!(service(of("macie"), State::Active), Status::Fail);
        assert_eq!(service(Err(gap()), State::Active), Status::Unknown);
    }

    #[test]
    fn every_delegation_is_compared_whichever_service_it_is_of() {
        // semantics 97
        let of = |services: &[&str]| Ok(Arc::new(services.iter().map(|&one| one.to_owned()).collect::<Vec<_>>()));
        let principal = "config-multiaccountsetup.amazonaws.com";
        let admins: Result<Delegates, Gap> = Ok([(SECURITY.to_owned(), of(&[principal]))].into());
        assert_eq!(services(&[], &admins), [(principal.to_owned(), principal, false)]);
        let judged = |state: State, trusted: &[String]| {
            judge_service((principal, principal, false), &admins, &accounts(state), trusted).status
        };
        let stranger = ["777788889999".to_owned()];
        assert_eq!(judged(State::Active, &stranger), Status::Fail);
        assert_eq!(judged(State::Suspended, &[]), Status::Fail);
        assert_eq!(judged(State::Active, &[SECURITY.to_owned()]), Status::Pass);
        assert_eq!(judged(State::Active, &[]), Status::Pass);
        // One of the nine counts too where its trusted access is not on; without it and without a delegate it is not in use.
        let macie: Result<Delegates, Gap> = Ok([(SECURITY.to_owned(), of(&["macie.amazonaws.com"]))].into());
        assert_eq!(services(&[], &macie), [("macie.amazonaws.com".to_owned(), "Macie", false)]);
        assert_eq!(
            services(&["macie.amazonaws.com".to_owned()], &Err(gap())),
            [("macie.amazonaws.com".to_owned(), "Macie", true)]
        );
        assert_eq!(services(&["ram.amazonaws.com".to_owned()], &Ok(Delegates::new())), []);
    }

    #[test]
    fn delegations_that_do_not_show_are_unknown_and_their_account_is_compared() {
        let trusted = ["777788889999".to_owned()];
        let admins: Result<Delegates, Gap> = Ok([(SECURITY.to_owned(), Err(gap()))].into());
        let status =
            |admins: &Result<Delegates, Gap>, trusted: &[String]| unseen(admins, trusted).map(|verdict| verdict.status);
        assert_eq!(status(&admins, &trusted), Some(Status::Fail));
        assert_eq!(status(&admins, &[]), Some(Status::Unknown));
        assert_eq!(status(&Err(gap()), &trusted), Some(Status::Unknown));
        assert_eq!(status(&Ok(Delegates::new()), &trusted), None);
    }
}
