//! A VPC endpoint is a way out of the network that a firewall does not see: its policy says whose principals may use
//! it and whose resources they may reach. The default admits everyone to everything, stolen data included. And an
//! endpoint service that this account offers names who may connect.

use crate::prelude::*;
use aws_sdk_ec2::types::{AllowedPrincipal, PrincipalType, ServiceConfiguration, State, VpcEndpoint};
use posture_estate::services::ec2::of_each;
use posture_estate::services::ec2::vpc::{endpoint_is, takes_policy};
use posture_policy::{Document, Grant, Grantee, Zone, external_and_doubts, names_owners, without_ties};

pub async fn probe(at: &Region) -> Outcome {
    let (endpoints, services) = join!(at.ec2().vpc_endpoints(), at.ec2().vpc_endpoint_services());
    let zone = Zone::of(at.account_id(), at.partition());
    let mut findings = of_each(at, "endpoints", endpoints, |e| {
        (at.ec2().owns(e.owner_id()) && !gone(e)).then(|| judge_endpoint(e, &zone).on(at.ec2().vpc_endpoint(e)))
    });
    match &services {
        Err(gap) => findings.push(Verdict::unseen(gap).sub("endpoint-services").on(at.resource())),
        Ok(all) => {
            let judged = each(all.iter(), |service| async move {
                let allowed = at.ec2().vpc_endpoint_service_permissions(service.service_id().unwrap_or_default()).await;
                let verdict = allowed.map(|principals| judge_service(service, &principals));
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

fn judge_endpoint(endpoint: &VpcEndpoint, zone: &Zone) -> Verdict {
    let service = endpoint.service_name().unwrap_or("an unnamed service");
    let name = format!("vpc endpoint {} for {service}", endpoint.vpc_endpoint_id().unwrap_or("?"));
    if endpoint.requester_managed() == Some(true) {
        return Verdict::not_applicable(format!("{name} is managed by the service that made it"));
    }
    if !takes_policy(endpoint) {
        return Verdict::not_applicable(format!("{name} is of a kind that takes no policy"));
    }
    let Some(text) = endpoint.policy_document() else {
        return Verdict::undecided(format!("{name} was returned without its policy"));
    };
    let document = match Document::parse(text) {
        Ok(document) => without_ties(&document),
        Err(why) => return Verdict::undecided(format!("the policy of {name} cannot be read: {why}")),
    };
    let (grants, doubts) = external_and_doubts(&document, zone);
    let mut reasons = Reasons::new();
    for why in doubts {
        reasons.doubt(format!("the policy of {name} cannot be decided: {why}"));
    }
    let open = |g: &&Grant| !g.fixes_resources() && !names_owners(&document, g.statement);
    for grant in grants.iter().filter(|g| g.kind == Grantee::Everyone).filter(open) {
        let what = match grant.actions.as_slice() {
            [one] => one.clone(),
            more => format!("{} actions", more.len()),
        };
        reasons.broken(
            "policy_open",
            format!(
                "statement {} of the policy of {name} lets every principal use {what} on resources of any account",
                grant.statement
            ),
        );
    }
    let named: Vec<&str> =
        grants.iter().filter(|g| g.kind != Grantee::Everyone).map(|g| g.principal.as_str()).collect();
    reasons
        .or_pass(|| format!("the policy of {name} ties requests to known principals or resources"))
        .evidence(json!({ "other_principals": named }))
}

fn judge_service(service: &ServiceConfiguration, principals: &[AllowedPrincipal]) -> Verdict {
    let name = format!("endpoint service {}", service.service_id().unwrap_or("?"));
    let all = |p: &AllowedPrincipal| p.principal() == Some("*") || p.principal_type() == Some(&PrincipalType::All);
    let named: Vec<&str> = principals.iter().filter_map(|p| p.principal()).collect();
    let evidence = json!({ "principals": named, "acceptance_required": service.acceptance_required() });
    let verdict = if principals.iter().any(all) {
        let by_itself = service.acceptance_required() == Some(false);
        let accepted = if by_itself { " and accepts the connection by itself" } else { "" };
        Verdict::fail("service_open", format!("{name} lets every principal connect{accepted}"))
    } else if principals.iter().any(|p| p.principal().is_none()) {
        Verdict::undecided(format!("{name} has a permission without a principal"))
    } else {
        Verdict::pass(format!("{name} lets {} named principals connect", named.len()))
    };
    verdict.evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VpcEndpointType;

    fn endpoint(policy: &str) -> VpcEndpoint {
        VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-1")
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .service_name("com.amazonaws.eu-west-1.s3")
            .policy_document(policy)
            .build()
    }

    fn judged(endpoint: &VpcEndpoint) -> Verdict {
        judge_endpoint(endpoint, &Zone::of("111122223333", "aws"))
    }

    fn status(principal: &str, resource: &str, condition: &str) -> Status {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":{resource},"Condition":{condition}}}"#
        );
        judged(&endpoint(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#))).status
    }

    #[test]
    fn everyone_to_everything() {
        let default = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        assert_eq!(judged(&endpoint(default)).status, Status::Fail);
        assert_eq!(status(r#""*""#, r#""*""#, "{}"), Status::Fail);
        assert_eq!(status(r#""*""#, r#""arn:aws:s3:::*""#, "{}"), Status::Fail);
        let itself = r#"{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, itself), Status::Fail, "anyone's principals reach their own resources");
        let wild = r#"{"StringLike":{"aws:ResourceAccount":"*"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, wild), Status::Fail);
    }

    #[test]
    fn a_tie_between_caller_and_resource_takes_nothing_from_a_real_limit() {
        let both =
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567","aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, both), Status::Pass);
        let deny = |value: &str| {
            judged(&endpoint(&format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
                "Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"{value}"}}}}}}]}}"#
            )))
            .status
        };
        assert_eq!(deny("o-abc1234567"), Status::Pass);
        assert_eq!(deny("${aws:ResourceOrgID}"), Status::Fail);
    }

    #[test]
    fn principals_of_the_organization() {
        let org = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, org), Status::Pass);
        let account = r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, account), Status::Pass);
        assert_eq!(status(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, r#""*""#, "{}"), Status::Pass);
    }

    #[test]
    fn resources_of_the_organization() {
        let org = r#"{"StringEquals":{"aws:ResourceOrgID":"o-abc1234567"}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, org), Status::Pass);
        let account = r#"{"StringEquals":{"s3:ResourceAccount":["111122223333","444455556666"]}}"#;
        assert_eq!(status(r#""*""#, r#""*""#, account), Status::Pass);
        assert_eq!(status(r#""*""#, r#"["arn:aws:s3:::own","arn:aws:s3:::own/*"]"#, "{}"), Status::Pass);
        assert_eq!(status(r#""*""#, r#"["arn:aws:s3:::own","*"]"#, "{}"), Status::Fail);
        assert_eq!(status(r#""*""#, r#""arn:aws:sqs:*:111122223333:*""#, "{}"), Status::Pass);
    }

    #[test]
    fn what_is_gone_is_left_out() {
        let endpoint = |state: &str| VpcEndpoint::builder().state(State::from(state)).build();
        assert!(gone(&endpoint("deleting")) && gone(&endpoint("Deleted")));
        assert!(!gone(&endpoint("available")) && !gone(&VpcEndpoint::builder().build()));
    }

    #[test]
    fn endpoints_without_a_policy_of_their_owner() {
        let managed = VpcEndpoint::builder().requester_managed(true).build();
        assert_eq!(judged(&managed).status, Status::NotApplicable);
        let appliance = VpcEndpoint::builder().vpc_endpoint_type(VpcEndpointType::GatewayLoadBalancer).build();
        assert_eq!(judged(&appliance).status, Status::NotApplicable);
        let silent = VpcEndpoint::builder().vpc_endpoint_type(VpcEndpointType::Interface).build();
        assert_eq!(judged(&silent).status, Status::Unknown);
        assert_eq!(judged(&endpoint("{")).status, Status::Unknown);
    }

    #[test]
    fn endpoint_services_name_their_principals() {
        let service = ServiceConfiguration::builder().service_id("vpce-svc-1").acceptance_required(false).build();
        let principal = |text: &str| AllowedPrincipal::builder().principal(text).build();
        let everyone = judge_service(&service, &[principal("arn:aws:iam::111122223333:root"), principal("*")]);
        assert_eq!(everyone.status, Status::Fail);
        let named = judge_service(&service, &[principal("arn:aws:iam::111122223333:root")]);
        assert_eq!(named.status, Status::Pass);
        assert_eq!(judge_service(&service, &[]).status, Status::Pass);
        assert_eq!(judge_service(&service, &[AllowedPrincipal::builder().build()]).status, Status::Unknown);
    }
}
