//! Which subnets are public: those whose route table has a route to an internet gateway, the table being their own or,
//! without one, the main table of the VPC (<https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html>). Where
//! the gateway's own route table sends what comes in for a subnet to an appliance, and the subnet answers through one, it faces
//! the internet as well, as far as the appliance lets it
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html>).

use super::reach::Lists;
use super::routing::{Next, Ways, next};
use aws_sdk_ec2::types::{Route, RouteTable, RouteTableAssociationStateCode, Subnet, Tag};
use ipnet::IpNet;
use std::collections::HashMap;

/// How a subnet stands to the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer<'a> {
    /// A route to an internet gateway.
    Public,
    /// Both ways through appliances, this one first: whether the internet comes in is theirs to say.
    Inspected(&'a str),
    Private,
}

/// The route tables of a region, by what uses them.
#[derive(Debug)]
pub struct Layers<'a> {
    by_subnet: HashMap<&'a str, &'a RouteTable>,
    main: HashMap<&'a str, &'a RouteTable>,
    /// By VPC, the tables of its internet gateways, for what comes in.
    edges: HashMap<&'a str, Vec<&'a RouteTable>>,
    /// VPCs in which some table routes to an internet gateway.
    connected: std::collections::HashSet<&'a str>,
}

impl<'a> Layers<'a> {
    pub fn new(tables: &'a [RouteTable]) -> Layers<'a> {
        let (mut by_subnet, mut main) = (HashMap::new(), HashMap::new());
        let mut edges: HashMap<&str, Vec<&RouteTable>> = HashMap::new();
        let mut connected = std::collections::HashSet::new();
        for table in tables {
            if internet_gateway(table).is_some() {
                connected.extend(table.vpc_id());
            }
            for association in table.associations() {
                use RouteTableAssociationStateCode::{Disassociated, Failed};
                if matches!(association.association_state().and_then(|s| s.state()), Some(Disassociated | Failed)) {
                    continue;
                }
                if association.gateway_id().is_some_and(|id| id.starts_with("igw-"))
                    && let Some(vpc) = table.vpc_id()
                {
                    edges.entry(vpc).or_default().push(table);
                    connected.insert(vpc);
                } else if let Some(subnet) = association.subnet_id() {
                    by_subnet.insert(subnet, table);
                } else if let (Some(true), Some(vpc)) = (association.main(), table.vpc_id()) {
                    main.insert(vpc, table);
                }
            }
        }
        Layers { by_subnet, main, edges, connected }
    }

    /// The table that routes a subnet; `None` when neither its own nor a main one is known.
    pub fn table(&self, subnet: &Subnet) -> Option<&'a RouteTable> {
        self.table_of(subnet.subnet_id()?, subnet.vpc_id()?)
    }

    /// As [`Layers::table`], by ids.
    pub fn table_of(&self, subnet: &str, vpc: &str) -> Option<&'a RouteTable> {
        self.by_subnet.get(subnet).or_else(|| self.main.get(vpc)).copied()
    }

    /// The main table of a VPC.
    pub fn main_table(&self, vpc: &str) -> Option<&'a RouteTable> {
        self.main.get(vpc).copied()
    }

    /// Whether some subnet of the VPC, an appliance's for one, has a way to an internet gateway.
    pub fn has_gateway(&self, vpc: &str) -> bool {
        self.connected.contains(vpc)
    }

    /// The layer of a subnet; `None` when its route table is not known.
    pub fn layer(&self, subnet: &Subnet) -> Option<Layer<'a>> {
        let table = self.table(subnet)?;
        if internet_gateway(table).is_some() {
            return Some(Layer::Public);
        }
        let six = subnet.ipv6_cidr_block_association_set().iter().filter_map(|block| block.ipv6_cidr_block());
        let nets: Vec<&str> = subnet.cidr_block().into_iter().chain(six).collect();
        let through = self.inspector(subnet.vpc_id()?, &nets).filter(|_| answers_through_appliance(table));
        Some(through.map_or(Layer::Private, Layer::Inspected))
    }

    /// The appliance to which the internet gateway of the VPC sends what comes in for any of these addresses or blocks.
    pub fn inspector(&self, vpc: &str, inside: &[&str]) -> Option<&'a str> {
        let inside: Vec<IpNet> = inside
            .iter()
            .filter_map(|text| text.parse().ok().or_else(|| text.parse().map(|ip: std::net::IpAddr| ip.into()).ok()))
            .collect();
        let tables = self.edges.get(vpc)?;
        tables.iter().find_map(|table| inside.iter().find_map(|net| first_stop(table, net)))
    }
}

/// Where a gateway's table sends what is meant for a network: the longest prefix that holds it decides, and a route to a part
/// of it counts as well.
fn first_stop<'a>(table: &'a RouteTable, net: &IpNet) -> Option<&'a str> {
    let routes = table.routes().iter().filter_map(|route| {
        let to = route.destination_cidr_block().or(route.destination_ipv6_cidr_block())?;
        Some((to.parse::<IpNet>().ok()?, next(route)))
    });
    let about: Vec<(IpNet, Next)> = routes.filter(|(to, _)| to.contains(net) || net.contains(to)).collect();
    let holding = about.iter().filter(|(to, _)| to.contains(net)).max_by_key(|(to, _)| to.prefix_len());
    let parts = about.iter().filter(|(to, _)| to != net && net.contains(to));
    holding.into_iter().chain(parts).find_map(|(_, next)| match next {
        Next::Appliance(id) => Some(*id),
        _ => None,
    })
}

fn answers_through_appliance(table: &RouteTable) -> bool {
    let lists = Lists::new();
    // A prefix list that leads there may be the internet: what comes in by way of an appliance goes out by it.
    [false, true].into_iter().any(|v6| {
        let ways = Ways::of(table, v6, &lists);
        ways.inspected.are_internet(v6) || !ways.unread.is_empty()
    })
}

/// The words by which the tags of a subnet say what layer it is meant to be in.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    pub words: &'a [String],
    /// The keys of the tags that are looked at.
    pub tags: &'a [String],
}

impl<'a> Names<'a> {
    /// The first of the words in such a tag.
    pub fn word_in(self, tags: &[Tag]) -> Option<&'a str> {
        let among = |list: &'a [String], text: &str| list.iter().find(|one| one.eq_ignore_ascii_case(text));
        tags.iter()
            .filter(|tag| tag.key().is_some_and(|key| among(self.tags, key).is_some()))
            .flat_map(|tag| tag.value().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric()))
            .find_map(|word| among(self.words, word))
            .map(String::as_str)
    }
}

/// The first working route of a table to an internet gateway. Egress-only gateways let nobody in and do not count.
pub fn internet_gateway(table: &RouteTable) -> Option<&Route> {
    table.routes().iter().find(|route| next(route) == Next::Gateway)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{RouteState, RouteTableAssociation};

    fn table(route: Route, association: RouteTableAssociation) -> RouteTable {
        RouteTable::builder().vpc_id("vpc-1").routes(route).associations(association).build()
    }

    fn subnet(id: &str) -> Subnet {
        Subnet::builder().subnet_id(id).vpc_id("vpc-1").build()
    }

    #[test]
    fn a_subnet_has_its_own_table_or_the_main_one() {
        let igw = Route::builder().gateway_id("igw-1").state(RouteState::Active).build();
        let nat = Route::builder().nat_gateway_id("nat-1").build();
        let main = RouteTableAssociation::builder().main(true).build();
        let own = RouteTableAssociation::builder().subnet_id("subnet-1").build();
        let tables = [table(nat.clone(), main.clone()), table(igw.clone(), own.clone())];
        let layers = Layers::new(&tables);
        assert_eq!(layers.layer(&subnet("subnet-1")), Some(Layer::Public));
        assert_eq!(layers.layer(&subnet("subnet-2")), Some(Layer::Private));
        let tables = [table(igw, main), table(nat, own)];
        let layers = Layers::new(&tables);
        assert_eq!(layers.layer(&subnet("subnet-1")), Some(Layer::Private));
        assert_eq!(layers.layer(&subnet("subnet-2")), Some(Layer::Public));
    }

    #[test]
    fn other_gateways_and_dead_routes_do_not_count() {
        let main = RouteTableAssociation::builder().main(true).build();
        let dead = Route::builder().gateway_id("igw-1").state(RouteState::Blackhole).build();
        let local = Route::builder().gateway_id("local").build();
        let egress = Route::builder().egress_only_internet_gateway_id("eigw-1").build();
        for route in [dead, local, egress] {
            assert!(internet_gateway(&table(route, main.clone())).is_none());
        }
        assert_eq!(Layers::new(&[]).layer(&subnet("subnet-1")), None);
    }

    #[test]
    fn a_subnet_behind_an_appliance_both_ways_is_inspected() {
        let to = |cidr: &str, target: &str| {
            Route::builder().destination_cidr_block(cidr).gateway_id(target).state(RouteState::Active).build()
        };
        let own = RouteTableAssociation::builder().subnet_id("subnet-1").build();
        let edge = RouteTableAssociation::builder().gateway_id("igw-1").build();
        let subnet = Subnet::builder().subnet_id("subnet-1").vpc_id("vpc-1").cidr_block("10.0.1.0/24").build();
        let layer = |out: Route, tables: &[RouteTable]| {
            let tables = [&[table(out, own.clone())], tables].concat();
            Layers::new(&tables).layer(&subnet).map(|layer| format!("{layer:?}"))
        };
        let inspected = Some("Inspected(\"vpce-1\")".to_owned());
        for into in ["10.0.1.0/24", "10.0.0.0/16", "10.0.1.0/25"] {
            let gateway = [table(to(into, "vpce-1"), edge.clone())];
            assert_eq!(layer(to("0.0.0.0/0", "vpce-1"), &gateway), inspected, "{into}");
        }
        let gateway = [table(to("10.0.1.0/24", "vpce-1"), edge.clone())];
        assert_eq!(layer(to("0.0.0.0/0", "igw-1"), &gateway), Some("Public".to_owned()));
        let private = Some("Private".to_owned());
        assert_eq!(layer(to("0.0.0.0/0", "vgw-1"), &gateway), private, "answers go elsewhere");
        assert_eq!(layer(to("0.0.0.0/0", "vpce-1"), &[]), private, "nothing is sent in");
        assert_eq!(layer(to("0.0.0.0/0", "vpce-1"), &[table(to("10.0.2.0/24", "vpce-1"), edge)]), private);
    }
}
