//! Whether the internet reaches a risk port at one face of an instance: the groups that guard it, the way that its subnet has to
//! the internet and back, what stands on that way. For `instance_no_internet_reachable_risk_port`.

use super::blocked::Blocked;
use crate::prelude::*;
use aws_sdk_ec2::types::SecurityGroup;
use posture_estate::network::internet::{Face, inbound, inbound_from};
use posture_estate::network::layers::Layers;
use posture_estate::network::reach::{Lists, Opening, Protocol, Reach, Span, described};
use posture_estate::network::routing::{Ways, lists_of};

/// What the region told about groups, prefix lists and routes; each may be missing on its own.
pub(super) struct Network<'a> {
    pub(super) groups: Result<&'a [SecurityGroup], &'a Gap>,
    pub(super) lists: Lists,
    pub(super) layers: Result<Layers<'a>, &'a Gap>,
    pub(super) blocked: Blocked,
    pub(super) tcp: &'a [Span],
    pub(super) udp: &'a [Span],
}

/// The prefix lists that decide where the subnets of these faces send what is meant for the internet.
pub(super) fn undecided_lists(faces: &[Face], layers: &Layers<'_>) -> Vec<String> {
    let none = Lists::new();
    let tables = faces.iter().filter_map(|face| Some((face.table(layers)?, face.v6)));
    let undecided = tables.filter(|(table, v6)| !Ways::of(table, *v6, &none).lead_everywhere(*v6));
    let mut ids: Vec<String> = undecided.flat_map(|(table, _)| lists_of(table)).map(str::to_owned).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Adds what is wrong with one face; the open risk ports, as text, for the evidence.
pub(super) fn judge_face(reasons: &mut Reasons, id: &str, face: &Face, network: &Network) -> Vec<String> {
    let Some(groups) = reasons.add(network.groups.map_err(Clone::clone)) else { return vec![] };
    let known: Vec<&SecurityGroup> = groups.iter().filter(|group| face.is_guarded_by(group)).collect();
    let reach = inbound(&known, &network.lists, face.v6);
    let unlisted = face.groups.len().saturating_sub(known.len());
    if network.at_risk(&reach).is_empty() && network.perhaps_at_risk(&reach).is_empty() && unlisted == 0 {
        return vec![];
    }
    let table = match network.layers.as_ref().map(|layers| face.table(layers).map(|table| (layers, table))) {
        Err(gap) => {
            reasons.unseen(gap);
            return vec![];
        }
        Ok(None) => {
            let subnet = face.subnet.unwrap_or("unnamed");
            reasons.doubt(format!("the route table of subnet {subnet} is not visible"));
            return vec![];
        }
        Ok(Some(table)) => table,
    };
    let (layers, table) = table;
    let ways = Ways::of(table, face.v6, &network.lists);
    let direct = inbound_from(&known, &network.lists, face.v6, &ways.gateway);
    let open = network.at_risk(&direct);
    let vpc = face.vpc.unwrap_or_default();
    let (all, appliance) = if !open.is_empty() {
        (direct, layers.inspector(vpc, &face.inside))
    } else if layers.has_gateway(vpc) && !ways.inspected.is_empty() {
        let both = ways.gateway.with(&ways.inspected);
        (inbound_from(&known, &network.lists, face.v6, &both), ways.appliances.first().copied())
    } else {
        (direct, None)
    };
    let open = network.at_risk(&all);
    let possible = unlisted > 0 && ways.leads_to_internet(face.v6) || !network.perhaps_at_risk(&all).is_empty();
    if open.is_empty() && !possible && ways.unread.is_empty() {
        return vec![];
    }
    match network.blocked.keeps_out(face.vpc, face.subnet) {
        Ok(true) => return vec![],
        Ok(false) => {}
        Err(why) => {
            why.tell(reasons);
            return vec![];
        }
    }
    let at = face.addresses.join(", ");
    match appliance {
        Some(appliance) if !open.is_empty() => reasons.doubt(format!(
            "the security groups of instance {id} at {at} let {}, and it is {appliance}, between it and the internet gateway, that lets it pass or not",
            described(&open)
        )),
        _ if !open.is_empty() => {
            // The whole runs that hold risk ports: "tcp/0-65535" says more than a list of what is bad in it.
            let holds = |run: &Opening| open.iter().any(|o| o.protocol == run.protocol && run.ports.holds(o.ports));
            let runs: Vec<Opening> = all.open().iter().filter(|run| holds(run)).cloned().collect();
            reasons.broken("risk_port_reachable", format!("instance {id} is open at {at}: {}", described(&runs)));
            return open.iter().map(Opening::to_string).collect();
        }
        _ => {
            all.gaps().iter().for_each(|gap| reasons.unseen(gap));
            all.doubts().iter().for_each(|doubt| reasons.doubt(doubt.clone()));
            if unlisted > 0 {
                reasons.doubt(format!("{unlisted} security groups of instance {id} were not listed"));
            }
            for gap in &ways.unread {
                match gap {
                    Some(gap) => reasons.unseen(gap),
                    None => reasons.doubt(format!("a route of instance {id} leads to a prefix list that was not read")),
                }
            }
        }
    }
    vec![]
}

impl Network<'_> {
    /// The risk ports among what is open for certain.
    fn at_risk(&self, reach: &Reach) -> Vec<Opening> {
        [reach.within(Protocol::Tcp, self.tcp), reach.within(Protocol::Udp, self.udp)].concat()
    }

    /// Those that only what was not read could open.
    fn perhaps_at_risk(&self, reach: &Reach) -> Vec<Opening> {
        [reach.possible_within(Protocol::Tcp, self.tcp), reach.possible_within(Protocol::Udp, self.udp)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, Instance, InstanceIpv6Address, InstanceNetworkInterface, IpPermission, IpRange, Ipv6Range,
        Route, RouteTable, RouteTableAssociation,
    };
    use posture_estate::finding::GapKind;
    use posture_estate::network::internet::faces;

    const TCP: [Span; 1] = [Span::one(22)];

    fn inside(address: &str) -> Instance {
        Instance::builder()
            .instance_id("i-1")
            .public_ip_address("198.51.100.7")
            .private_ip_address(address)
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .security_groups(GroupIdentifier::builder().group_id("sg-1").build())
            .build()
    }

    fn group(protocol: &str, port: i32, source: &str) -> SecurityGroup {
        let rule = IpPermission::builder().ip_protocol(protocol).from_port(port).to_port(port);
        let rule = rule.ip_ranges(IpRange::builder().cidr_ip(source).build());
        SecurityGroup::builder().group_id("sg-1").ip_permissions(rule.build()).build()
    }

    fn network<'a>(groups: &'a [SecurityGroup], tables: &'a [RouteTable]) -> Network<'a> {
        let (lists, layers) = (Lists::new(), Ok(Layers::new(tables)));
        Network { groups: Ok(groups), lists, layers, blocked: Blocked::Nowhere, tcp: &TCP, udp: &[] }
    }

    fn judged(instance: &Instance, network: &Network) -> Status {
        let mut reasons = Reasons::new();
        for face in &faces(instance) {
            judge_face(&mut reasons, "i-1", face, network);
        }
        reasons.or_pass(|| "shut".into()).status
    }

    fn status(instance: &Instance, group: SecurityGroup, tables: Vec<RouteTable>) -> Status {
        let groups = [group];
        judged(instance, &network(&groups, &tables))
    }

    fn table(gateway: &str) -> RouteTable {
        routed(RouteTableAssociation::builder().main(true).build(), &[("0.0.0.0/0", gateway)])
    }

    fn routed(association: RouteTableAssociation, routes: &[(&str, &str)]) -> RouteTable {
        let route = |(to, target): &(&str, &str)| {
            let route = Route::builder();
            let route = match to.starts_with("pl-") {
                true => route.destination_prefix_list_id(*to),
                false => route.destination_cidr_block(*to),
            };
            match target.split('-').next() {
                Some("nat") => route.nat_gateway_id(*target),
                Some("tgw") => route.transit_gateway_id(*target),
                Some("eni") => route.network_interface_id(*target),
                _ => route.gateway_id(*target),
            }
            .build()
        };
        let routes = routes.iter().map(route).collect();
        RouteTable::builder().vpc_id("vpc-1").associations(association).set_routes(Some(routes)).build()
    }

    fn of_subnet(id: &str, routes: &[(&str, &str)]) -> RouteTable {
        routed(RouteTableAssociation::builder().subnet_id(id).build(), routes)
    }

    fn of_gateway(routes: &[(&str, &str)]) -> RouteTable {
        routed(RouteTableAssociation::builder().gateway_id("igw-1").build(), routes)
    }

    #[test]
    fn an_appliance_between_the_instance_and_the_gateway_decides_and_is_not_seen() {
        // semantics 109
        let ssh = || group("tcp", 22, "0.0.0.0/0");
        let firewall = || of_subnet("subnet-2", &[("0.0.0.0/0", "igw-1")]);
        let into = || of_gateway(&[("10.0.1.0/24", "vpce-1")]);
        for appliance in ["vpce-1", "eni-1"] {
            let own = of_subnet("subnet-1", &[("0.0.0.0/0", appliance)]);
            assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![own.clone(), firewall(), into()]), Status::Unknown);
            assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![own.clone(), firewall()]), Status::Unknown);
            assert_eq!(
                status(&inside("10.0.1.5"), group("tcp", 443, "0.0.0.0/0"), vec![own.clone(), firewall()]),
                Status::Pass
            );
            assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![own]), Status::Pass, "no gateway in the vpc");
        }
        let halves = of_subnet("subnet-1", &[("0.0.0.0/1", "vpce-1"), ("128.0.0.0/1", "vpce-1")]);
        assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![halves, firewall()]), Status::Unknown);
        let direct = || of_subnet("subnet-1", &[("0.0.0.0/0", "igw-1")]);
        assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![direct(), into()]), Status::Unknown, "sent in through it");
        assert_eq!(status(&inside("10.0.2.5"), ssh(), vec![direct(), into()]), Status::Fail, "another subnet's");
    }

    /// `ec2_instance_no_public_ip` leaves IPv6 to this.
    #[test]
    fn a_public_ipv6_address_is_judged_by_its_own_rules_and_routes() {
        let address = InstanceIpv6Address::builder().ipv6_address("2600:1f18::1").build();
        let interface = InstanceNetworkInterface::builder()
            .ipv6_addresses(address)
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .groups(GroupIdentifier::builder().group_id("sg-1").build());
        let instance = Instance::builder().instance_id("i-1").network_interfaces(interface.build()).build();
        let ssh = |range: &str| {
            let rule = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
            let rule = rule.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(range).build());
            SecurityGroup::builder().group_id("sg-1").ip_permissions(rule.build()).build()
        };
        let to = |cidr: &str, gateway: &str| {
            let route = Route::builder().destination_ipv6_cidr_block(cidr).gateway_id(gateway).build();
            let subnet = RouteTableAssociation::builder().subnet_id("subnet-1").build();
            vec![RouteTable::builder().vpc_id("vpc-1").associations(subnet).routes(route).build()]
        };
        assert_eq!(status(&instance, ssh("::/0"), to("::/0", "igw-1")), Status::Fail);
        assert_eq!(status(&instance, ssh("2000::/3"), to("2000::/3", "igw-1")), Status::Fail);
        assert_eq!(status(&instance, ssh("::/0"), to("2600:1f18::/64", "igw-1")), Status::Pass);
        assert_eq!(status(&instance, ssh("fd00::/8"), to("::/0", "igw-1")), Status::Pass);
        let v4 = of_subnet("subnet-1", &[("0.0.0.0/0", "igw-1")]);
        assert_eq!(status(&instance, ssh("::/0"), vec![v4]), Status::Pass);
    }

    #[test]
    fn gateways_that_let_nobody_in_do_not_count() {
        let ssh = || group("tcp", 22, "0.0.0.0/0");
        let public = || of_subnet("subnet-2", &[("0.0.0.0/0", "igw-1")]);
        for other in ["nat-1", "tgw-1", "vgw-1"] {
            let own = of_subnet("subnet-1", &[("0.0.0.0/0", other), ("52.218.0.0/17", "vpce-9")]);
            assert_eq!(status(&inside("10.0.1.5"), ssh(), vec![own, public()]), Status::Pass, "{other}");
        }
    }

    #[test]
    fn only_hosts_that_the_route_leads_back_to_reach_the_instance() {
        let to = |cidr: &str| vec![of_subnet("subnet-1", &[(cidr, "igw-1"), ("0.0.0.0/0", "nat-1")])];
        let ssh = |source: &str| group("tcp", 22, source);
        assert_eq!(status(&inside("10.0.1.5"), ssh("0.0.0.0/0"), to("198.41.0.0/24")), Status::Pass);
        assert_eq!(status(&inside("10.0.1.5"), ssh("0.0.0.0/0"), to("0.0.0.0/1")), Status::Fail);
        assert_eq!(status(&inside("10.0.1.5"), ssh("128.0.0.0/1"), to("0.0.0.0/1")), Status::Pass);
        let halves = of_subnet("subnet-1", &[("0.0.0.0/1", "igw-1"), ("128.0.0.0/1", "igw-1")]);
        assert_eq!(status(&inside("10.0.1.5"), ssh("0.0.0.0/0"), vec![halves]), Status::Fail);
    }

    #[test]
    fn routes_by_prefix_list_lead_where_the_list_says() {
        let tables = [of_subnet("subnet-1", &[("pl-9", "igw-1")])];
        let groups = [group("tcp", 22, "0.0.0.0/0")];
        let with = |lists: Lists| {
            let network = Network { lists, ..network(&groups, &tables) };
            judged(&inside("10.0.1.5"), &network)
        };
        let holds = |cidr: &str| Lists::from([("pl-9".to_owned(), Ok(vec![cidr.parse().unwrap()]))]);
        assert_eq!(with(holds("0.0.0.0/0")), Status::Fail);
        assert_eq!(with(holds("198.41.0.0/24")), Status::Pass);
        assert_eq!(with(Lists::new()), Status::Unknown);
    }

    #[test]
    fn a_region_that_blocks_what_comes_in_keeps_the_internet_out() {
        let groups = [group("tcp", 22, "0.0.0.0/0")];
        let tables = [table("igw-1")];
        let under = |blocked: Blocked| {
            let network = Network { blocked, ..network(&groups, &tables) };
            judged(&inside("10.0.1.5"), &network)
        };
        let but = |excluded: &[&str]| Blocked::But(excluded.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(under(Blocked::Nowhere), Status::Fail);
        assert_eq!(under(but(&[])), Status::Pass);
        assert_eq!(under(but(&["vpc-2", "subnet-9"])), Status::Pass);
        assert_eq!(under(but(&["vpc-1"])), Status::Fail);
        assert_eq!(under(but(&["subnet-1"])), Status::Fail);
        let gap = Gap::new("1", "r", "ec2:DescribeVpcBlockPublicAccessOptions", GapKind::Denied, "no");
        assert_eq!(under(Blocked::Unseen(gap)), Status::Unknown);
        assert_eq!(under(Blocked::Changing), Status::Unknown);
    }
}
