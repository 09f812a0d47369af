//! What the internet may reach is a short list, TCP 80 and 443 unless set otherwise; everything else that a group opens to it fails, all
//! ports at once first of all.

use crate::prelude::*;
use aws_sdk_ec2::types::SecurityGroup;
use posture_estate::network::reach::{ALL_PORTS, Lists, Opening, Protocol, Reach, Span, described, evidence};

/// HTTP and HTTPS, the default of Security Hub's EC2.18.
const TCP_PORTS: Setting<[Span]> = setting!(sg_open_only_on_authorized_ports.tcp_ports);

/// No UDP port is authorized by default, HTTP/3 on 443 neither.
const UDP_PORTS: Setting<[Span]> = setting!(sg_open_only_on_authorized_ports.udp_ports);

/// Both as they are set.
#[derive(Clone, Copy)]
struct Authorized<'a> {
    tcp: &'a [Span],
    udp: &'a [Span],
}

pub async fn probe(at: &Region) -> Outcome {
    let authorized = Authorized { tcp: at.setting(TCP_PORTS), udp: at.setting(UDP_PORTS) };
    super::each_inbound(at, |group, lists| judge(group, lists, authorized)).await
}

fn judge(group: &SecurityGroup, lists: &Lists, authorized: Authorized<'_>) -> Verdict {
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    let reach = Reach::inbound([group], lists);
    let (open, possible) = (unauthorized(reach.open(), authorized), unauthorized(reach.possible(), authorized));
    let mut reasons = Reasons::new();
    if let Some(protocol) = reach.every_port() {
        let from = reach.within(protocol, &[ALL_PORTS]).first().map(|o| o.from.clone()).unwrap_or_default();
        reasons.broken("every_port_open", format!("{name} lets {from} reach every {protocol} port"));
    } else if !open.is_empty() {
        reasons.broken("port_not_authorized", format!("{name} lets {}, which is not authorized", described(&open)));
    }
    if !possible.is_empty() {
        reach.gaps().iter().for_each(|gap| reasons.unseen(gap));
        reach.doubts().iter().for_each(|doubt| reasons.doubt(format!("{name}: {doubt}")));
    }
    let pass = || match reach.open() {
        [] => format!("{name} is not open to the internet"),
        open => format!("{name} lets {} and nothing else", described(open)),
    };
    reasons.or_pass(pass).evidence(evidence(&open, &possible))
}

/// What is open besides the authorized ports. ICMP has no ports, and path MTU discovery needs it: not judged here.
fn unauthorized(openings: &[Opening], authorized: Authorized<'_>) -> Vec<Opening> {
    let outside = |opening: &Opening| -> Vec<Opening> {
        let spans = match opening.protocol {
            Protocol::Tcp => opening.ports.outside(authorized.tcp),
            Protocol::Udp => opening.ports.outside(authorized.udp),
            Protocol::Icmp => Vec::new(),
            Protocol::Other(_) => vec![opening.ports],
        };
        spans.into_iter().map(|ports| Opening { ports, ..opening.clone() }).collect()
    };
    openings.iter().flat_map(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IpPermission, IpRange, PrefixListId};

    fn standard() -> Authorized<'static> {
        Authorized { tcp: TCP_PORTS.default_value(), udp: UDP_PORTS.default_value() }
    }

    fn judged(rules: &[(&str, i32, i32, &str)]) -> Verdict {
        let rules = rules.iter().map(|(protocol, from, to, range)| {
            let rule = IpPermission::builder().ip_protocol(*protocol).from_port(*from).to_port(*to);
            if range.starts_with("pl-") {
                rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(*range).build()).build()
            } else {
                rule.ip_ranges(IpRange::builder().cidr_ip(*range).build()).build()
            }
        });
        let rules: Vec<IpPermission> = rules.collect();
        judge(
            &SecurityGroup::builder().group_id("sg-1").set_ip_permissions(Some(rules)).build(),
            &Lists::new(),
            standard(),
        )
    }

    #[test]
    fn all_ports() {
        // semantics 26
        let all = judged(&[("-1", -1, -1, "0.0.0.0/0")]);
        assert_eq!(all.status, Status::Fail);
        assert_eq!(all.message, "security group sg-1 lets 0.0.0.0/0 reach every tcp port");
        let udp = judged(&[("udp", 0, 65535, "0.0.0.0/0")]);
        assert_eq!(udp.message, "security group sg-1 lets 0.0.0.0/0 reach every udp port");
        let halves = judged(&[("tcp", 0, 65535, "0.0.0.0/1"), ("tcp", 0, 65535, "128.0.0.0/1")]);
        assert_eq!(halves.status, Status::Fail);
        let usable = judged(&[("tcp", 1, 1023, "0.0.0.0/0"), ("tcp", 1024, 65535, "0.0.0.0/0")]);
        assert_eq!(usable.reasons, ["every_port_open"]);
    }

    #[test]
    fn other_ports() {
        let verdict = judged(&[("tcp", 79, 81, "0.0.0.0/0")]);
        assert_eq!(verdict.message, "security group sg-1 lets 0.0.0.0/0 reach tcp/79, tcp/81, which is not authorized");
        assert_eq!(judged(&[("udp", 443, 443, "0.0.0.0/0")]).status, Status::Fail);
        for port in [8080, 3000] {
            let left = judged(&[("tcp", port, port, "0.0.0.0/0")]).status;
            assert_eq!(left, Status::Fail, "{port}, which the check for high-risk ports leaves to this one");
        }
        assert_eq!(judged(&[("50", -1, -1, "0.0.0.0/0")]).status, Status::Fail);
    }

    #[test]
    fn authorized_ports() {
        assert_eq!(judged(&[("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0")]).status, Status::Pass);
        assert_eq!(judged(&[("tcp", 8080, 8080, "10.0.0.0/8")]).status, Status::Pass);
        assert_eq!(judged(&[("icmp", 3, 4, "0.0.0.0/0")]).status, Status::Pass);
        assert_eq!(judged(&[]).message, "security group sg-1 is not open to the internet");
    }

    #[test]
    fn an_unread_list_is_unknown_where_it_could_matter() {
        assert_eq!(judged(&[("tcp", 443, 443, "pl-1")]).status, Status::Pass);
        assert_eq!(judged(&[("tcp", 8080, 8080, "pl-1")]).status, Status::Unknown);
        assert_eq!(judged(&[("tcp", 8080, 8080, "pl-1"), ("tcp", 22, 22, "0.0.0.0/0")]).status, Status::Fail);
    }
}
