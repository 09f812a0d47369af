//! Routes to a peering connection lead to the hosts that are needed, not to the whole of the other VPC. Several routes
//! of one table that add up to all of it are the whole of it too.

use crate::prelude::*;
use aws_sdk_ec2::types::{Route, RouteTable, VpcPeeringConnection, VpcPeeringConnectionVpcInfo};
use posture_estate::network::addresses::Addresses;
use posture_estate::network::peering::{self, Routed};
use posture_estate::network::reach::Lists;

pub async fn probe(at: &Region) -> Outcome {
    let peerings = at.ec2().vpc_peering_connections().await?;
    let peerings: Vec<&VpcPeeringConnection> = peerings.iter().filter(|p| peering::is_active(p)).collect();
    if peerings.is_empty() {
        return Ok(Vec::new());
    }
    let tables = match at.ec2().route_tables().await {
        Ok(tables) => tables,
        Err(gap) => return Ok(peerings.iter().map(|p| Verdict::unseen(&gap).on(at.ec2().vpc_peering(p))).collect()),
    };
    let routes = tables.iter().filter(|t| at.ec2().owns(t.owner_id())).flat_map(|t| t.routes());
    let ids = routes.filter(|r| r.vpc_peering_connection_id().is_some()).filter_map(|r| r.destination_prefix_list_id());
    let ids: std::collections::BTreeSet<&str> = ids.collect();
    let lists = at.ec2().prefix_lists_by_id(ids).await;
    let own: Vec<&RouteTable> = tables.iter().filter(|t| at.ec2().owns(t.owner_id())).collect();
    Ok(peerings.iter().map(|p| judge(p, &own, &lists).on(at.ec2().vpc_peering(p))).collect())
}

fn judge(peering: &VpcPeeringConnection, tables: &[&RouteTable], lists: &Lists) -> Verdict {
    let id = peering.vpc_peering_connection_id().unwrap_or("?");
    let mut reasons = Reasons::new();
    let mut count = 0;
    for table in tables {
        let to = |r: &&Route| r.vpc_peering_connection_id() == Some(id);
        let routes: Vec<&Route> = table.routes().iter().filter(to).collect();
        if routes.is_empty() {
            continue;
        }
        count += routes.len();
        let called = format!("route table {}", table.route_table_id().unwrap_or("?"));
        match peering::other_end(peering, table.vpc_id()) {
            Some(other) => judge_table(&called, id, &routes, other, lists, &mut reasons),
            None => reasons.doubt(format!("{called} has routes to {id}, whose other end is not known")),
        }
    }
    reasons.or_pass(|| match count {
        0 => format!("no route table has a route to peering connection {id}"),
        _ => format!("{count} routes to peering connection {id} lead to less than the whole of the other vpc"),
    })
}

fn judge_table(
    called: &str,
    id: &str,
    routes: &[&Route],
    other: &VpcPeeringConnectionVpcInfo,
    lists: &Lists,
    reasons: &mut Reasons,
) {
    let name = other.vpc_id().unwrap_or("the other vpc");
    let routed = Routed::of(routes, lists);
    for net in routed.networks.iter().filter(|net| net.prefix_len() == 0) {
        reasons.broken("default_route", format!("{called} sends {net} to peering connection {id}"));
    }
    // Everything in parts is everything, whatever the other side holds.
    let whole = routed.networks.iter().any(|net| net.prefix_len() == 0);
    let [v4, v6] = routed.addresses();
    if !whole && (v4.holds(Addresses::public(false)) || v6.holds(Addresses::public(true))) {
        reasons.broken("default_route", format!("{called} sends the whole internet to peering connection {id}"));
    }
    let Some(blocks) = peering::blocks(other) else {
        reasons.doubt(format!("the CIDR blocks of {name} behind peering connection {id} are not known"));
        return;
    };
    for (routed, block) in routed.addresses().iter().zip(&blocks) {
        if !block.is_empty() && routed.holds(block) {
            reasons
                .broken("whole_vpc_routed", format!("{called} sends the whole of {name} to peering connection {id}"));
        }
    }
    for gap in routed.unread {
        match gap {
            Some(gap) => reasons.unseen(gap),
            None => reasons.doubt(format!("{called} has a route to {id} whose destination cannot be read")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::CidrBlock;

    fn end(vpc: &str, blocks: &[&str]) -> VpcPeeringConnectionVpcInfo {
        let set = blocks.iter().map(|b| CidrBlock::builder().cidr_block(*b).build()).collect();
        VpcPeeringConnectionVpcInfo::builder().vpc_id(vpc).set_cidr_block_set(Some(set)).build()
    }

    fn peering(blocks: &[&str]) -> VpcPeeringConnection {
        VpcPeeringConnection::builder()
            .vpc_peering_connection_id("pcx-1")
            .requester_vpc_info(end("vpc-1", &["10.0.0.0/16"]))
            .accepter_vpc_info(end("vpc-2", blocks))
            .build()
    }

    fn table(vpc: &str, destinations: &[&str]) -> RouteTable {
        let route = |to: &&str| {
            let route = Route::builder().vpc_peering_connection_id("pcx-1");
            if to.starts_with("pl-") {
                route.destination_prefix_list_id(*to).build()
            } else if to.contains(':') {
                route.destination_ipv6_cidr_block(*to).build()
            } else {
                route.destination_cidr_block(*to).build()
            }
        };
        let routes = destinations.iter().map(route).collect();
        RouteTable::builder().route_table_id("rtb-1").vpc_id(vpc).set_routes(Some(routes)).build()
    }

    fn status(blocks: &[&str], destinations: &[&str]) -> Status {
        judge(&peering(blocks), &[&table("vpc-1", destinations)], &Lists::new()).status
    }

    #[test]
    fn the_whole_of_the_other_vpc() {
        assert_eq!(status(&["10.1.0.0/16"], &["10.1.0.0/16"]), Status::Fail);
        assert_eq!(status(&["10.1.0.0/16"], &["10.0.0.0/8"]), Status::Fail);
        assert_eq!(status(&["10.1.0.0/16"], &["10.1.0.0/17", "10.1.128.0/17"]), Status::Fail);
        assert_eq!(status(&["10.1.0.0/16"], &["0.0.0.0/0"]), Status::Fail);
        assert_eq!(status(&["10.1.0.0/16"], &["::/0"]), Status::Fail);
        assert_eq!(status(&[], &["0.0.0.0/1", "128.0.0.0/1"]), Status::Fail, "whatever the other vpc holds");
        assert_eq!(status(&["10.1.0.0/16"], &["2000::/3"]), Status::Fail);
        let back = judge(&peering(&["10.1.0.0/16"]), &[&table("vpc-2", &["10.0.0.0/16"])], &Lists::new());
        assert_eq!(back.status, Status::Fail, "the way back counts as well");
    }

    #[test]
    fn less_than_that() {
        assert_eq!(status(&["10.1.0.0/16"], &["10.1.7.0/24"]), Status::Pass);
        assert_eq!(status(&["10.1.0.0/16", "10.2.0.0/16"], &["10.1.0.0/16"]), Status::Pass);
        assert_eq!(status(&["10.1.0.0/16"], &[]), Status::Pass);
        let back = judge(&peering(&["10.1.0.0/16"]), &[&table("vpc-2", &["10.0.9.0/24"])], &Lists::new());
        assert_eq!(back.status, Status::Pass);
    }

    #[test]
    fn prefix_lists() {
        let judged = |lists: &Lists| judge(&peering(&["10.1.0.0/16"]), &[&table("vpc-1", &["pl-1"])], lists).status;
        let holds = |range: &str| Lists::from([("pl-1".to_owned(), Ok(vec![range.parse().unwrap()]))]);
        assert_eq!(judged(&holds("10.1.0.0/16")), Status::Fail);
        assert_eq!(judged(&holds("10.1.2.0/24")), Status::Pass);
        assert_eq!(judged(&Lists::new()), Status::Unknown);
    }

    #[test]
    fn ends_that_are_not_known() {
        assert_eq!(status(&[], &["10.1.7.0/24"]), Status::Unknown);
        assert_eq!(
            judge(&peering(&["10.1.0.0/16"]), &[&table("vpc-9", &["10.1.7.0/24"])], &Lists::new()).status,
            Status::Unknown
        );
    }
}
