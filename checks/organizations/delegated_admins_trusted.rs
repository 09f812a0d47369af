//! Are the security services of the organization run from member accounts made for it, not from the management account, and does
//! the delegation policy let in nobody else?

use super::delegation::judge_policy;
use super::no_organization;
use crate::prelude::*;
use posture_estate::services::organizations::{Delegates, State, administrators_of};
use std::collections::BTreeMap;

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

/// Accounts that may administer them; none means any.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(delegated_admins_trusted.trusted_accounts);

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.as_ref() else { return Ok(vec![no_organization(at)]) };
    let (trusted, admins, inside, delegation) = tokio::join!(
        at.organizations().trusted_services(),
        at.organizations().delegates(),
        at.organizations().account_states(),
        at.organizations().delegation_policy()
    );
    let text = delegation.map(|text| (*text).clone());
    let policy = judge_policy(text, &inside, &organization.management_account, at.partition());
    let mut findings = vec![policy.sub("delegation-policy").on(organization.resource())];
    let service = |(principal, name): &(&str, &str)| {
        let verdict = judge_service(principal, name, &admins, &inside, at.setting(TRUSTED_ACCOUNTS));
        verdict.sub(*principal).on(organization.resource())
    };
    match trusted {
        Ok(trusted) => {
            let used = |(principal, _): &&(&str, &str)| trusted.iter().any(|one| one == principal);
            findings.extend(SERVICES.iter().filter(used).map(service));
        }
        Err(gap) => findings.push(Verdict::unseen(&gap).on(organization.resource())),
    }
    Ok(findings)
}

fn judge_service(
    principal: &str,
    name: &str,
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
    if of_it.is_empty() && reasons.is_empty() {
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
        judge_service("guardduty.amazonaws.com", "GuardDuty", &admins, &accounts(state), trusted).status
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
}
