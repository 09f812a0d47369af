//! What runs in the private subnets of a VPC, as far as network interfaces tell it. Everything here is pure.

use super::layers::{Layer, Layers};
use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceType, Subnet, Vpc};
use std::collections::{BTreeSet, HashMap};

/// What runs in a private subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workload {
    Instance,
    Task,
    Function,
}

impl Workload {
    /// The services that it calls, by the last words of the endpoint's service name.
    pub fn uses(self) -> &'static [&'static str] {
        match self {
            Workload::Instance => &["s3", "dynamodb", "ec2", "ssm", "ssmmessages"],
            Workload::Task => &["s3", "dynamodb", "ecr.api", "ecr.dkr", "logs"],
            Workload::Function => &["s3", "dynamodb"],
        }
    }

    pub fn of(interface: &NetworkInterface) -> Option<Workload> {
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

/// The workloads in the private subnets of a VPC.
#[derive(Debug, Default)]
pub struct Private {
    pub workloads: BTreeSet<Workload>,
    /// The ids of the route tables of their subnets.
    pub tables: BTreeSet<String>,
    /// There are workloads in subnets whose layer is not known.
    pub hidden: bool,
}

impl Private {
    /// Among all network interfaces of the region.
    pub fn of(vpc: &Vpc, all: &[NetworkInterface], subnets: &HashMap<&str, &Subnet>, layers: &Layers<'_>) -> Private {
        let mut private = Private::default();
        for interface in all.iter().filter(|n| n.vpc_id().is_some() && n.vpc_id() == vpc.vpc_id()) {
            let Some(workload) = Workload::of(interface) else { continue };
            let subnet = interface.subnet_id().and_then(|id| subnets.get(id));
            match subnet.and_then(|subnet| layers.layer(subnet)) {
                // What faces the internet, through an appliance or not, is no private workload.
                Some(Layer::Public | Layer::Inspected(_)) => {}
                Some(Layer::Private) => {
                    private.workloads.insert(workload);
                    let table = subnet.and_then(|subnet| layers.table(subnet)?.route_table_id());
                    private.tables.extend(table.map(str::to_owned));
                }
                None => private.hidden = true,
            }
        }
        private
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{NetworkInterfaceAttachment, Route, RouteTable, RouteTableAssociation};

    fn vpc() -> Vpc {
        Vpc::builder().vpc_id("vpc-1").build()
    }

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

    #[test]
    fn workloads_are_told_by_their_interfaces() {
        let task = interface("arn:aws-cn:ecs:cn-north-1:1:attachment/x", None, None);
        assert_eq!(Workload::of(&task), Some(Workload::Task));
        assert_eq!(Workload::of(&interface("", Some(NetworkInterfaceType::Lambda), None)), Some(Workload::Function));
        assert_eq!(Workload::of(&interface("", None, Some("i-1"))), Some(Workload::Instance));
        assert_eq!(Workload::of(&interface("ELB app/x", None, None)), None);
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
        assert!(Private::of(&vpc(), &all, &subnets, &Layers::new(&public)).workloads.is_empty());
        let nat = table(Route::builder().nat_gateway_id("nat-1").build());
        assert!(!Private::of(&vpc(), &all, &subnets, &Layers::new(&nat)).workloads.is_empty());
        let found = Private::of(&vpc(), &all, &subnets, &Layers::new(&[]));
        assert!(found.hidden);
    }
}
