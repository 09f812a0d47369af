//! Can the internet reach a risky port of a running instance? It takes three things on one interface and in one
//! address family: a public address, a route through an internet gateway, and security groups that open the port
//! together.

use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, SecurityGroup};
use posture_estate::network::internet::{Face, faces, inbound};
use posture_estate::network::layers::Layers;
use posture_estate::network::reach::{Lists, Opening, Protocol, Span, described};
use posture_estate::services::ec2::{instance_id, runs};

/// By default, remote administration, databases, caches, search, queues, directories and file shares, over TCP.
const TCP_PORTS: Setting<[Span]> = setting!(instance_no_internet_reachable_risk_port.tcp_ports);

/// The same over UDP, by default Kerberos, portmapper, NetBIOS, SNMP, LDAP, SQL Server browser, NFS, RDP, memcached.
const UDP_PORTS: Setting<[Span]> = setting!(instance_no_internet_reachable_risk_port.udp_ports);

/// What the region told about groups, prefix lists and routes; each may be missing on its own.
struct Network<'a> {
    groups: Result<&'a [SecurityGroup], &'a Gap>,
    lists: Lists,
    layers: Result<Layers<'a>, &'a Gap>,
    tcp: &'a [Span],
    udp: &'a [Span],
}

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
    let lists = at.ec2().prefix_lists(guarding.flat_map(SecurityGroup::ip_permissions)).await;
    let layers = tables.as_ref().map(|tables| Layers::new(tables));
    let (tcp, udp) = (at.setting(TCP_PORTS), at.setting(UDP_PORTS));
    let network = Network { groups, lists, layers, tcp, udp };
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

/// Adds what is wrong with one face; the open risk ports, as text, for the evidence.
fn judge_face(reasons: &mut Reasons, id: &str, face: &Face, network: &Network) -> Vec<String> {
    let Some(groups) = reasons.add(network.groups.map_err(Clone::clone)) else { return vec![] };
    let known: Vec<&SecurityGroup> = groups.iter().filter(|group| face.is_guarded_by(group)).collect();
    let reach = inbound(&known, &network.lists, face.v6);
    let open = [reach.within(Protocol::Tcp, network.tcp), reach.within(Protocol::Udp, network.udp)].concat();
    let possible =
        [reach.possible_within(Protocol::Tcp, network.tcp), reach.possible_within(Protocol::Udp, network.udp)].concat();
    let unlisted = face.groups.len().saturating_sub(known.len());
    if open.is_empty() && possible.is_empty() && unlisted == 0 {
        return vec![];
    }
    match network.layers.as_ref().map(|layers| face.is_routed(layers)) {
        Err(gap) => reasons.unseen(gap),
        Ok(Some(false)) => return vec![],
        Ok(None) => {
            reasons.doubt(format!("the route table of subnet {} is not visible", face.subnet.unwrap_or("unnamed")))
        }
        Ok(Some(true)) if !open.is_empty() => {
            // The whole runs that hold risk ports: "tcp/0-65535" says more than a list of what is bad in it.
            let holds = |run: &Opening| open.iter().any(|o| o.protocol == run.protocol && run.ports.holds(o.ports));
            let runs: Vec<Opening> = reach.open().iter().filter(|run| holds(run)).cloned().collect();
            reasons.broken(
                "risk_port_reachable",
                format!("instance {id} is open at {}: {}", face.addresses.join(", "), described(&runs)),
            );
        }
        Ok(Some(true)) => {
            reach.gaps().iter().for_each(|gap| reasons.unseen(gap));
            reach.doubts().iter().for_each(|doubt| reasons.doubt(doubt.clone()));
            if unlisted > 0 {
                reasons.doubt(format!("{unlisted} security groups of instance {id} were not listed"));
            }
        }
    }
    open.iter().map(Opening::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, IpPermission, IpRange, PrefixListId, Route, RouteTable, RouteTableAssociation,
    };

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
        Network { groups: Ok(groups), lists: Lists::new(), layers: Ok(Layers::new(tables)), tcp, udp }
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
