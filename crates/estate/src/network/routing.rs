//! Where a route table sends what is meant for the internet: the longest prefix decides, a route whose target is gone drops
//! what matches it (<https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-priority>). A subnet may
//! have a gateway for a few destinations only, and an appliance may stand between it and the gateway
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>). Everything here is pure.

use super::addresses::Addresses;
use super::reach::Lists;
use crate::finding::Gap;
use aws_sdk_ec2::types::{Route, RouteState, RouteTable};
use ipnet::IpNet;

/// The next stop of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// An internet gateway, both ways.
    Gateway,
    /// A firewall or load balancer endpoint (`vpce-`) or an appliance's interface (`eni-`), which may pass it on.
    Appliance(&'a str),
    /// A NAT or egress-only gateway, another network, the VPC itself, or nothing at all: nobody comes in from there.
    Elsewhere,
}

/// Where one route leads. Gateway endpoints are `vpce-` targets too, with the addresses of their service as destination.
pub fn next(route: &Route) -> Next<'_> {
    let gateway = route.gateway_id().unwrap_or_default();
    let interface = route.network_interface_id().or(route.instance_id()).filter(|id| !id.is_empty());
    if route.state() == Some(&RouteState::Blackhole) {
        Next::Elsewhere
    } else if gateway.starts_with("igw-") {
        Next::Gateway
    } else if gateway.starts_with("vpce-") {
        Next::Appliance(gateway)
    } else if let Some(interface) = interface {
        Next::Appliance(interface)
    } else {
        Next::Elsewhere
    }
}

/// What a table sends where, in one address family.
#[derive(Debug, Default)]
pub struct Ways<'a> {
    /// Destinations behind an internet gateway.
    pub gateway: Addresses,
    /// Destinations behind appliances, and the appliances.
    pub inspected: Addresses,
    pub appliances: Vec<&'a str>,
    /// A route each that leads to one of these by a prefix list that was not read, and the gap that hides it if that is why.
    pub unread: Vec<Option<&'a Gap>>,
}

impl<'a> Ways<'a> {
    pub fn of(table: &'a RouteTable, v6: bool, lists: &'a Lists) -> Ways<'a> {
        let mut ways = Ways::default();
        let mut routes: Vec<(IpNet, Next)> = Vec::new();
        for route in table.routes() {
            let next = next(route);
            let direct = if v6 { route.destination_ipv6_cidr_block() } else { route.destination_cidr_block() };
            match direct.map(str::parse::<IpNet>) {
                Some(Ok(net)) => routes.push((net, next)),
                Some(Err(_)) if next != Next::Elsewhere => ways.unread.push(None),
                Some(Err(_)) | None => {}
            }
            let Some(list) = route.destination_prefix_list_id() else { continue };
            match lists.get(list) {
                Some(Ok(nets)) => routes.extend(nets.iter().filter(|n| n.addr().is_ipv6() == v6).map(|n| (*n, next))),
                _ if next == Next::Elsewhere => {}
                other => ways.unread.push(other.and_then(|list| list.as_ref().err())),
            }
        }
        routes.sort_by_key(|(net, _)| std::cmp::Reverse(net.prefix_len()));
        let mut decided = Addresses::default();
        for (net, next) in routes {
            let range = Addresses::of(net).1;
            let fresh = range.without(&decided);
            decided = decided.with(&range);
            match next {
                Next::Gateway => ways.gateway = ways.gateway.with(&fresh),
                Next::Appliance(id) if !fresh.is_empty() => {
                    ways.inspected = ways.inspected.with(&fresh);
                    ways.appliances.push(id);
                }
                Next::Appliance(_) | Next::Elsewhere => {}
            }
        }
        ways
    }

    /// Whether what is behind the gateway is the internet.
    pub fn leads_to_internet(&self, v6: bool) -> bool {
        self.gateway.are_internet(v6)
    }

    /// Whether the whole internet is behind the gateway, whatever lists that were not read add.
    pub fn lead_everywhere(&self, v6: bool) -> bool {
        self.gateway.holds(Addresses::public(v6))
    }
}

/// The prefix lists that say where routes to a gateway or an appliance lead.
pub fn lists_of(table: &RouteTable) -> impl Iterator<Item = &str> {
    table.routes().iter().filter(|r| next(r) != Next::Elsewhere).filter_map(|r| r.destination_prefix_list_id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;

    fn route(to: &str, target: &str) -> Route {
        let route = match to {
            _ if to.starts_with("pl-") => Route::builder().destination_prefix_list_id(to),
            _ if to.contains(':') => Route::builder().destination_ipv6_cidr_block(to),
            _ => Route::builder().destination_cidr_block(to),
        };
        match target {
            _ if target.starts_with("nat-") => route.nat_gateway_id(target),
            _ if target.starts_with("eni-") => route.network_interface_id(target),
            _ if target.starts_with("eigw-") => route.egress_only_internet_gateway_id(target),
            _ if target.starts_with("tgw-") => route.transit_gateway_id(target),
            _ => route.gateway_id(target),
        }
        .build()
    }

    fn table(routes: &[(&str, &str)]) -> RouteTable {
        RouteTable::builder().set_routes(Some(routes.iter().map(|(to, target)| route(to, target)).collect())).build()
    }

    fn everywhere(routes: &[(&str, &str)], v6: bool) -> bool {
        Ways::of(&table(routes), v6, &Lists::new()).lead_everywhere(v6)
    }

    #[test]
    fn a_gateway_for_everything_in_one_route_or_several_and_for_its_own_family() {
        assert!(everywhere(&[("0.0.0.0/0", "igw-1")], false));
        assert!(everywhere(&[("0.0.0.0/1", "igw-1"), ("128.0.0.0/1", "igw-1")], false));
        assert!(everywhere(&[("2000::/3", "igw-1")], true));
        assert!(!everywhere(&[("::/0", "igw-1")], false));
        assert!(!everywhere(&[("::/0", "eigw-1")], true));
        for other in ["nat-1", "tgw-1", "vgw-1", "local", "vpce-1", "eni-1"] {
            assert!(!everywhere(&[("0.0.0.0/0", other)], false), "{other}");
        }
    }

    #[test]
    fn the_longest_prefix_decides_in_any_order() {
        // semantics 131
        for routes in
            [[("0.0.0.0/0", "nat-1"), ("198.41.0.0/24", "igw-1")], [("198.41.0.0/24", "igw-1"), ("0.0.0.0/0", "nat-1")]]
        {
            let (table, lists) = (table(&routes), Lists::new());
            let ways = Ways::of(&table, false, &lists);
            assert_eq!(ways.gateway, Addresses::of("198.41.0.0/24".parse().unwrap()).1);
        }
        let lists = Lists::new();
        let around = table(&[("0.0.0.0/0", "igw-1"), ("0.0.0.0/1", "nat-1"), ("128.0.0.0/1", "nat-1")]);
        assert!(Ways::of(&around, false, &lists).gateway.is_empty());
    }

    #[test]
    fn appliances_are_told_and_gateway_endpoints_hold_only_their_service() {
        let lists = Lists::from([("pl-1".to_owned(), Ok(vec!["52.218.0.0/17".parse().unwrap()]))]);
        let inspected = table(&[("0.0.0.0/0", "vpce-1"), ("pl-1", "vpce-2")]);
        let ways = Ways::of(&inspected, false, &lists);
        assert!(ways.inspected.are_internet(false) && ways.gateway.is_empty());
        assert_eq!(ways.appliances, ["vpce-2", "vpce-1"]);
        let endpoint = table(&[("0.0.0.0/0", "nat-1"), ("pl-1", "vpce-2")]);
        assert!(!Ways::of(&endpoint, false, &lists).inspected.are_internet(false));
        assert_eq!(lists_of(&endpoint).collect::<Vec<_>>(), ["pl-1"]);
    }

    #[test]
    fn a_list_that_was_not_read_is_kept_where_it_could_lead_in() {
        let gap = Gap::new("1", "r", "ec2:GetManagedPrefixListEntries", GapKind::Denied, "no");
        let lists = Lists::from([("pl-1".to_owned(), Err(gap.clone()))]);
        let unread = table(&[("pl-1", "igw-1"), ("pl-2", "vpce-1"), ("pl-3", "tgw-1")]);
        assert_eq!(Ways::of(&unread, false, &lists).unread, [Some(&gap), None]);
        let garbled = table(&[("10.0.0.0/99", "igw-1"), ("anywhere", "tgw-1")]);
        assert_eq!(Ways::of(&garbled, false, &lists).unread, [None], "a range that cannot be read may be any");
    }

    #[test]
    fn what_a_dead_route_matches_is_dropped() {
        // semantics 131
        let mut dead = route("0.0.0.0/0", "igw-1");
        dead.state = Some(RouteState::Blackhole);
        let table = RouteTable::builder().routes(dead).build();
        assert!(Ways::of(&table, false, &Lists::new()).gateway.is_empty());
    }
}
