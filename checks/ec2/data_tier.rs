//! Which security groups are those of databases, caches and search domains, and how they add up on an interface. For
//! `sg_egress_restricted_on_data_tier`.

use aws_sdk_ec2::types::{NetworkInterface, SecurityGroup};
use posture_estate::network::reach::{Lists, Protocol, Reach};
use std::collections::BTreeSet;

/// What AWS writes as requester of the interface, beginning of its description, and what the service is to a reader.
const DATA_SERVICES: [(&str, &str, &str); 6] = [
    // Aurora, Neptune and DocumentDB come from the same control plane.
    ("amazon-rds", "RDSNetworkInterface", "an RDS, Neptune or DocumentDB database"),
    ("amazon-elasticache", "ElastiCache ", "an ElastiCache cache"),
    ("amazon-memorydb", "MemoryDB ", "a MemoryDB cluster"),
    ("amazon-redshift", "RedshiftNetworkInterface", "a Redshift warehouse"),
    ("amazon-elasticsearch", "ES ", "an OpenSearch domain"),
    ("amazon-dax", "DAX ", "a DynamoDB Accelerator cluster"),
];

pub(super) fn data_service(interface: &NetworkInterface) -> Option<&'static str> {
    let requester = interface.requester_id().unwrap_or_default();
    let description = interface.description().unwrap_or_default();
    DATA_SERVICES
        .iter()
        .find(|(by, text, _)| requester == *by || description.starts_with(text))
        .map(|(_, _, service)| *service)
}

pub(super) fn services_of<'a>(group: &SecurityGroup, data: &[(&NetworkInterface, &'a str)]) -> BTreeSet<&'a str> {
    data.iter()
        .filter(|(n, _)| n.groups().iter().any(|g| g.group_id().is_some() && g.group_id() == group.group_id()))
        .map(|(_, service)| *service)
        .collect()
}

/// The groups of each data interface that carries this one, among others: their rules add up there.
pub(super) fn sets_with<'a>(
    group: &SecurityGroup,
    groups: &'a [SecurityGroup],
    data: &[(&NetworkInterface, &str)],
) -> Vec<Vec<&'a SecurityGroup>> {
    let on = |n: &NetworkInterface, g: &SecurityGroup| {
        n.groups().iter().any(|one| one.group_id().is_some() && one.group_id() == g.group_id())
    };
    let sets = data.iter().filter(|(n, _)| on(n, group)).map(|(n, _)| groups.iter().filter(|g| on(n, g)).collect());
    sets.filter(|set: &Vec<_>| set.len() > 1).collect()
}

/// What only together with the other groups of an interface is every port, and would not be without this one.
pub(super) fn completes(group: &SecurityGroup, set: &[&SecurityGroup], lists: &Lists) -> Option<Protocol> {
    let others = set.iter().copied().filter(|g| g.group_id() != group.group_id());
    let protocol = Reach::outbound(set.iter().copied(), lists).every_port()?;
    Reach::outbound(others, lists).every_port().is_none().then_some(protocol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::GroupIdentifier;

    fn interface(requester: &str, description: &str) -> NetworkInterface {
        let group = GroupIdentifier::builder().group_id("sg-1").build();
        NetworkInterface::builder().requester_id(requester).description(description).groups(group).build()
    }

    #[test]
    fn services_are_known_by_their_interfaces() {
        assert!(data_service(&interface("amazon-rds", "")).is_some());
        assert!(data_service(&interface("", "RDSNetworkInterface")).is_some());
        assert!(data_service(&interface("123456789012", "ElastiCache cache-001")).is_some());
        assert!(data_service(&interface("amazon-elb", "ELB app/web/1")).is_none());
        assert!(data_service(&interface("", "ESXi host")).is_none());
        let data = interface("amazon-rds", "");
        let group = |id: &str| SecurityGroup::builder().group_id(id).build();
        assert_eq!(services_of(&group("sg-1"), &[(&data, "a")]).len(), 1);
        assert!(services_of(&group("sg-2"), &[(&data, "a")]).is_empty());
    }
}
