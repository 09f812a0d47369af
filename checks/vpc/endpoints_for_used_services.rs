//! What runs in private subnets reaches AWS over VPC endpoints instead of a NAT gateway. Which services a workload
//! uses is read from its kind, as far as network interfaces tell it: every one S3 and DynamoDB, instances EC2 and
//! Systems Manager, ECS tasks ECR and CloudWatch Logs.

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
    let reachable = |service: &str| {
        endpoints.iter().any(|e| {
            e.vpc_id() == vpc.vpc_id()
                && endpoint_is(e, &[State::Available])
                && e.service_name().is_some_and(|s| s.ends_with(&format!(".{region}.{service}")))
        })
    };
    let missing: Vec<&str> = used.iter().copied().filter(|service| !reachable(service)).collect();
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
        let private = Private { workloads: workloads.iter().copied().collect(), hidden: false };
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
        let private = Private { workloads: BTreeSet::from([Workload::Function]), hidden: false };
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
}
