//! Network ACLs with a subnet do not let the internet reach SSH or RDP. Entries are judged as AWS does: in order of
//! number, the first match decides, per address and per port; IPv4 and IPv6 apart.

use crate::prelude::*;
use aws_sdk_ec2::types::NetworkAcl;
use posture_estate::network::reach::{Protocol, Reach, Span};

/// SSH and RDP; they are always judged.
const TCP: [Span; 2] = [Span::one(22), Span::one(3389)];

/// RDP uses UDP of the same port besides TCP.
const UDP: [Span; 1] = [Span::one(3389)];

/// What else the account is administered through.
const TCP_PORTS: Setting<[Span]> = setting!(nacl_no_open_admin_ports.tcp_ports);

/// The same over UDP.
const UDP_PORTS: Setting<[Span]> = setting!(nacl_no_open_admin_ports.udp_ports);

pub async fn probe(at: &Region) -> Outcome {
    let acls = at.ec2().network_acls().await?;
    let own = acls.iter().filter(|acl| at.ec2().owns(acl.owner_id()));
    let wanted = super::with_configured((&TCP, at.setting(TCP_PORTS)), (&UDP, at.setting(UDP_PORTS)));
    Ok(own.map(|acl| judge(acl, &wanted).on(at.ec2().network_acl(acl))).collect())
}

fn judge(acl: &NetworkAcl, wanted: &[(Protocol, Vec<Span>)]) -> Verdict {
    let name = format!("network acl {}", acl.network_acl_id().unwrap_or("?"));
    let Some(associations) = &acl.associations else {
        return Verdict::undecided(format!("{name} does not say which subnets it guards"));
    };
    if associations.is_empty() {
        return Verdict::not_applicable(format!("{name} guards no subnet"));
    }
    let reach = Reach::acl(acl);
    // AWS ends every list with a deny for all; a list without entries was not read whole. And an entry that cannot be
    // read may be the deny that closes a port or the allow that opens it.
    if acl.entries().is_empty() {
        return Verdict::undecided(format!("{name} was returned without entries"));
    }
    if !reach.doubts().is_empty() {
        return Verdict::undecided(format!("{name}: {}", reach.doubts().join("; ")));
    }
    reach.verdict(&name, wanted, || {
        format!("{name} keeps the internet from {} of {} subnets", super::listed(wanted), associations.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{NetworkAclAssociation, NetworkAclEntry, PortRange, RuleAction};

    fn entry(number: i32, allow: bool, protocol: &str, range: &str, port: i32) -> NetworkAclEntry {
        NetworkAclEntry::builder()
            .rule_number(number)
            .rule_action(if allow { RuleAction::Allow } else { RuleAction::Deny })
            .protocol(protocol)
            .egress(false)
            .cidr_block(range)
            .port_range(PortRange::builder().from(port).to(port).build())
            .build()
    }

    fn standard() -> Vec<(Protocol, Vec<Span>)> {
        crate::ec2::with_configured((&TCP, &[]), (&UDP, &[]))
    }

    fn status(entries: Vec<NetworkAclEntry>) -> Status {
        status_of(entries, &standard())
    }

    fn status_of(entries: Vec<NetworkAclEntry>, wanted: &[(Protocol, Vec<Span>)]) -> Status {
        let last = entry(32767, false, "-1", "0.0.0.0/0", 0);
        let subnet = NetworkAclAssociation::builder().subnet_id("subnet-1").build();
        let acl = NetworkAcl::builder().network_acl_id("acl-1").associations(subnet);
        judge(&acl.set_entries(Some(entries)).entries(last).build(), wanted).status
    }

    #[test]
    fn configured_ports_are_judged_besides_ssh_and_rdp() {
        // semantics 116
        let set = crate::ec2::with_configured((&TCP, &[Span::one(5900)]), (&UDP, &[Span::one(623)]));
        let open = |protocol: &str, port: i32| vec![entry(100, true, protocol, "0.0.0.0/0", port)];
        for (protocol, port) in [("6", 22), ("6", 3389), ("6", 5900), ("17", 623)] {
            assert_eq!(status_of(open(protocol, port), &set), Status::Fail, "{protocol}/{port}");
        }
        assert_eq!(status(open("6", 5900)), Status::Pass, "not configured");
        assert_eq!(status_of(open("6", 5901), &set), Status::Pass);
    }

    #[test]
    fn a_part_of_the_internet_broader_than_s3_allows_is_the_internet() {
        assert_eq!(status(vec![entry(100, true, "6", "0.0.0.0/2", 22)]), Status::Fail);
        assert_eq!(status(vec![entry(100, true, "6", "52.0.0.0/8", 22)]), Status::Pass);
        let first = entry(90, false, "6", "0.0.0.0/2", 22);
        assert_eq!(status(vec![first, entry(100, true, "6", "0.0.0.0/2", 22)]), Status::Pass);
    }

    #[test]
    fn open_to_the_internet() {
        assert_eq!(status(vec![entry(100, true, "-1", "0.0.0.0/0", 0)]), Status::Fail);
        assert_eq!(status(vec![entry(100, true, "6", "0.0.0.0/0", 22)]), Status::Fail);
        let halves = vec![entry(1, true, "6", "0.0.0.0/1", 3389), entry(2, true, "6", "128.0.0.0/1", 3389)];
        assert_eq!(status(halves), Status::Fail);
        let late = vec![entry(100, true, "-1", "0.0.0.0/0", 0), entry(110, false, "6", "0.0.0.0/0", 22)];
        assert_eq!(status(late), Status::Fail);
    }

    #[test]
    fn closed_to_the_internet() {
        assert_eq!(status(vec![]), Status::Pass);
        assert_eq!(status(vec![entry(100, true, "6", "10.0.0.0/8", 22)]), Status::Pass);
        assert_eq!(status(vec![entry(100, true, "6", "0.0.0.0/0", 443)]), Status::Pass);
        assert_eq!(status(vec![entry(100, true, "17", "0.0.0.0/0", 22)]), Status::Pass);
        let early = vec![
            entry(100, true, "-1", "0.0.0.0/0", 0),
            entry(80, false, "6", "0.0.0.0/0", 22),
            entry(81, false, "6", "0.0.0.0/0", 3389),
            entry(82, false, "17", "0.0.0.0/0", 3389),
        ];
        assert_eq!(status(early), Status::Pass);
    }

    #[test]
    fn without_a_subnet_it_guards_nothing() {
        let acl = NetworkAcl::builder().set_associations(Some(vec![]));
        let acl = acl.entries(entry(100, true, "-1", "0.0.0.0/0", 0)).build();
        assert_eq!(judge(&acl, &standard()).status, Status::NotApplicable);
        let silent = NetworkAcl::builder().entries(entry(100, true, "-1", "0.0.0.0/0", 0)).build();
        assert_eq!(judge(&silent, &standard()).status, Status::Unknown);
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let odd =
            NetworkAclEntry::builder().rule_number(1).egress(false).protocol("6").cidr_block("10.0.0.0/8").build();
        assert_eq!(status(vec![odd]), Status::Unknown);
        let subnet = NetworkAclAssociation::builder().subnet_id("subnet-1").build();
        assert_eq!(judge(&NetworkAcl::builder().associations(subnet).build(), &standard()).status, Status::Unknown);
    }
}
