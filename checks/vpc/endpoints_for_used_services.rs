//! What runs in private subnets reaches AWS over VPC endpoints instead of a NAT gateway. Which services a workload
//! uses is read from its kind, as far as network interfaces tell it: every one S3 and DynamoDB, instances EC2 and
//! Systems Manager, ECS tasks ECR and CloudWatch Logs. An endpoint is no use by being there: routes of the workload's subnets
//! lead to a gateway endpoint, the service's own name to an interface endpoint.

use super::served::{Served, served};
use crate::prelude::*;
use aws_sdk_ec2::types::{State, Subnet, Vpc, VpcEndpoint};
use posture_estate::network::layers::Layers;
use posture_estate::network::workloads::Private;
use posture_estate::services::ec2::vpc::endpoint_is;
use std::collections::{BTreeSet, HashMap};

pub async fn probe(at: &Region) -> Outcome {
    let vpcs = at.ec2().vpcs().await?;
    let interfaces = at.ec2().network_interfaces().await?;
    let subnets = at.ec2().subnets().await?;
    let tables = at.ec2().route_tables().await?;
    let layers = Layers::new(&tables);
    let subnets: HashMap<&str, &Subnet> = subnets.iter().filter_map(|s| Some((s.subnet_id()?, s))).collect();
    let own: Vec<(&Vpc, Private)> = vpcs
        .iter()
        .filter(|vpc| at.ec2().owns(vpc.owner_id()))
        .map(|vpc| (vpc, Private::of(vpc, &interfaces, &subnets, &layers)))
        .collect();
    let endpoints = if own.iter().any(|(_, private)| !private.workloads.is_empty()) {
        Some(at.ec2().vpc_endpoints().await)
    } else {
        None
    };
    let judged = |(vpc, private): &(&Vpc, Private)| {
        let verdict = match &endpoints {
            Some(Err(gap)) if !private.workloads.is_empty() => Verdict::unseen(gap),
            Some(Ok(all)) => judge(vpc, private, all, at.name()),
            _ => judge(vpc, private, &[], at.name()),
        };
        verdict.on(at.ec2().vpc(vpc))
    };
    Ok(own.iter().map(judged).collect())
}

fn judge(vpc: &Vpc, private: &Private, endpoints: &[VpcEndpoint], region: &str) -> Verdict {
    let name = format!("vpc {}", vpc.vpc_id().unwrap_or("?"));
    let mut reasons = Reasons::new();
    if private.hidden {
        reasons.doubt(format!("{name} has workloads in subnets whose route table is not known"));
    } else if private.workloads.is_empty() {
        return Verdict::not_applicable(format!("{name} has no instance, task or function in a private subnet"));
    }
    let used: BTreeSet<&str> = private.workloads.iter().flat_map(|w| w.uses()).copied().collect();
    let own: Vec<&VpcEndpoint> =
        endpoints.iter().filter(|e| e.vpc_id() == vpc.vpc_id() && endpoint_is(e, &[State::Available])).collect();
    let mut missing = Vec::new();
    for service in used {
        match served(service, &own, private, region) {
            Served::Yes => {}
            Served::No => missing.push(service),
            Served::NotFrom(tables) => {
                let tables = tables.into_iter().collect::<Vec<_>>().join(", ");
                reasons.broken(
                    "endpoint_not_routed",
                    format!("{name} has a gateway endpoint for {service} to which {tables} of private workloads has no route"),
                );
            }
            Served::ByOtherNames(ids) => reasons.doubt(format!(
                "{name} serves {service} by {} without private dns: whether its workloads use the endpoint's own names does not show",
                ids.join(", ")
            )),
        }
    }
    if !missing.is_empty() {
        reasons.broken(
            "endpoint_missing",
            format!("{name} has workloads in private subnets and no endpoint for {}", missing.join(", ")),
        );
    }
    let kinds: Vec<String> = private.workloads.iter().map(|w| format!("{w:?}").to_lowercase()).collect();
    reasons
        .or_pass(|| format!("{name} has endpoints for what its private workloads use"))
        .evidence(json!({ "workloads": kinds, "missing": missing }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VpcEndpointType;
    use posture_estate::network::workloads::Workload;

    fn vpc() -> Vpc {
        Vpc::builder().vpc_id("vpc-1").build()
    }

    fn endpoints(services: &[&str]) -> Vec<VpcEndpoint> {
        let name = |s: &&str| format!("com.amazonaws.eu-west-1.{s}");
        let endpoint = |s| VpcEndpoint::builder().vpc_id("vpc-1").service_name(s).state(State::Available).build();
        services.iter().map(name).map(endpoint).collect()
    }

    fn status(workloads: &[Workload], services: &[&str]) -> Status {
        let private = Private { workloads: workloads.iter().copied().collect(), ..Private::default() };
        judge(&vpc(), &private, &endpoints(services), "eu-west-1").status
    }

    #[test]
    fn each_kind_needs_its_services() {
        assert_eq!(status(&[Workload::Function], &["s3", "dynamodb"]), Status::Pass);
        assert_eq!(status(&[Workload::Function], &["s3"]), Status::Fail);
        assert_eq!(status(&[Workload::Instance], &["s3", "dynamodb"]), Status::Fail);
        assert_eq!(status(&[Workload::Instance], &["s3", "dynamodb", "ec2", "ssm", "ssmmessages"]), Status::Pass);
        assert_eq!(status(&[Workload::Task], &["s3", "dynamodb", "ecr.api", "ecr.dkr", "logs"]), Status::Pass);
        assert_eq!(status(&[], &[]), Status::NotApplicable);
        let hidden = Private { hidden: true, ..Private::default() };
        assert_eq!(judge(&vpc(), &hidden, &[], "eu-west-1").status, Status::Unknown);
    }

    #[test]
    fn only_available_endpoints_of_the_vpc_and_service_count() {
        let private = Private { workloads: BTreeSet::from([Workload::Function]), ..Private::default() };
        let judged = |endpoints: &[VpcEndpoint]| judge(&vpc(), &private, endpoints, "eu-west-1").status;
        let mut all = endpoints(&["s3", "dynamodb"]);
        all[0].state = Some(State::from("available"));
        assert_eq!(judged(&all), Status::Pass, "as EC2 writes it");
        all[0].state = Some(State::Deleting);
        assert_eq!(judged(&all), Status::Fail);
        let mut all = endpoints(&["s3", "dynamodb"]);
        all[0].vpc_id = Some("vpc-2".into());
        assert_eq!(judged(&all), Status::Fail);
        assert_eq!(judged(&endpoints(&["s3-global.accesspoint", "s3express", "dynamodb"])), Status::Fail);
    }

    #[test]
    fn a_fips_endpoint_serves_where_aws_has_one() {
        let fips = ["s3", "dynamodb-fips", "ec2-fips", "ssm", "ssmmessages"];
        assert_eq!(status(&[Workload::Instance], &fips), Status::Pass);
        let others = ["s3", "dynamodb", "ec2", "ssm-fips", "ssmmessages"];
        assert_eq!(status(&[Workload::Instance], &others), Status::Fail, "there is no such service");
        let china = |s: &&str| {
            let endpoint = VpcEndpoint::builder().vpc_id("vpc-1").state(State::Available);
            endpoint.service_name(format!("cn.com.amazonaws.eu-west-1.{s}")).build()
        };
        let all: Vec<VpcEndpoint> = ["s3", "dynamodb", "ec2", "ssm", "ssmmessages"].iter().map(china).collect();
        let private = Private { workloads: BTreeSet::from([Workload::Instance]), ..Private::default() };
        assert_eq!(judge(&vpc(), &private, &all, "eu-west-1").status, Status::Pass);
    }

    #[test]
    fn a_gateway_endpoint_serves_the_subnets_whose_tables_lead_to_it() {
        let gateway = |tables: &[&str]| {
            let mut all = endpoints(&["s3", "dynamodb"]);
            for endpoint in &mut all {
                endpoint.vpc_endpoint_type = Some(VpcEndpointType::Gateway);
                endpoint.route_table_ids = Some(tables.iter().map(|id| (*id).to_owned()).collect());
            }
            all
        };
        let tables = BTreeSet::from(["rtb-1".to_owned(), "rtb-2".to_owned()]);
        let private = Private { workloads: BTreeSet::from([Workload::Function]), tables, hidden: false };
        let reasons = |all: &[VpcEndpoint]| judge(&vpc(), &private, all, "eu-west-1").reasons;
        assert!(reasons(&gateway(&["rtb-1", "rtb-2", "rtb-3"])).is_empty());
        assert_eq!(reasons(&gateway(&["rtb-1"])), ["endpoint_not_routed"]);
        assert_eq!(reasons(&gateway(&[])), ["endpoint_not_routed"]);
        let two = [gateway(&["rtb-1"]), gateway(&["rtb-2"])].concat();
        assert!(reasons(&two).is_empty(), "each from its own tables");
        let both = [gateway(&["rtb-1"]), endpoints(&["s3", "dynamodb"])].concat();
        assert!(reasons(&both).is_empty(), "an interface endpoint serves the whole vpc");
    }

    #[test]
    fn an_interface_endpoint_without_private_dns_may_be_used_or_not() {
        // semantics 132
        let private = Private { workloads: BTreeSet::from([Workload::Function]), ..Private::default() };
        let with = |dns: Option<bool>| {
            let mut all = endpoints(&["s3", "dynamodb"]);
            for endpoint in &mut all {
                endpoint.vpc_endpoint_type = Some(VpcEndpointType::Interface);
                endpoint.private_dns_enabled = dns;
            }
            judge(&vpc(), &private, &all, "eu-west-1").status
        };
        assert_eq!(with(Some(true)), Status::Pass);
        assert_eq!(with(Some(false)), Status::Unknown);
    }
}
