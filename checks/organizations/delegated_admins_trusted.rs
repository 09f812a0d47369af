//! Are the security services of the organization run from member accounts made for it, not from the management account, and does
//! the delegation policy let in nobody else?

use super::no_organization;
use crate::prelude::*;
use posture_estate::services::organizations::Delegates;
use posture_estate::services::organizations::State;
use posture_policy::{self as policy, Document, Zone};
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
    let (trusted, admins, accounts, delegation) = tokio::join!(
        at.organizations().trusted_services(),
        at.organizations().delegates(),
        at.organizations().organization_accounts(),
        at.organizations().delegation_policy()
    );
    let inside =
        accounts.map(|accounts| accounts.iter().map(|one| (one.id.clone(), one.state)).collect::<BTreeMap<_, _>>());
    let mut findings = vec![
        judge_policy(delegation.map(|text| (*text).clone()), &inside, &organization.management_account, at.partition())
            .sub("delegation-policy")
            .on(organization.resource()),
    ];
    let trusted = match trusted {
        Ok(trusted) => trusted,
        Err(gap) => {
            findings.push(Verdict::unseen(&gap).on(organization.resource()));
            return Ok(findings);
        }
    };
    let used = SERVICES.iter().filter(|(principal, _)| trusted.iter().any(|one| one == principal));
    findings.extend(used.map(|(principal, name)| {
        judge_service(principal, name, &admins, &inside, at.setting(TRUSTED_ACCOUNTS))
            .sub(*principal)
            .on(organization.resource())
    }));
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
        Ok(admins) => admins,
        Err(gap) => return Verdict::unseen(gap),
    };
    let mut reasons = Reasons::new();
    let mut of_it = Vec::new();
    for (account, services) in admins {
        match services {
            Ok(services) if services.iter().any(|one| one == principal) => of_it.push(account.as_str()),
            Ok(_) => {}
            Err(gap) => reasons.unseen(gap),
        }
    }
    if !of_it.is_empty() {
        reasons = Reasons::new();
    } else if reasons.is_empty() {
        reasons.broken("no_delegated_administrator", format!("no account is the delegated administrator of {name}, which works across the organization: it is run from the management account"));
    }
    for account in &of_it {
        if !trusted.is_empty() && !trusted.iter().any(|one| one == account) {
            reasons.broken(
                "administrator_not_trusted",
                format!("account {account} administers {name} and is not among the trusted accounts"),
            );
        }
        match accounts {
            Ok(accounts) => match accounts.get(*account) {
                Some(State::Active) => {}
                Some(_) => reasons.broken(
                    "administrator_not_active",
                    format!("account {account}, which administers {name}, is not active"),
                ),
                None => reasons
                    .doubt(format!("account {account}, which administers {name}, is not on the list of accounts")),
            },
            Err(gap) => reasons.unseen(gap),
        }
    }
    reasons
        .or_pass(|| format!("account {} administers {name} for the organization", of_it.join(", ")))
        .evidence(json!({ "service": principal, "administrators": of_it }))
}

/// The resource policy of the organization delegates the management of policies, to accounts that it names.
fn judge_policy(
    text: Result<Option<String>, Gap>,
    accounts: &Result<BTreeMap<String, State>, Gap>,
    management: &str,
    partition: &str,
) -> Verdict {
    let text = match text {
        Ok(Some(text)) => text,
        Ok(None) => return Verdict::not_applicable("the organization delegates the management of policies to nobody"),
        Err(gap) => return Verdict::unseen(&gap),
    };
    let accounts = match accounts {
        Ok(accounts) => accounts,
        Err(gap) => return Verdict::unseen(gap),
    };
    let undecided =
        |why: &str| format!("whom the delegation policy of the organization lets in cannot be decided: {why}");
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => return Verdict::undecided(undecided(&error.to_string())),
    };
    let (grants, doubts) = policy::external_and_doubts(&document, &Zone::of(management, partition));
    let mut reasons = Reasons::new();
    doubts.iter().for_each(|why| reasons.doubt(undecided(why)));
    let mut to = Vec::new();
    for grant in &grants {
        let account =
            posture_estate::arn::Arn::parse(&grant.principal).map_or(grant.principal.as_str(), |arn| arn.account);
        let (number, principal, actions) = (grant.statement, &grant.principal, grant.actions.join(", "));
        match accounts.get(account) {
            Some(State::Active) => to.push(account.to_owned()),
            Some(_) => reasons.broken("delegated_to_inactive", format!("statement {number} of the delegation policy gives {actions} to account {account}, which is not active")),
            None => reasons.broken("delegated_outside", format!("statement {number} of the delegation policy gives {actions} to {principal}, which names no account of the organization")),
        }
    }
    to.dedup();
    reasons
        .or_pass(|| {
            format!(
                "the delegation policy names accounts of the organization only: {}",
                if to.is_empty() { "none".into() } else { to.join(", ") }
            )
        })
        .evidence(json!({ "delegated_to": to }))
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

    fn delegation(principal: &str, condition: &str) -> Verdict {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"organizations:ListPolicies","Resource":"*"{condition}}}]}}"#
        );
        judge_policy(Ok(Some(text)), &accounts(State::Active), MANAGEMENT, "aws")
    }

    #[test]
    fn the_delegation_policy_names_accounts_of_the_organization() {
        assert_eq!(delegation("arn:aws:iam::444455556666:root", "").status, Status::Pass);
        assert_eq!(delegation("444455556666", "").status, Status::Pass);
        let stranger = delegation("777788889999", "");
        assert_eq!(stranger.status, Status::Fail);
        assert!(stranger.message.contains("777788889999"), "{}", stranger.message);
        assert_eq!(delegation("*", "").status, Status::Fail);
        assert_eq!(judge_policy(Ok(None), &accounts(State::Active), MANAGEMENT, "aws").status, Status::NotApplicable);
        assert_eq!(
            judge_policy(Ok(Some("{".into())), &accounts(State::Active), MANAGEMENT, "aws").status,
            Status::Unknown
        );
        assert_eq!(judge_policy(Err(gap()), &accounts(State::Active), MANAGEMENT, "aws").status, Status::Unknown);
    }
}
