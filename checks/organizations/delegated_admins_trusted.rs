//! Are the security services of the organization run from member accounts made for it, not from the management account, and does
//! the delegation policy let in nobody else?

use super::delegates::{judge_service, services, unseen};
use super::delegation::judge_policy;
use super::no_organization;
use crate::prelude::*;
use posture_policy::Zone;

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
    let listed = at.setting(TRUSTED_ACCOUNTS);
    let zone = Zone {
        organization: Some(organization.id.clone()),
        now: Some(at.now().secs()),
        ..Zone::of(organization.management_account.as_str(), at.partition())
    };
    let policy = judge_policy(text, &inside, listed, &zone);
    let mut findings = vec![policy.sub("delegation-policy").on(organization.resource())];
    let (trusted, gap) = match &trusted {
        Ok(trusted) => (trusted.as_slice(), None),
        Err(gap) => (&[][..], Some(gap)),
    };
    let services = services(trusted, &admins);
    findings.extend(services.into_iter().map(|(principal, name, in_use)| {
        let verdict = judge_service((&principal, name, in_use), &admins, &inside, listed);
        verdict.sub(principal).on(organization.resource())
    }));
    findings.extend(gap.map(|gap| Verdict::unseen(gap).on(organization.resource())));
    findings.extend(unseen(&admins, listed).map(|verdict| verdict.sub("delegations").on(organization.resource())));
    Ok(findings)
}
