//! No security group lets the internet reach a port of a database, cache, queue, file share or clear-text protocol.

use crate::prelude::*;
use aws_sdk_ec2::types::SecurityGroup;
use posture_estate::network::reach::{Lists, Protocol, Reach, Span};

/// By default FTP, Telnet, SMTP, POP3, MS-RPC, NetBIOS, IMAP, SMB, SQL Server, Oracle, MySQL, PostgreSQL, Kibana, Redis, Cassandra
/// (7199, 8888, 9160), Kafka, Elasticsearch, Memcached, MongoDB.
const TCP_PORTS: Setting<[Span]> = setting!(sg_no_open_high_risk_ports.tcp_ports);

/// By default, of those, the services that also answer over UDP: SQL Server Browser and Memcached, both used to amplify floods.
const UDP_PORTS: Setting<[Span]> = setting!(sg_no_open_high_risk_ports.udp_ports);

pub async fn probe(at: &Region) -> Outcome {
    let wanted = [(Protocol::Tcp, at.setting(TCP_PORTS).to_vec()), (Protocol::Udp, at.setting(UDP_PORTS).to_vec())];
    super::each_inbound(at, |group, lists| judge(group, lists, &wanted)).await
}

fn judge(group: &SecurityGroup, lists: &Lists, wanted: &[(Protocol, Vec<Span>)]) -> Verdict {
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    Reach::inbound([group], lists)
        .verdict(&name, wanted, || format!("{name} keeps the internet from every port of the risk list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IpPermission, IpRange, PrefixListId};

    fn group(protocol: &str, from: i32, to: i32, range: &str) -> SecurityGroup {
        let rule = IpPermission::builder().ip_protocol(protocol).from_port(from).to_port(to);
        let rule = if range.starts_with("pl-") {
            rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(range).build())
        } else {
            rule.ip_ranges(IpRange::builder().cidr_ip(range).build())
        };
        SecurityGroup::builder().group_id("sg-1").ip_permissions(rule.build()).build()
    }

    fn standard() -> [(Protocol, Vec<Span>); 2] {
        [(Protocol::Tcp, TCP_PORTS.default_value().to_vec()), (Protocol::Udp, UDP_PORTS.default_value().to_vec())]
    }

    fn status(protocol: &str, from: i32, to: i32, range: &str) -> Status {
        judge(&group(protocol, from, to, range), &Lists::new(), &standard()).status
    }

    #[test]
    fn open() {
        for port in [20, 23, 445, 1433, 1434, 3306, 5432, 6379, 9200, 9300, 11211, 27018] {
            assert_eq!(status("tcp", port, port, "0.0.0.0/0"), Status::Fail, "{port}");
        }
        assert_eq!(status("udp", 11211, 11211, "0.0.0.0/0"), Status::Fail);
        assert_eq!(status("-1", -1, -1, "0.0.0.0/0"), Status::Fail);
        let verdict = judge(&group("tcp", 3000, 6000, "0.0.0.0/0"), &Lists::new(), &standard());
        assert_eq!(verdict.message, "security group sg-1 lets 0.0.0.0/0 reach tcp/3306, tcp/5432, tcp/5601");
    }

    #[test]
    fn closed() {
        assert_eq!(status("tcp", 3306, 3306, "10.0.0.0/8"), Status::Pass);
        assert_eq!(status("tcp", 443, 443, "0.0.0.0/0"), Status::Pass);
        assert_eq!(status("udp", 3306, 3306, "0.0.0.0/0"), Status::Pass);
        assert_eq!(status("tcp", 27019, 27019, "0.0.0.0/0"), Status::Pass);
    }

    #[test]
    fn an_unread_list_is_unknown_for_these_ports_only() {
        assert_eq!(status("tcp", 3306, 3306, "pl-1"), Status::Unknown);
        assert_eq!(status("tcp", 443, 443, "pl-1"), Status::Pass);
    }
}
