//! A VPC endpoint is a way out of the network that a firewall does not see: its policy says whose principals may use
//! it and whose resources they may reach. The default admits everyone to everything, stolen data included. And an
//! endpoint service that this account offers names who may connect.

use super::endpoint_policy::{Ours, judge_endpoint, may_take_none};
use crate::prelude::*;
use aws_sdk_ec2::types::{AllowedPrincipal, PrincipalType, ServiceConfiguration, State, VpcEndpoint};
use posture_estate::services::ec2::of_each;
use posture_estate::services::ec2::vpc::endpoint_is;
use posture_policy::Zone;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(endpoint_policies_restricted.trusted_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let (endpoints, services, buckets) =
        join!(at.ec2().vpc_endpoints(), at.ec2().vpc_endpoint_services(), at.account().s3().buckets());
    let ours = &Ours {
        zone: at.account().zone().trusting(at.setting(TRUSTED_ACCOUNTS)),
        region: at.name(),
        buckets: buckets.as_ref().map(|all| all.as_slice()),
    };
    let concerned = |e: &&VpcEndpoint| at.ec2().owns(e.owner_id()) && !gone(e);
    // Of a service that takes no policy the default is returned all the same, and nobody can change it: asked only where that decides.
    let decides = endpoints.iter().flat_map(|all| all.iter()).filter(concerned).any(|e| may_take_none(e, ours));
    let details = if decides { Some(at.ec2().vpc_endpoint_service_details().await) } else { None };
    let details = details.as_ref().map(|answer| answer.as_ref().map(|all| all.as_slice()));
    let mut findings = of_each(at, "endpoints", endpoints, |e| {
        concerned(&e).then(|| judge_endpoint(e, ours, details).on(at.ec2().vpc_endpoint(e)))
    });
    match &services {
        Err(gap) => findings.push(Verdict::unseen(gap).sub("endpoint-services").on(at.resource())),
        Ok(all) => {
            let judged = each(all.iter(), |service| async move {
                let allowed = at.ec2().vpc_endpoint_service_permissions(service.service_id().unwrap_or_default()).await;
                let verdict = allowed.map(|principals| judge_service(service, &principals, &ours.zone));
                verdict.unwrap_or_else(|gap| Verdict::unseen(&gap)).on(at.ec2().vpc_endpoint_service(service))
            });
            findings.extend(judged.await);
        }
    }
    Ok(findings)
}

fn gone(endpoint: &VpcEndpoint) -> bool {
    endpoint_is(endpoint, &[State::Deleted, State::Deleting, State::Rejected, State::Failed, State::Expired])
}

fn judge_service(service: &ServiceConfiguration, principals: &[AllowedPrincipal], zone: &Zone) -> Verdict {
    let name = format!("endpoint service {}", service.service_id().unwrap_or("?"));
    let all = |p: &AllowedPrincipal| p.principal() == Some("*") || p.principal_type() == Some(&PrincipalType::All);
    let named: Vec<&str> = principals.iter().filter_map(|p| p.principal()).collect();
    let evidence = json!({ "principals": named, "acceptance_required": service.acceptance_required() });
    // Which accounts are outside is known only where the organization is.
    let outsider = |principal: &&&str| {
        let account = posture_estate::arn::account_of(principal);
        zone.organization.is_some() && account.is_some_and(|account| !zone.has(account))
    };
    let verdict = if principals.iter().any(all) {
        let by_itself = service.acceptance_required() == Some(false);
        let accepted = if by_itself { " and accepts the connection by itself" } else { "" };
        Verdict::fail("service_open", format!("{name} lets every principal connect{accepted}"))
    } else if principals.iter().any(|p| p.principal().is_none()) {
        Verdict::undecided(format!("{name} has a permission without a principal"))
    } else if let Some(principal) = named.iter().find(outsider) {
        Verdict::fail("service_for_outsiders", format!("{name} lets {principal} of another owner connect"))
    } else {
        Verdict::pass(format!("{name} lets {} named principals connect", named.len()))
    };
    verdict.evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_left_out() {
        let endpoint = |state: &str| VpcEndpoint::builder().state(State::from(state)).build();
        assert!(gone(&endpoint("deleting")) && gone(&endpoint("Deleted")));
        assert!(!gone(&endpoint("available")) && !gone(&VpcEndpoint::builder().build()));
    }

    fn allowing(principals: &[&str], zone: &Zone) -> Status {
        let service = ServiceConfiguration::builder().service_id("vpce-svc-1").acceptance_required(false).build();
        let principals = principals.iter().map(|text| AllowedPrincipal::builder().principal(*text).build());
        judge_service(&service, &principals.collect::<Vec<_>>(), zone).status
    }

    #[test]
    fn endpoint_services_name_their_principals() {
        let zone = &Zone::of("111122223333", "aws");
        let own = "arn:aws:iam::111122223333:root";
        assert_eq!(allowing(&[own, "*"], zone), Status::Fail);
        assert_eq!(allowing(&[own], zone), Status::Pass);
        assert_eq!(allowing(&[], zone), Status::Pass);
        let service = ServiceConfiguration::builder().service_id("vpce-svc-1").build();
        let nameless = judge_service(&service, &[AllowedPrincipal::builder().build()], zone);
        assert_eq!(nameless.status, Status::Unknown);
    }

    #[test]
    fn where_the_organization_is_known_an_endpoint_service_is_for_its_accounts() {
        let alone = Zone::of("111122223333", "aws");
        let known = Zone {
            organization: Some("o-ours".into()),
            trusted_accounts: vec!["444455556666".into()],
            ..alone.clone()
        };
        let (own, member, other) = (
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::444455556666:root",
            "arn:aws:iam::999999999999:user/customer",
        );
        assert_eq!(allowing(&[own, member], &known), Status::Pass);
        assert_eq!(allowing(&[own, other], &known), Status::Fail);
        assert_eq!(allowing(&[other], &known.trusting(&["999999999999".into()])), Status::Pass);
        assert_eq!(allowing(&[other], &alone), Status::Pass, "named, as the catalogue asks");
    }
}
