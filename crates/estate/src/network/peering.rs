//! Peering connections: which end a route table sees, what that end holds, and what routes lead to it. Everything here is pure.

use super::addresses::Addresses;
use super::reach::Lists;
use crate::finding::Gap;
use aws_sdk_ec2::types::{
    Route, VpcPeeringConnection, VpcPeeringConnectionStateReasonCode, VpcPeeringConnectionVpcInfo,
};
use ipnet::IpNet;

pub fn is_active(peering: &VpcPeeringConnection) -> bool {
    peering.status().and_then(|s| s.code()) == Some(&VpcPeeringConnectionStateReasonCode::Active)
}

/// The VPC that a table of `vpc` reaches over the connection.
pub fn other_end<'a>(peering: &'a VpcPeeringConnection, vpc: Option<&str>) -> Option<&'a VpcPeeringConnectionVpcInfo> {
    let (one, two) = (peering.requester_vpc_info()?, peering.accepter_vpc_info()?);
    let vpc = vpc?;
    if one.vpc_id() == Some(vpc) {
        Some(two)
    } else if two.vpc_id() == Some(vpc) {
        Some(one)
    } else {
        None
    }
}

/// What the VPC at one end holds, IPv4 and IPv6; `None` when it is not told or cannot be read.
pub fn blocks(end: &VpcPeeringConnectionVpcInfo) -> Option<[Addresses; 2]> {
    let set = end.cidr_block_set().iter().map(|b| b.cidr_block());
    let six = end.ipv6_cidr_block_set().iter().map(|b| b.ipv6_cidr_block());
    let first = end.cidr_block().map(Some);
    let networks: Option<Vec<IpNet>> = first.into_iter().chain(set).chain(six).map(|text| text?.parse().ok()).collect();
    let blocks = added_up(&networks?);
    (!blocks[0].is_empty() || !blocks[1].is_empty()).then_some(blocks)
}

/// Where some routes lead.
#[derive(Debug, Default)]
pub struct Routed<'a> {
    pub networks: Vec<IpNet>,
    /// A route each whose destination cannot be read, and the gap that hides it if that is why.
    pub unread: Vec<Option<&'a Gap>>,
}

impl<'a> Routed<'a> {
    pub fn of(routes: &[&Route], lists: &'a Lists) -> Self {
        let mut routed = Self::default();
        for route in routes {
            let direct = route.destination_cidr_block().or(route.destination_ipv6_cidr_block());
            match (direct.map(str::parse::<IpNet>), route.destination_prefix_list_id().and_then(|id| lists.get(id))) {
                (Some(Ok(net)), _) => routed.networks.push(net),
                (None, Some(Ok(networks))) => routed.networks.extend(networks),
                (None, Some(Err(gap))) => routed.unread.push(Some(gap)),
                (Some(Err(_)), _) | (None, None) => routed.unread.push(None),
            }
        }
        routed
    }

    /// All of them together, IPv4 and IPv6.
    pub fn addresses(&self) -> [Addresses; 2] {
        added_up(&self.networks)
    }
}

fn added_up(networks: &[IpNet]) -> [Addresses; 2] {
    let mut all = [Addresses::default(), Addresses::default()];
    for net in networks {
        let (v6, addresses) = Addresses::of(*net);
        all[usize::from(v6)] = all[usize::from(v6)].with(&addresses);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;
    use aws_sdk_ec2::types::CidrBlock;

    fn end(vpc: &str, block: &str) -> VpcPeeringConnectionVpcInfo {
        let block = CidrBlock::builder().cidr_block(block).build();
        VpcPeeringConnectionVpcInfo::builder().vpc_id(vpc).cidr_block_set(block).build()
    }

    #[test]
    fn each_end_sees_the_other() {
        let peering = VpcPeeringConnection::builder()
            .requester_vpc_info(end("vpc-1", "10.0.0.0/16"))
            .accepter_vpc_info(end("vpc-2", "10.1.0.0/16"))
            .build();
        let seen = |vpc| other_end(&peering, vpc).and_then(|end| end.vpc_id());
        assert_eq!((seen(Some("vpc-1")), seen(Some("vpc-2"))), (Some("vpc-2"), Some("vpc-1")));
        assert_eq!((seen(Some("vpc-3")), seen(None)), (None, None));
    }

    #[test]
    fn blocks_that_cannot_be_read_are_not_known() {
        assert!(blocks(&end("vpc-1", "10.0.0.0/16")).is_some());
        assert!(blocks(&end("vpc-1", "10.0.0")).is_none());
        assert!(blocks(&VpcPeeringConnectionVpcInfo::builder().build()).is_none());
    }

    #[test]
    fn routes_add_up() {
        let gap = Gap::new("1", "r", "ec2:GetManagedPrefixListEntries", GapKind::Denied, "no");
        let lists = Lists::from([
            ("pl-1".to_owned(), Ok(vec!["10.1.128.0/17".parse().unwrap()])),
            ("pl-2".to_owned(), Err(gap.clone())),
        ]);
        let list = |id: &str| Route::builder().destination_prefix_list_id(id).build();
        let half = Route::builder().destination_cidr_block("10.1.0.0/17").build();
        let routed = Routed::of(&[&half, &list("pl-1")], &lists);
        assert!(routed.addresses()[0].holds(&blocks(&end("vpc-2", "10.1.0.0/16")).unwrap()[0]));
        assert!(routed.unread.is_empty());
        let hidden = Routed::of(&[&list("pl-2"), &list("pl-3")], &lists);
        assert_eq!((hidden.networks.len(), hidden.unread), (0, vec![Some(&gap), None]));
    }
}
