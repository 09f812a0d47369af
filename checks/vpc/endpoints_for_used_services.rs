//! What runs in private subnets reaches AWS over VPC endpoints instead of a NAT gateway. Which services a workload
//! uses is read from its kind, as far as network interfaces tell it: every one S3 and DynamoDB, instances EC2 and
//! Systems Manager, ECS tasks ECR and CloudWatch Logs.

use crate::prelude::*;
use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceType, State, Subnet, Vpc, VpcEndpoint};
use posture_estate::network::layers::Layers;
use posture_estate::services::ec2::vpc::endpoint_is;
use std::collections::{BTreeSet, HashMap};

/// What runs in a private subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Workload {
    Instance,
    Task,
    Function,
}

impl Workload {
    /// The services that it calls, by the last words of the endpoint's service name.
    fn uses(self) -> &'static [&'static str] {
        match self {
            Workload::Instance => &["s3", "dynamodb", "ec2", "ssm", "ssmmessages"],
            Workload::Task => &["s3", "dynamodb", "ecr.api", "ecr.dkr", "logs"],
            Workload::Function => &["s3", "dynamodb"],
        }
    }

    fn of(interface: &NetworkInterface) -> Option<Workload> {
        // arn:aws:ecs:eu-west-1:111122223333:attachment/…, in every partition
        let mut parts = interface.description().unwrap_or_default().split(':');
        if parts.next() == Some("arn") && parts.nth(1) == Some("ecs") {
            Some(Workload::Task)
        } else if interface.interface_type() == Some(&NetworkInterfaceType::Lambda) {
            Some(Workload::Function)
        } else {
            interface.attachment()?.instance_id().map(|_| Workload::Instance)
        }
    }
}

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
        .map(|vpc| (vpc, private(vpc, &interfaces, &subnets, &layers)))
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

/// The workloads in the private subnets of a VPC.
#[derive(Debug, Default)]
struct Private {
    workloads: BTreeSet<Workload>,
    /// There are workloads in subnets whose layer is not known.
    hidden: bool,
}

fn private(vpc: &Vpc, all: &[NetworkInterface], subnets: &HashMap<&str, &Subnet>, layers: &Layers) -> Private {
    let mut private = Private::default();
    for interface in all.iter().filter(|n| n.vpc_id().is_some() && n.vpc_id() == vpc.vpc_id()) {
        let Some(workload) = Workload::of(interface) else { continue };
        let subnet = interface.subnet_id().and_then(|id| subnets.get(id));
        match subnet.and_then(|subnet| layers.is_public(subnet)) {
            Some(true) => {}
            Some(false) => {
                private.workloads.insert(workload);
            }
            None => private.hidden = true,
        }
    }
    private
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
    use aws_sdk_ec2::types::{NetworkInterfaceAttachment, Route, RouteTable, RouteTableAssociation};

    fn interface(description: &str, kind: Option<NetworkInterfaceType>, instance: Option<&str>) -> NetworkInterface {
        let attachment = NetworkInterfaceAttachment::builder().set_instance_id(instance.map(str::to_owned)).build();
        NetworkInterface::builder()
            .vpc_id("vpc-1")
            .subnet_id("subnet-1")
            .description(description)
            .set_interface_type(kind)
            .attachment(attachment)
            .build()
    }

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
    fn workloads_are_told_by_their_interfaces() {
        let task = interface("arn:aws-cn:ecs:cn-north-1:1:attachment/x", None, None);
        assert_eq!(Workload::of(&task), Some(Workload::Task));
        assert_eq!(Workload::of(&interface("", Some(NetworkInterfaceType::Lambda), None)), Some(Workload::Function));
        assert_eq!(Workload::of(&interface("", None, Some("i-1"))), Some(Workload::Instance));
        assert_eq!(Workload::of(&interface("ELB app/x", None, None)), None);
    }

    #[test]
    fn each_kind_needs_its_services() {
        assert_eq!(status(&[Workload::Function], &["s3", "dynamodb"]), Status::Pass);
        assert_eq!(status(&[Workload::Function], &["s3"]), Status::Fail);
        assert_eq!(status(&[Workload::Instance], &["s3", "dynamodb"]), Status::Fail);
        assert_eq!(status(&[Workload::Instance], &["s3", "dynamodb", "ec2", "ssm", "ssmmessages"]), Status::Pass);
        assert_eq!(status(&[Workload::Task], &["s3", "dynamodb", "ecr.api", "ecr.dkr", "logs"]), Status::Pass);
        assert_eq!(status(&[], &[]), Status::NotApplicable);
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

    #[test]
    fn only_private_subnets_count() {
        let subnet = Subnet::builder().subnet_id("subnet-1").vpc_id("vpc-1").build();
        let subnets = HashMap::from([("subnet-1", &subnet)]);
        let table = |route: Route| {
            let main = RouteTableAssociation::builder().main(true).build();
            vec![RouteTable::builder().vpc_id("vpc-1").associations(main).routes(route).build()]
        };
        let all = [interface("", None, Some("i-1"))];
        let public = table(Route::builder().gateway_id("igw-1").build());
        assert!(private(&vpc(), &all, &subnets, &Layers::new(&public)).workloads.is_empty());
        let nat = table(Route::builder().nat_gateway_id("nat-1").build());
        assert!(!private(&vpc(), &all, &subnets, &Layers::new(&nat)).workloads.is_empty());
        let found = private(&vpc(), &all, &subnets, &Layers::new(&[]));
        assert!(found.hidden);
        assert_eq!(judge(&vpc(), &found, &[], "eu-west-1").status, Status::Unknown);
    }
}
