//! Databases, caches and search domains have no reason to call the internet. Which groups are theirs is read from the
//! network interfaces that the services make: they carry the service's mark in requester and description.

use crate::prelude::*;
use aws_sdk_ec2::types::{NetworkInterface, SecurityGroup};
use posture_estate::network::reach::{ALL_PORTS, Lists, Protocol, Reach};
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

pub async fn probe(at: &Region) -> Outcome {
    let interfaces = at.ec2().network_interfaces().await?;
    let data: Vec<(&NetworkInterface, &str)> = interfaces.iter().filter_map(|n| Some((n, data_service(n)?))).collect();
    if data.is_empty() {
        return Ok(Vec::new());
    }
    let groups = at.ec2().security_groups().await?;
    let used: Vec<(&SecurityGroup, BTreeSet<&str>)> = groups
        .iter()
        .filter(|g| at.ec2().owns(g.owner_id()))
        .map(|g| (g, services_of(g, &data)))
        .filter(|(_, services)| !services.is_empty())
        .collect();
    let lists = at.ec2().prefix_lists(used.iter().flat_map(|(g, _)| g.ip_permissions_egress())).await;
    let judged = |(g, services): &(&SecurityGroup, BTreeSet<&str>)| {
        judge(g, services, &sets_with(g, &groups, &data), &lists).on(at.ec2().security_group(g))
    };
    Ok(used.iter().map(judged).collect())
}

fn data_service(interface: &NetworkInterface) -> Option<&'static str> {
    let requester = interface.requester_id().unwrap_or_default();
    let description = interface.description().unwrap_or_default();
    DATA_SERVICES
        .iter()
        .find(|(by, text, _)| requester == *by || description.starts_with(text))
        .map(|(_, _, service)| *service)
}

fn services_of<'a>(group: &SecurityGroup, data: &[(&NetworkInterface, &'a str)]) -> BTreeSet<&'a str> {
    data.iter()
        .filter(|(n, _)| n.groups().iter().any(|g| g.group_id().is_some() && g.group_id() == group.group_id()))
        .map(|(_, service)| *service)
        .collect()
}

/// The groups of each data interface that carries this one, among others: their rules add up there.
fn sets_with<'a>(
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
fn completes(group: &SecurityGroup, set: &[&SecurityGroup], lists: &Lists) -> Option<Protocol> {
    let others = set.iter().copied().filter(|g| g.group_id() != group.group_id());
    let protocol = Reach::outbound(set.iter().copied(), lists).every_port()?;
    Reach::outbound(others, lists).every_port().is_none().then_some(protocol)
}

fn judge(group: &SecurityGroup, services: &BTreeSet<&str>, sets: &[Vec<&SecurityGroup>], lists: &Lists) -> Verdict {
    let services = services.iter().copied().collect::<Vec<_>>().join(" and ");
    let name = format!("security group {} of {services}", group.group_id().unwrap_or("?"));
    if group.ip_permissions_egress.is_none() {
        return Verdict::undecided(format!("{name} was returned without its outbound rules"));
    }
    let reach = Reach::outbound([group], lists);
    let mut reasons = Reasons::new();
    match reach.every_port() {
        Some(protocol) => {
            let to = reach.within(protocol, &[ALL_PORTS]).first().map(|o| o.from.clone()).unwrap_or_default();
            reasons.broken("every_port_out", format!("{name} lets it call every {protocol} port of {to}"));
        }
        None if let Some((protocol, set)) = sets.iter().find_map(|set| Some((completes(group, set, lists)?, set))) => {
            let others: Vec<&str> =
                set.iter().filter_map(|g| g.group_id()).filter(|id| group.group_id() != Some(id)).collect();
            let others = others.join(", ");
            reasons.broken(
                "every_port_out",
                format!("{name} and {others} together let it call every {protocol} port of the internet"),
            );
        }
        None => {
            // Only an unread list that stands behind what is missing to "every port" can change the answer.
            if reach.could_be_every_port() {
                reach.gaps().iter().for_each(|gap| reasons.unseen(gap));
                reach.doubts().iter().for_each(|doubt| reasons.doubt(format!("{name}: {doubt}")));
            }
        }
    }
    reasons.or_pass(|| format!("{name} does not let it call every port of the internet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{GroupIdentifier, IpPermission, IpRange, PrefixListId};

    fn interface(requester: &str, description: &str) -> NetworkInterface {
        let group = GroupIdentifier::builder().group_id("sg-1").build();
        NetworkInterface::builder().requester_id(requester).description(description).groups(group).build()
    }

    fn judged(rules: Vec<IpPermission>) -> Status {
        let group = SecurityGroup::builder().group_id("sg-1").set_ip_permissions_egress(Some(rules)).build();
        judge(&group, &BTreeSet::from(["a database"]), &[], &Lists::new()).status
    }

    fn rule(protocol: &str, from: i32, to: i32, range: &str) -> IpPermission {
        let rule = IpPermission::builder().ip_protocol(protocol).from_port(from).to_port(to);
        if range.starts_with("pl-") {
            rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(range).build()).build()
        } else {
            rule.ip_ranges(IpRange::builder().cidr_ip(range).build()).build()
        }
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

    #[test]
    fn everything_to_everywhere() {
        assert_eq!(judged(vec![rule("-1", -1, -1, "0.0.0.0/0")]), Status::Fail);
        assert_eq!(judged(vec![rule("tcp", 0, 65535, "0.0.0.0/0")]), Status::Fail);
        assert_eq!(judged(vec![rule("-1", -1, -1, "0.0.0.0/1"), rule("-1", -1, -1, "128.0.0.0/1")]), Status::Fail);
    }

    #[test]
    fn everything_is_every_port_that_can_be_called_in_one_rule_or_many() {
        assert_eq!(judged(vec![rule("tcp", 1, 65535, "0.0.0.0/0")]), Status::Fail);
        let both = vec![rule("tcp", 1, 65535, "0.0.0.0/0"), rule("udp", 1, 65535, "0.0.0.0/0")];
        assert_eq!(judged(both), Status::Fail);
        let split = vec![rule("tcp", 1, 1023, "0.0.0.0/0"), rule("tcp", 1024, 65535, "0.0.0.0/0")];
        assert_eq!(judged(split), Status::Fail);
        assert_eq!(judged(vec![rule("tcp", 1024, 65535, "0.0.0.0/0")]), Status::Pass);
        assert_eq!(judged(vec![rule("tcp", 1, 65535, "10.0.0.0/8")]), Status::Pass);
        assert_eq!(judged(vec![rule("tcp", 1, 65535, "pl-1")]), Status::Unknown);
    }

    #[test]
    fn the_groups_of_an_interface_add_up() {
        let group = |id: &str, from: i32, to: i32| {
            SecurityGroup::builder().group_id(id).ip_permissions_egress(rule("tcp", from, to, "0.0.0.0/0")).build()
        };
        let groups = [group("sg-1", 1, 30000), group("sg-2", 30001, 65535), group("sg-3", 443, 443)];
        let on = |ids: &[&str]| {
            let ids = ids.iter().map(|id| GroupIdentifier::builder().group_id(*id).build()).collect();
            NetworkInterface::builder().requester_id("amazon-rds").set_groups(Some(ids)).build()
        };
        let status = |group: &SecurityGroup, interface: &NetworkInterface| {
            let sets = sets_with(group, &groups, &[(interface, "a database")]);
            judge(group, &BTreeSet::from(["a database"]), &sets, &Lists::new()).status
        };
        let all = on(&["sg-1", "sg-2", "sg-3"]);
        assert_eq!(status(&groups[0], &all), Status::Fail);
        assert_eq!(status(&groups[1], &all), Status::Fail);
        assert_eq!(status(&groups[2], &all), Status::Pass, "it adds nothing");
        assert_eq!(status(&groups[0], &on(&["sg-1", "sg-3"])), Status::Pass);
    }

    #[test]
    fn less_than_that() {
        assert_eq!(judged(vec![]), Status::Pass);
        assert_eq!(judged(vec![rule("-1", -1, -1, "10.0.0.0/8")]), Status::Pass);
        assert_eq!(judged(vec![rule("tcp", 443, 443, "0.0.0.0/0")]), Status::Pass);
    }

    #[test]
    fn unread_lists() {
        assert_eq!(judged(vec![rule("-1", -1, -1, "pl-1")]), Status::Unknown);
        assert_eq!(judged(vec![rule("tcp", 443, 443, "pl-1")]), Status::Pass);
        let group = SecurityGroup::builder().group_id("sg-1").build();
        assert_eq!(judge(&group, &BTreeSet::from(["a database"]), &[], &Lists::new()).status, Status::Unknown);
    }
}
