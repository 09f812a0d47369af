//! Where an instance meets the internet: its public addresses, interface by interface, the security groups that guard
//! each of them, and the way that the interface's subnet has to it. IPv4 and IPv6 are kept apart: a public IPv4 address is
//! not reached by a rule for `::/0`. Everything here is pure.

use aws_sdk_ec2::types::{Instance, InstanceNetworkInterface, RouteTable, SecurityGroup};
use aws_sdk_ec2::types::{IpRange, Ipv6Range};
use ipnet::IpNet;

use super::addresses::Addresses;
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
    /// Its addresses inside the VPC, where routes of the internet gateway lead to it: private for IPv4, the same for IPv6.
    pub inside: Vec<&'a str>,
}

impl Face<'_> {
    /// Whether this security group is on the interface.
    pub fn is_guarded_by(&self, group: &SecurityGroup) -> bool {
        group.group_id().is_some_and(|id| self.groups.contains(&id))
    }

    /// The route table of its subnet; `None` when it is not visible.
    pub fn table<'a>(&self, layers: &Layers<'a>) -> Option<&'a RouteTable> {
        let (subnet, vpc) = self.subnet.zip(self.vpc)?;
        layers.table_of(subnet, vpc)
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
            inside: instance.private_ip_address().into_iter().collect(),
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
    let private = interface.private_ip_addresses().iter().filter_map(|ip| ip.private_ip_address());
    let private: Vec<&str> = private.chain(interface.private_ip_address()).collect();
    let face = |v6, addresses: Vec<_>, inside: Vec<_>| Face {
        v6,
        addresses,
        inside,
        subnet: interface.subnet_id(),
        vpc: interface.vpc_id(),
        groups: interface.groups().iter().filter_map(|group| group.group_id()).collect(),
    };
    [face(false, v4, private), face(true, v6.clone(), v6)]
        .into_iter()
        .filter(|face| !face.addresses.is_empty())
        .collect()
}

/// Unique local (`fc00::/7`) and link-local (`fe80::/10`) addresses are not routed on the internet.
fn is_local(v6: &str) -> bool {
    let address = v6.split_once('/').map_or(v6, |(address, _)| address);
    address.parse::<std::net::Ipv6Addr>().is_ok_and(|ip| ip.is_unique_local() || ip.is_unicast_link_local())
}

/// What these groups open to one address family of the internet.
pub fn inbound(groups: &[&SecurityGroup], lists: &Lists, v6: bool) -> Reach {
    inbound_from(groups, lists, v6, Addresses::public(v6))
}

/// As [`inbound`], for those hosts of the internet alone that have these addresses: with others no connection comes about,
/// because answers to them have no way back.
pub fn inbound_from(groups: &[&SecurityGroup], lists: &Lists, v6: bool, from: &Addresses) -> Reach {
    let from = Some(from).filter(|from| !from.holds(Addresses::public(v6)));
    let groups: Vec<SecurityGroup> = groups.iter().map(|group| cut(of_family(group, v6), from)).collect();
    let mut lists = lists.clone();
    for nets in lists.values_mut().flatten() {
        nets.retain(|net| net.addr().is_ipv6() == v6);
        if let Some(from) = from {
            *nets = nets.iter().flat_map(|net| within(net, from)).collect();
        }
    }
    Reach::inbound(&groups, &lists)
}

fn within(net: &IpNet, from: &Addresses) -> Vec<IpNet> {
    let (v6, addresses) = Addresses::of(*net);
    addresses.within(from).blocks(v6)
}

/// The group with its ranges cut to `from`; what cannot be read stays as it is.
fn cut(mut group: SecurityGroup, from: Option<&Addresses>) -> SecurityGroup {
    let Some(from) = from else { return group };
    let parts = |text: Option<&str>| text.and_then(|text| text.parse::<IpNet>().ok()).map(|net| within(&net, from));
    for permission in group.ip_permissions.iter_mut().flatten() {
        let v4 = permission.ip_ranges().iter().flat_map(|range| match parts(range.cidr_ip()) {
            Some(nets) => nets.iter().map(|net| IpRange::builder().cidr_ip(net.to_string()).build()).collect(),
            None => vec![range.clone()],
        });
        let v4 = v4.collect();
        let v6 = permission.ipv6_ranges().iter().flat_map(|range| match parts(range.cidr_ipv6()) {
            Some(nets) => nets.iter().map(|net| Ipv6Range::builder().cidr_ipv6(net.to_string()).build()).collect(),
            None => vec![range.clone()],
        });
        permission.ipv6_ranges = Some(v6.collect());
        permission.ip_ranges = Some(v4);
    }
    group
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

    #[test]
    fn groups_are_cut_to_the_hosts_that_can_be_answered() {
        let range = |cidr: &str| IpRange::builder().cidr_ip(cidr).build();
        let group = |cidr: &str| {
            let rule = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).ip_ranges(range(cidr));
            SecurityGroup::builder().ip_permissions(rule.build()).build()
        };
        let of = |text: &str| Addresses::of(text.parse().unwrap()).1;
        let open = |source: &str, routed: &str| {
            let reach = inbound_from(&[&group(source)], &Lists::new(), false, &of(routed));
            reach.open().first().map(|opening| opening.from.clone())
        };
        assert_eq!(open("0.0.0.0/0", "0.0.0.0/0").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(open("0.0.0.0/0", "0.0.0.0/1").as_deref(), Some("0.0.0.0/1"));
        assert_eq!(open("0.0.0.0/0", "198.41.0.0/24"), None);
        assert_eq!(open("128.0.0.0/1", "0.0.0.0/1"), None);
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
