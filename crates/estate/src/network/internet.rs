//! Where an instance meets the internet: its public addresses, interface by interface, the security groups that guard
//! each of them, and whether the interface's subnet has a route through an internet gateway. IPv4 and IPv6 are kept
//! apart: a public IPv4 address is not reached by a rule for `::/0`. Everything here is pure.

use aws_sdk_ec2::types::{Instance, InstanceNetworkInterface, Route, RouteState, RouteTable, SecurityGroup};

use super::layers::Layers;
use super::reach::{Lists, Reach};

/// One side of an instance that faces the internet: an interface with a public address, in one address family.
#[derive(Debug, PartialEq, Eq)]
pub struct Face<'a> {
    pub v6: bool,
    /// The addresses, as AWS writes them.
    pub addresses: Vec<&'a str>,
    pub subnet: Option<&'a str>,
    pub vpc: Option<&'a str>,
    /// The ids of the security groups.
    pub groups: Vec<&'a str>,
}

impl Face<'_> {
    /// Whether this security group is on the interface.
    pub fn is_guarded_by(&self, group: &SecurityGroup) -> bool {
        group.group_id().is_some_and(|id| self.groups.contains(&id))
    }

    /// Whether its subnet has a route through an internet gateway; `None` when its route table is not visible.
    pub fn is_routed(&self, layers: &Layers<'_>) -> Option<bool> {
        let table = self.subnet.zip(self.vpc).and_then(|(subnet, vpc)| layers.table_of(subnet, vpc))?;
        Some(internet_route(table, self.v6).is_some())
    }
}

/// The faces of an instance; empty when it has no public address.
pub fn faces(instance: &Instance) -> Vec<Face<'_>> {
    let mut faces: Vec<Face<'_>> = instance.network_interfaces().iter().flat_map(faces_of_interface).collect();
    // The instance names the address of its first interface too; whichever of the two places has it counts.
    if let Some(address) = instance.public_ip_address().filter(|address| !address.is_empty())
        && !faces.iter().any(|face| face.addresses.contains(&address))
    {
        faces.push(Face {
            v6: false,
            addresses: vec![address],
            subnet: instance.subnet_id(),
            vpc: instance.vpc_id(),
            groups: instance.security_groups().iter().filter_map(|group| group.group_id()).collect(),
        });
    }
    faces
}

/// The public IPv4 addresses of an instance.
pub fn public_ipv4(instance: &Instance) -> Vec<&str> {
    faces(instance).into_iter().filter(|face| !face.v6).flat_map(|face| face.addresses).collect()
}

fn faces_of_interface(interface: &InstanceNetworkInterface) -> Vec<Face<'_>> {
    let first = interface.association().and_then(|association| association.public_ip());
    let each = interface.private_ip_addresses().iter();
    let mut v4: Vec<&str> = each.filter_map(|ip| ip.association()?.public_ip()).chain(first).collect();
    v4.retain(|address| !address.is_empty());
    v4.sort_unstable();
    v4.dedup();
    let addresses = interface.ipv6_addresses().iter().filter_map(|ip| ip.ipv6_address());
    let prefixes = interface.ipv6_prefixes().iter().filter_map(|prefix| prefix.ipv6_prefix());
    let v6: Vec<&str> = addresses.chain(prefixes).filter(|address| !is_local(address)).collect();
    let face = |v6, addresses: Vec<_>| Face {
        v6,
        addresses,
        subnet: interface.subnet_id(),
        vpc: interface.vpc_id(),
        groups: interface.groups().iter().filter_map(|group| group.group_id()).collect(),
    };
    [face(false, v4), face(true, v6)].into_iter().filter(|face| !face.addresses.is_empty()).collect()
}

/// Unique local (`fc00::/7`) and link-local (`fe80::/10`) addresses are not routed on the internet.
fn is_local(v6: &str) -> bool {
    let address = v6.split_once('/').map_or(v6, |(address, _)| address);
    address.parse::<std::net::Ipv6Addr>().is_ok_and(|ip| ip.is_unique_local() || ip.is_unicast_link_local())
}

/// The first working route of a table through an internet gateway for this address family. A route to a prefix list
/// counts for both families. Egress-only gateways let nobody in and do not count.
pub fn internet_route(table: &RouteTable, v6: bool) -> Option<&Route> {
    table.routes().iter().find(|route| {
        let family = match v6 {
            true => route.destination_ipv6_cidr_block().is_some(),
            false => route.destination_cidr_block().is_some(),
        };
        let gateway = route.gateway_id().is_some_and(|id| id.starts_with("igw-"));
        gateway
            && route.state() != Some(&RouteState::Blackhole)
            && (family || route.destination_prefix_list_id().is_some())
    })
}

/// What these groups open to one address family of the internet.
pub fn inbound(groups: &[&SecurityGroup], lists: &Lists, v6: bool) -> Reach {
    let groups: Vec<SecurityGroup> = groups.iter().map(|group| of_family(group, v6)).collect();
    let mut lists = lists.clone();
    for nets in lists.values_mut().flatten() {
        nets.retain(|net| net.addr().is_ipv6() == v6);
    }
    Reach::inbound(&groups, &lists)
}

fn of_family(group: &SecurityGroup, v6: bool) -> SecurityGroup {
    let mut group = group.clone();
    for permission in group.ip_permissions.iter_mut().flatten() {
        match v6 {
            true => permission.ip_ranges = None,
            false => permission.ipv6_ranges = None,
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::reach::Protocol;
    use aws_sdk_ec2::types::{
        InstanceIpv6Address, InstanceNetworkInterfaceAssociation, IpPermission, IpRange, Ipv6Range,
    };

    fn interface(v4: Option<&str>, v6: &[&str]) -> InstanceNetworkInterface {
        let association = v4.map(|ip| InstanceNetworkInterfaceAssociation::builder().public_ip(ip).build());
        let v6 = v6.iter().map(|ip| InstanceIpv6Address::builder().ipv6_address(*ip).build()).collect();
        InstanceNetworkInterface::builder()
            .set_association(association)
            .set_ipv6_addresses(Some(v6))
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .build()
    }

    #[test]
    fn every_interface_and_family_counts() {
        let instance = Instance::builder()
            .network_interfaces(interface(None, &["fd00::1"]))
            .network_interfaces(interface(Some("198.51.100.7"), &["2600:1f18::1"]))
            .build();
        let seen: Vec<(bool, Vec<&str>)> = faces(&instance).into_iter().map(|face| (face.v6, face.addresses)).collect();
        assert_eq!(seen, [(false, vec!["198.51.100.7"]), (true, vec!["2600:1f18::1"])]);
        assert_eq!(public_ipv4(&instance), ["198.51.100.7"]);
        assert!(faces(&Instance::builder().network_interfaces(interface(None, &[])).build()).is_empty());
    }

    #[test]
    fn the_address_of_the_instance_counts_without_an_interface() {
        let instance = Instance::builder().public_ip_address("198.51.100.7").subnet_id("subnet-1").build();
        assert_eq!(public_ipv4(&instance), ["198.51.100.7"]);
        let once = Instance::builder()
            .public_ip_address("198.51.100.7")
            .network_interfaces(interface(Some("198.51.100.7"), &[]))
            .build();
        assert_eq!(faces(&once).len(), 1);
    }

    fn table(route: Route) -> RouteTable {
        RouteTable::builder().routes(route).build()
    }

    #[test]
    fn a_route_counts_for_its_own_family_and_only_while_it_works() {
        let v6 = Route::builder().destination_ipv6_cidr_block("::/0").gateway_id("igw-1").build();
        assert!(internet_route(&table(v6.clone()), true).is_some());
        assert!(internet_route(&table(v6), false).is_none());
        let outward =
            Route::builder().destination_ipv6_cidr_block("::/0").egress_only_internet_gateway_id("eigw-1").build();
        assert!(internet_route(&table(outward), true).is_none());
        let dead = Route::builder()
            .destination_cidr_block("0.0.0.0/0")
            .gateway_id("igw-1")
            .state(RouteState::Blackhole)
            .build();
        assert!(internet_route(&table(dead), false).is_none());
    }

    #[test]
    fn a_rule_for_one_family_does_not_open_the_other() {
        let permission = |v4: bool| {
            let rule = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
            match v4 {
                true => rule.ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build()).build(),
                false => rule.ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build()).build(),
            }
        };
        let v4 = SecurityGroup::builder().ip_permissions(permission(true)).build();
        let v6 = SecurityGroup::builder().ip_permissions(permission(false)).build();
        let open = |group, family| inbound(&[group], &Lists::new(), family).reaches(Protocol::Tcp, 22);
        assert!(open(&v4, false) && open(&v6, true));
        assert!(!open(&v4, true) && !open(&v6, false));
    }
}
