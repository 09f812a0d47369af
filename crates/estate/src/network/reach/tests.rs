//! Both sides of each rule of [`super`].

use super::*;
use aws_sdk_ec2::types::{IpRange, Ipv6Range, PortRange, PrefixListId};

fn rule(protocol: &str, ports: Option<(i32, i32)>, ranges: &[&str]) -> IpPermission {
    let mut rule = IpPermission::builder().ip_protocol(protocol);
    if let Some((from, to)) = ports {
        rule = rule.from_port(from).to_port(to);
    }
    for range in ranges {
        rule = if range.contains(':') {
            rule.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(*range).build())
        } else if range.starts_with("pl-") {
            rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(*range).build())
        } else {
            rule.ip_ranges(IpRange::builder().cidr_ip(*range).build())
        };
    }
    rule.build()
}

fn group(rules: &[IpPermission]) -> SecurityGroup {
    SecurityGroup::builder().set_ip_permissions(Some(rules.to_vec())).build()
}

fn open(rules: &[IpPermission]) -> String {
    listed(Reach::inbound([&group(rules)], &Lists::new()).open())
}

fn listed(openings: &[Opening]) -> String {
    openings.iter().map(|o| format!("{o} from {}", o.from)).collect::<Vec<_>>().join("; ")
}

#[test]
fn one_rule_for_everyone() {
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["0.0.0.0/0"])]), "tcp/22 from 0.0.0.0/0");
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["::/0"])]), "tcp/22 from ::/0");
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["0.0.0.0/0", "::/0"])]), "tcp/22 from 0.0.0.0/0 and ::/0");
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["10.0.0.0/8", "fd00::/8", "198.51.100.7/32"])]), "");
}

#[test]
fn halves_make_a_whole() {
    // semantics 25
    let both = rule("tcp", Some((22, 22)), &["0.0.0.0/1", "128.0.0.0/1"]);
    assert_eq!(open(&[both]), "tcp/22 from 0.0.0.0/1 and 128.0.0.0/1");
    // … also over two rules with different ports: only the ports that they share have both halves.
    let low = rule("tcp", Some((20, 30)), &["52.0.0.0/8"]);
    let high = rule("tcp", Some((22, 22)), &["53.0.0.0/8"]);
    assert_eq!(open(std::slice::from_ref(&high)), "");
    assert_eq!(open(&[low, high]), "tcp/22 from 52.0.0.0/8 and 53.0.0.0/8");
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["::/1", "8000::/1"])]), "tcp/22 from 8000::/1 and ::/1");
    assert_eq!(open(&[rule("tcp", Some((22, 22)), &["2000::/3"])]), "tcp/22 from 2000::/3");
}

#[test]
fn what_is_broader_than_s3_allows_is_the_internet_and_a_slash_8_is_not() {
    for wide in
        ["0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2", "192.0.0.0/2", "96.0.0.0/5", "52.0.0.0/7", "2600::/12"]
    {
        assert_eq!(open(&[rule("tcp", Some((22, 22)), &[wide])]), format!("tcp/22 from {wide}"));
    }
    for less in ["52.0.0.0/8", "224.0.0.0/3", "10.0.0.0/7", "2600:1f18::/32"] {
        assert_eq!(open(&[rule("tcp", Some((22, 22)), &[less])]), "", "{less}");
    }
}

#[test]
fn every_port_is_every_one_that_can_be_called_in_one_range_or_many() {
    // semantics 108
    let every = |spans: &[(i32, i32)]| {
        let rules: Vec<_> = spans.iter().map(|span| rule("tcp", Some(*span), &["0.0.0.0/0"])).collect();
        Reach::inbound([&group(&rules)], &Lists::new()).every_port()
    };
    for all in [&[(0, 65535)][..], &[(1, 65535)], &[(1, 1023), (1024, 65535)], &[(2, 65535), (0, 1)], &[(-1, -1)]] {
        assert_eq!(every(all), Some(Protocol::Tcp), "{all:?}");
    }
    for less in [&[(2, 65535)][..], &[(1, 65534)], &[(1, 21), (23, 65535)], &[(1024, 65535)]] {
        assert_eq!(every(less), None, "{less:?}");
    }
}

#[test]
fn protocols_are_kept_apart() {
    // semantics 27
    let udp = group(&[rule("udp", Some((22, 22)), &["0.0.0.0/0"])]);
    let reach = Reach::inbound([&udp], &Lists::new());
    assert!(!reach.reaches(Protocol::Tcp, 22));
    assert!(reach.reaches(Protocol::Udp, 22));
    let all = group(&[rule("-1", None, &["0.0.0.0/0"])]);
    let reach = Reach::inbound([&all], &Lists::new());
    assert_eq!(
        listed(reach.open()),
        "tcp/0-65535 from 0.0.0.0/0; udp/0-65535 from 0.0.0.0/0; icmp from 0.0.0.0/0; \
         every other protocol from 0.0.0.0/0"
    );
    assert_eq!(reach.every_port(), Some(Protocol::Tcp));
    assert_eq!(open(&[rule("icmp", Some((8, -1)), &["0.0.0.0/0"])]), "icmp from 0.0.0.0/0");
    assert_eq!(open(&[rule("50", None, &["0.0.0.0/0"])]), "ip protocol 50 from 0.0.0.0/0");
    assert_eq!(open(&[rule("6", Some((22, 22)), &["0.0.0.0/0"])]), "tcp/22 from 0.0.0.0/0");
}

#[test]
fn a_range_holds_the_ports_inside() {
    // semantics 27
    let wide = group(&[rule("tcp", Some((0, 65535)), &["0.0.0.0/0"])]);
    let reach = Reach::inbound([&wide], &Lists::new());
    assert!(reach.reaches(Protocol::Tcp, 22));
    assert!(!reach.reaches(Protocol::Udp, 22));
    assert_eq!(reach.every_port(), Some(Protocol::Tcp));
    let wanted = [Span::one(22), Span::new(5985, 5986)];
    assert_eq!(listed(&reach.within(Protocol::Tcp, &wanted)), "tcp/22 from 0.0.0.0/0; tcp/5985-5986 from 0.0.0.0/0");
    let split =
        group(&[rule("tcp", Some((0, 1000)), &["0.0.0.0/0"]), rule("tcp", Some((1001, 65535)), &["0.0.0.0/0"])]);
    assert_eq!(Reach::inbound([&split], &Lists::new()).every_port(), Some(Protocol::Tcp));
}

#[test]
fn groups_of_one_interface_add_up() {
    let one = group(&[rule("tcp", Some((22, 22)), &["52.0.0.0/8"])]);
    let two = group(&[rule("tcp", Some((22, 22)), &["53.0.0.0/8"])]);
    assert!(Reach::inbound([&one, &two], &Lists::new()).reaches(Protocol::Tcp, 22));
    assert!(!Reach::inbound([&one], &Lists::new()).reaches(Protocol::Tcp, 22));
}

#[test]
fn prefix_lists_are_resolved() {
    // semantics 25
    let group = group(&[rule("tcp", Some((22, 22)), &["pl-1"])]);
    let lists = |nets: &[&str]| {
        Lists::from([("pl-1".to_owned(), Ok(nets.iter().map(|n| n.parse().unwrap()).collect::<Vec<IpNet>>()))])
    };
    let reach = Reach::inbound([&group], &lists(&["0.0.0.0/1", "128.0.0.0/1"]));
    assert_eq!(listed(reach.open()), "tcp/22 from pl-1");
    assert!(Reach::inbound([&group], &lists(&["203.0.113.0/24"])).open().is_empty());
}

#[test]
fn an_unread_list_hides_only_the_ports_that_it_alone_could_open() {
    let group = group(&[
        rule("tcp", Some((22, 22)), &["pl-1"]),
        rule("tcp", Some((443, 443)), &["pl-1", "0.0.0.0/0"]),
        rule("tcp", Some((3306, 3306)), &["10.0.0.0/8"]),
    ]);
    let reach = Reach::inbound([&group], &Lists::new());
    assert_eq!(listed(reach.open()), "tcp/443 from 0.0.0.0/0");
    assert_eq!(listed(reach.possible()), "tcp/22 from pl-1");
    assert_eq!(reach.doubts(), ["prefix list pl-1 was not read"]);
}

#[test]
fn the_verdict_tells_the_ports_and_keeps_the_gap() {
    use crate::finding::GapKind;
    use crate::finding::Status;
    let ssh = [(Protocol::Tcp, vec![Span::one(22)])];
    let both = group(&[rule("tcp", Some((0, 100)), &["0.0.0.0/0"]), rule("tcp", Some((22, 22)), &["pl-1"])]);
    let list = group(&[rule("tcp", Some((22, 22)), &["pl-1"])]);
    let other = group(&[rule("tcp", Some((443, 443)), &["pl-1"])]);
    let gap = Gap::new("1", "r", "ec2:GetManagedPrefixListEntries", GapKind::Denied, "no");
    let lists = Lists::from([("pl-1".to_owned(), Err(gap))]);
    let judge = |g: &SecurityGroup| Reach::inbound([g], &lists).verdict("security group g", &ssh, || "fine".into());
    let verdict = judge(&both);
    assert_eq!((verdict.status, verdict.gaps.len()), (Status::Fail, 0));
    assert_eq!(verdict.message, "security group g lets 0.0.0.0/0 reach tcp/22");
    let verdict = judge(&list);
    assert_eq!((verdict.status, verdict.gaps.len()), (Status::Unknown, 1));
    assert_eq!(judge(&other).status, Status::Pass, "the list cannot open port 22");
}

#[test]
fn an_unreadable_protocol_may_be_any() {
    let reach = Reach::inbound([&group(&[rule("what", Some((1, 1)), &["0.0.0.0/0"])])], &Lists::new());
    assert!(reach.open().is_empty());
    assert_eq!(reach.possible_within(Protocol::Tcp, &[Span::one(22)]).len(), 1);
}

#[test]
fn what_does_not_parse_is_no_pass() {
    let reach = Reach::inbound([&group(&[rule("tcp", Some((22, 22)), &["everywhere"])])], &Lists::new());
    assert!(reach.open().is_empty());
    assert_eq!(reach.possible().len(), 1);
    assert_eq!(reach.doubts().len(), 1);
}

fn entry(number: i32, allow: bool, protocol: &str, range: &str, ports: Option<(i32, i32)>) -> NetworkAclEntry {
    let action = if allow { RuleAction::Allow } else { RuleAction::Deny };
    let mut entry = NetworkAclEntry::builder().rule_number(number).rule_action(action).protocol(protocol).egress(false);
    if let Some((from, to)) = ports {
        entry = entry.port_range(PortRange::builder().from(from).to(to).build());
    }
    if range.contains(':') { entry.ipv6_cidr_block(range) } else { entry.cidr_block(range) }.build()
}

fn acl(entries: &[NetworkAclEntry]) -> Reach {
    let last = entry(32767, false, "-1", "0.0.0.0/0", None);
    Reach::acl(&NetworkAcl::builder().set_entries(Some(entries.to_vec())).entries(last).build())
}

#[test]
fn the_first_matching_acl_entry_wins() {
    // semantics 30
    let allow = |n| entry(n, true, "-1", "0.0.0.0/0", None);
    let deny = |n| entry(n, false, "6", "0.0.0.0/0", Some((22, 22)));
    assert!(acl(&[allow(100)]).reaches(Protocol::Tcp, 22));
    assert!(acl(&[allow(100), deny(200)]).reaches(Protocol::Tcp, 22));
    assert!(!acl(&[deny(90), allow(100)]).reaches(Protocol::Tcp, 22));
    assert!(acl(&[deny(90), allow(100)]).reaches(Protocol::Tcp, 23));
    // The list's order is not the rules' order.
    assert!(!acl(&[allow(100), deny(90)]).reaches(Protocol::Tcp, 22));
}

#[test]
fn an_acl_deny_counts_for_the_addresses_that_it_covers() {
    let allow = entry(100, true, "6", "0.0.0.0/0", Some((22, 22)));
    let one = entry(90, false, "6", "203.0.113.0/24", Some((22, 22)));
    assert!(acl(&[one, allow.clone()]).reaches(Protocol::Tcp, 22));
    let halves =
        [entry(90, false, "6", "0.0.0.0/1", Some((22, 22))), entry(91, false, "6", "128.0.0.0/1", Some((0, 1023)))];
    assert!(!acl(&[halves[0].clone(), halves[1].clone(), allow.clone()]).reaches(Protocol::Tcp, 22));
    // A deny for IPv4 says nothing about IPv6.
    let six = entry(100, true, "6", "::/0", Some((22, 22)));
    assert_eq!(listed(acl(&[entry(90, false, "-1", "0.0.0.0/0", None), six]).open()), "tcp/22 from ::/0");
}

#[test]
fn acl_halves_make_a_whole_and_egress_does_not_count() {
    // semantics 30
    let halves = [entry(1, true, "6", "0.0.0.0/1", Some((22, 22))), entry(2, true, "6", "128.0.0.0/1", Some((22, 22)))];
    assert_eq!(listed(acl(&halves).open()), "tcp/22 from 0.0.0.0/1 and 128.0.0.0/1");
    let out = NetworkAclEntry::builder()
        .rule_number(1)
        .rule_action(RuleAction::Allow)
        .protocol("-1")
        .egress(true)
        .cidr_block("0.0.0.0/0")
        .build();
    assert!(acl(&[out]).open().is_empty());
    let esp = entry(1, true, "50", "0.0.0.0/0", None);
    assert_eq!(listed(acl(&[esp]).open()), "ip protocol 50 from 0.0.0.0/0");
}

#[test]
fn spans_outside_others() {
    let all = ALL_PORTS.outside(&[Span::one(443), Span::one(80)]);
    assert_eq!(all.iter().map(Span::to_string).collect::<Vec<_>>(), ["0-79", "81-442", "444-65535"]);
    assert!(Span::one(80).outside(&[Span::new(0, 100)]).is_empty());
    assert!(ALL_PORTS.outside(&[ALL_PORTS]).is_empty());
}

#[test]
fn openings_of_one_source_are_told_together() {
    let rules = [
        rule("tcp", Some((22, 22)), &["0.0.0.0/0"]),
        rule("tcp", Some((3389, 3389)), &["0.0.0.0/0"]),
        rule("udp", Some((53, 53)), &["::/0"]),
    ];
    let reach = Reach::inbound([&group(&rules)], &Lists::new());
    assert_eq!(described(reach.open()), "0.0.0.0/0 reach tcp/22, tcp/3389; ::/0 reach udp/53");
}
