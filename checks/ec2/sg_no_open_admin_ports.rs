//! No security group lets the internet reach a remote administration port. Asked of the union of a group's ranges and
//! prefix lists, per port and protocol: two halves of the address space are the internet too.

use crate::prelude::*;
use aws_sdk_ec2::types::SecurityGroup;
use posture_estate::network::reach::{Lists, Protocol, Reach, Span};

/// SSH, RDP, WinRM over HTTP and HTTPS; they are always judged.
const TCP: [Span; 3] = [Span::one(22), Span::one(3389), Span::new(5985, 5986)];

/// RDP uses UDP of the same port besides TCP; SSH and WinRM do not.
const UDP: [Span; 1] = [Span::one(3389)];

/// What else the account is administered through.
const TCP_PORTS: Setting<[Span]> = setting!(sg_no_open_admin_ports.tcp_ports);

/// The same over UDP.
const UDP_PORTS: Setting<[Span]> = setting!(sg_no_open_admin_ports.udp_ports);

pub async fn probe(at: &Region) -> Outcome {
    let wanted = super::with_configured((&TCP, at.setting(TCP_PORTS)), (&UDP, at.setting(UDP_PORTS)));
    super::each_inbound(at, |group, lists| judge(group, lists, &wanted)).await
}

fn judge(group: &SecurityGroup, lists: &Lists, wanted: &[(Protocol, Vec<Span>)]) -> Verdict {
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    Reach::inbound([group], lists).verdict(&name, wanted, || {
        format!("{name} keeps the internet from every remote administration port ({})", super::listed(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId};

    fn rule(protocol: &str, from: i32, to: i32) -> aws_sdk_ec2::types::builders::IpPermissionBuilder {
        IpPermission::builder().ip_protocol(protocol).from_port(from).to_port(to)
    }

    fn v4(range: &str) -> IpRange {
        IpRange::builder().cidr_ip(range).build()
    }

    fn with(tcp: &[Span], udp: &[Span]) -> Vec<(Protocol, Vec<Span>)> {
        crate::ec2::with_configured((&TCP, tcp), (&UDP, udp))
    }

    fn judged(rule: IpPermission, lists: &Lists) -> Verdict {
        judge(&SecurityGroup::builder().group_id("sg-1").ip_permissions(rule).build(), lists, &with(&[], &[]))
    }

    fn status(rule: IpPermission) -> Status {
        judged(rule, &Lists::new()).status
    }

    #[test]
    fn open() {
        // semantics 26
        let verdict = judged(rule("tcp", 22, 22).ip_ranges(v4("0.0.0.0/0")).build(), &Lists::new());
        assert_eq!(verdict.message, "security group sg-1 lets 0.0.0.0/0 reach tcp/22");
        assert_eq!(verdict.status, Status::Fail);
        assert_eq!(status(rule("tcp", 0, 65535).ip_ranges(v4("0.0.0.0/0")).build()), Status::Fail);
        assert_eq!(status(rule("-1", -1, -1).ip_ranges(v4("0.0.0.0/0")).build()), Status::Fail);
        for port in [22, 3389, 5985, 5986] {
            let left = status(rule("tcp", port, port).ip_ranges(v4("0.0.0.0/0")).build());
            assert_eq!(left, Status::Fail, "{port}, which the check for high-risk ports leaves to this one");
        }
        assert_eq!(status(rule("tcp", 5980, 5990).ip_ranges(v4("0.0.0.0/0")).build()), Status::Fail);
        assert_eq!(status(rule("udp", 3389, 3389).ip_ranges(v4("0.0.0.0/0")).build()), Status::Fail);
        let halves = rule("tcp", 22, 22).ip_ranges(v4("0.0.0.0/1")).ip_ranges(v4("128.0.0.0/1")).build();
        assert_eq!(status(halves), Status::Fail);
        let six = Ipv6Range::builder().cidr_ipv6("::/0").build();
        assert_eq!(status(rule("tcp", 22, 22).ipv6_ranges(six).build()), Status::Fail);
    }

    #[test]
    fn closed() {
        assert_eq!(status(rule("tcp", 22, 22).ip_ranges(v4("10.0.0.0/8")).build()), Status::Pass);
        assert_eq!(status(rule("tcp", 22, 22).ip_ranges(v4("198.51.100.7/32")).build()), Status::Pass);
        assert_eq!(status(rule("tcp", 443, 443).ip_ranges(v4("0.0.0.0/0")).build()), Status::Pass);
        assert_eq!(status(rule("udp", 22, 22).ip_ranges(v4("0.0.0.0/0")).build()), Status::Pass);
        assert_eq!(judge(&SecurityGroup::builder().build(), &Lists::new(), &with(&[], &[])).status, Status::Pass);
    }

    #[test]
    fn a_part_of_the_internet_broader_than_s3_allows_is_the_internet() {
        for wide in ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/3", "52.0.0.0/7"] {
            let verdict = judged(rule("tcp", 22, 22).ip_ranges(v4(wide)).build(), &Lists::new());
            assert_eq!(verdict.message, format!("security group sg-1 lets {wide} reach tcp/22"));
        }
        assert_eq!(status(rule("tcp", 22, 22).ip_ranges(v4("52.0.0.0/8")).build()), Status::Pass);
    }

    #[test]
    fn configured_ports_are_judged_besides_the_catalogues() {
        // semantics 116
        let open = |protocol: &str, port: i32| {
            let rule = rule(protocol, port, port).ip_ranges(v4("0.0.0.0/0")).build();
            SecurityGroup::builder().group_id("sg-1").ip_permissions(rule).build()
        };
        let set = with(&[Span::one(22), Span::new(5900, 5903)], &[Span::one(623)]);
        let status = |group, wanted: &[_]| judge(&group, &Lists::new(), wanted).status;
        for (protocol, port) in [("tcp", 22), ("tcp", 3389), ("tcp", 5986), ("tcp", 5901), ("udp", 3389), ("udp", 623)]
        {
            assert_eq!(status(open(protocol, port), &set), Status::Fail, "{protocol}/{port}");
        }
        assert_eq!(status(open("tcp", 5904), &set), Status::Pass);
        assert_eq!(status(open("tcp", 5901), &with(&[], &[])), Status::Pass, "not configured");
    }

    #[test]
    fn prefix_lists_decide_by_what_they_hold() {
        let list = || PrefixListId::builder().prefix_list_id("pl-1").build();
        let holds = |range: &str| Lists::from([("pl-1".to_owned(), Ok(vec![range.parse().unwrap()]))]);
        let ssh = rule("tcp", 22, 22).prefix_list_ids(list()).build();
        assert_eq!(judged(ssh.clone(), &holds("0.0.0.0/0")).status, Status::Fail);
        assert_eq!(judged(ssh.clone(), &holds("198.51.100.0/24")).status, Status::Pass);
        assert_eq!(judged(ssh, &Lists::new()).status, Status::Unknown);
        let web = rule("tcp", 443, 443).prefix_list_ids(list()).build();
        assert_eq!(judged(web, &Lists::new()).status, Status::Pass);
    }
}
