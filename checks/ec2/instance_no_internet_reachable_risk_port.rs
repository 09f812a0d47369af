//! Can the internet reach a risky port of a running instance? It takes three things on one interface and in one
//! address family: a public address, a route through an internet gateway, and security groups that open the port
//! together to hosts that the route leads back to. An appliance on the way, or one that the gateway sends what comes in to,
//! may drop it; VPC block public access does.

use super::blocked::{Blocked, blocked};
use super::reachable::{Network, judge_face, undecided_lists};
use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, SecurityGroup};
use posture_estate::network::internet::{Face, faces};
use posture_estate::network::layers::Layers;
use posture_estate::network::reach::Span;
use posture_estate::services::ec2::{instance_id, runs};

/// By default, remote administration, databases, caches, search, queues, directories and file shares, over TCP.
const TCP_PORTS: Setting<[Span]> = setting!(instance_no_internet_reachable_risk_port.tcp_ports);

/// The same over UDP, by default Kerberos, portmapper, NetBIOS, SNMP, LDAP, SQL Server browser, NFS, RDP, memcached.
const UDP_PORTS: Setting<[Span]> = setting!(instance_no_internet_reachable_risk_port.udp_ports);

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let running: Vec<&Instance> = instances.iter().filter(|i| runs(i)).collect();
    let facing: Vec<Face> = running.iter().flat_map(|i| faces(i)).collect();
    let (groups, tables) = if facing.is_empty() {
        (Ok(Arc::default()), Ok(Arc::default()))
    } else {
        join!(at.ec2().security_groups(), at.ec2().route_tables())
    };
    let groups = groups.as_ref().map(|groups| groups.as_slice());
    let guarding = groups.into_iter().flatten().filter(|group| facing.iter().any(|face| face.is_guarded_by(group)));
    let mut lists = at.ec2().prefix_lists(guarding.flat_map(SecurityGroup::ip_permissions)).await;
    let layers = tables.as_ref().map(|tables| Layers::new(tables));
    let routed: Vec<String> = layers.as_ref().map(|layers| undecided_lists(&facing, layers)).unwrap_or_default();
    let unread = routed.iter().map(String::as_str).filter(|id| !lists.contains_key(*id));
    let more = at.ec2().prefix_lists_by_id(unread).await;
    lists.extend(more);
    let (tcp, udp) = (at.setting(TCP_PORTS), at.setting(UDP_PORTS));
    let mut network = Network { groups, lists, layers, blocked: Blocked::Nowhere, tcp, udp };
    // Only where an instance is found open does it matter whether the region blocks what comes in.
    if running.iter().any(|i| judge(i, &network).status != Status::Pass) {
        network.blocked = blocked(at).await;
    }
    Ok(running.into_iter().map(|i| judge(i, &network).on(at.ec2().instance(i))).collect())
}

fn judge(instance: &Instance, network: &Network) -> Verdict {
    let id = instance_id(instance);
    let faces = faces(instance);
    let mut reasons = Reasons::new();
    let mut seen = Vec::new();
    for face in &faces {
        let open = judge_face(&mut reasons, id, face, network);
        seen.push(json!({"addresses": face.addresses, "groups": face.groups, "open": open}));
    }
    reasons
        .or_pass(|| {
            if faces.is_empty() {
                return format!("instance {id} has no public address");
            }
            format!("the internet reaches no risk port of instance {id}")
        })
        .evidence(json!({"interfaces": seen}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, IpPermission, IpRange, PrefixListId, Route, RouteTable, RouteTableAssociation,
    };
    use posture_estate::network::reach::Lists;

    fn instance(address: Option<&str>, group: &str) -> Instance {
        Instance::builder()
            .instance_id("i-1")
            .set_public_ip_address(address.map(String::from))
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .security_groups(GroupIdentifier::builder().group_id(group).build())
            .build()
    }

    fn group(protocol: &str, port: i32, source: &str) -> SecurityGroup {
        let rule = IpPermission::builder().ip_protocol(protocol).from_port(port).to_port(port);
        let rule = match source.starts_with("pl-") {
            true => rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(source).build()),
            false => rule.ip_ranges(IpRange::builder().cidr_ip(source).build()),
        };
        SecurityGroup::builder().group_id("sg-1").ip_permissions(rule.build()).build()
    }

    fn table(gateway: &str) -> RouteTable {
        RouteTable::builder()
            .vpc_id("vpc-1")
            .associations(RouteTableAssociation::builder().main(true).build())
            .routes(Route::builder().destination_cidr_block("0.0.0.0/0").gateway_id(gateway).build())
            .build()
    }

    fn network<'a>(groups: &'a [SecurityGroup], tables: &'a [RouteTable]) -> Network<'a> {
        let (tcp, udp) = (TCP_PORTS.default_value(), UDP_PORTS.default_value());
        let (lists, layers) = (Lists::new(), Ok(Layers::new(tables)));
        Network { groups: Ok(groups), lists, layers, blocked: Blocked::Nowhere, tcp, udp }
    }

    fn status(instance: &Instance, group: SecurityGroup, tables: Vec<RouteTable>) -> Status {
        let groups = [group];
        let network = network(&groups, &tables);
        judge(instance, &network).status
    }

    #[test]
    fn all_three_together_fail_and_none_alone() {
        let public = instance(Some("198.51.100.7"), "sg-1");
        let open = || group("tcp", 22, "0.0.0.0/0");
        assert_eq!(status(&public, open(), vec![table("igw-1")]), Status::Fail);
        assert_eq!(status(&instance(None, "sg-1"), open(), vec![table("igw-1")]), Status::Pass);
        assert_eq!(status(&public, open(), vec![table("vgw-1")]), Status::Pass);
        assert_eq!(status(&public, group("tcp", 22, "203.0.113.0/24"), vec![table("igw-1")]), Status::Pass);
    }

    #[test]
    fn the_port_and_the_protocol_matter() {
        let public = instance(Some("198.51.100.7"), "sg-1");
        let tables = || vec![table("igw-1")];
        assert_eq!(status(&public, group("tcp", 443, "0.0.0.0/0"), tables()), Status::Pass);
        assert_eq!(status(&public, group("udp", 22, "0.0.0.0/0"), tables()), Status::Pass);
        assert_eq!(status(&public, group("udp", 11211, "0.0.0.0/0"), tables()), Status::Fail);
        assert_eq!(status(&public, group("-1", -1, "0.0.0.0/0"), tables()), Status::Fail);
    }

    #[test]
    fn the_message_names_the_whole_opening() {
        let groups = [group("-1", -1, "0.0.0.0/0")];
        let tables = [table("igw-1")];
        let network = network(&groups, &tables);
        let verdict = judge(&instance(Some("198.51.100.7"), "sg-1"), &network);
        assert_eq!(verdict.message, "instance i-1 is open at 198.51.100.7: 0.0.0.0/0 reach tcp/0-65535, udp/0-65535");
    }

    #[test]
    fn what_is_not_visible_is_no_pass() {
        let public = instance(Some("198.51.100.7"), "sg-1");
        assert_eq!(status(&public, group("tcp", 22, "0.0.0.0/0"), vec![]), Status::Unknown);
        assert_eq!(status(&public, group("tcp", 22, "pl-1"), vec![table("igw-1")]), Status::Unknown);
        assert_eq!(
            status(&instance(Some("198.51.100.7"), "sg-2"), group("tcp", 443, "10.0.0.0/8"), vec![table("igw-1")]),
            Status::Unknown
        );
    }
}
