//! Which subnets are public: those whose route table has a route to an internet gateway, the table being their own or,
//! without one, the main table of the VPC (<https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html>).

use aws_sdk_ec2::types::{Route, RouteState, RouteTable, Subnet, Tag};
use std::collections::HashMap;

/// The route tables of a region, by what uses them.
#[derive(Debug)]
pub struct Layers<'a> {
    by_subnet: HashMap<&'a str, &'a RouteTable>,
    main: HashMap<&'a str, &'a RouteTable>,
}

impl<'a> Layers<'a> {
    pub fn new(tables: &'a [RouteTable]) -> Layers<'a> {
        let (mut by_subnet, mut main) = (HashMap::new(), HashMap::new());
        for table in tables {
            for association in table.associations() {
                if let Some(subnet) = association.subnet_id() {
                    by_subnet.insert(subnet, table);
                } else if let (Some(true), Some(vpc)) = (association.main(), table.vpc_id()) {
                    main.insert(vpc, table);
                }
            }
        }
        Layers { by_subnet, main }
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

    /// Whether the subnet is public; `None` when its route table is not known.
    pub fn is_public(&self, subnet: &Subnet) -> Option<bool> {
        Some(internet_gateway(self.table(subnet)?).is_some())
    }
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

/// The first route of a table to an internet gateway. Egress-only gateways let nobody in and do not count.
pub fn internet_gateway(table: &RouteTable) -> Option<&Route> {
    table.routes().iter().find(|route| {
        route.gateway_id().is_some_and(|id| id.starts_with("igw-")) && route.state() != Some(&RouteState::Blackhole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::RouteTableAssociation;

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
        assert_eq!(layers.is_public(&subnet("subnet-1")), Some(true));
        assert_eq!(layers.is_public(&subnet("subnet-2")), Some(false));
        let tables = [table(igw, main), table(nat, own)];
        let layers = Layers::new(&tables);
        assert_eq!(layers.is_public(&subnet("subnet-1")), Some(false));
        assert_eq!(layers.is_public(&subnet("subnet-2")), Some(true));
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
        assert_eq!(Layers::new(&[]).is_public(&subnet("subnet-1")), None);
    }
}
