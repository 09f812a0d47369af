//! Network ACLs with a subnet do not let the internet reach SSH or RDP. Entries are judged as AWS does: in order of
//! number, the first match decides, per address and per port; IPv4 and IPv6 apart.

use crate::prelude::*;
use aws_sdk_ec2::types::NetworkAcl;
use posture_estate::network::reach::{Protocol, Reach, Span};

/// SSH and RDP.
const TCP: [Span; 2] = [Span::one(22), Span::one(3389)];

/// RDP uses UDP of the same port besides TCP.
const UDP: [Span; 1] = [Span::one(3389)];

pub async fn probe(at: &Region) -> Outcome {
    let acls = at.ec2().network_acls().await?;
    let own = acls.iter().filter(|acl| at.ec2().owns(acl.owner_id()));
    Ok(own.map(|acl| judge(acl).on(at.ec2().network_acl(acl))).collect())
}

fn judge(acl: &NetworkAcl) -> Verdict {
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
    reach.verdict(&name, &[(Protocol::Tcp, TCP.to_vec()), (Protocol::Udp, UDP.to_vec())], || {
        format!("{name} keeps the internet from tcp/22, tcp/3389 and udp/3389 of {} subnets", associations.len())
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

    fn status(entries: Vec<NetworkAclEntry>) -> Status {
        let last = entry(32767, false, "-1", "0.0.0.0/0", 0);
        let subnet = NetworkAclAssociation::builder().subnet_id("subnet-1").build();
        let acl = NetworkAcl::builder().network_acl_id("acl-1").associations(subnet);
        judge(&acl.set_entries(Some(entries)).entries(last).build()).status
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
        assert_eq!(judge(&acl).status, Status::NotApplicable);
        let silent = NetworkAcl::builder().entries(entry(100, true, "-1", "0.0.0.0/0", 0)).build();
        assert_eq!(judge(&silent).status, Status::Unknown);
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let odd =
            NetworkAclEntry::builder().rule_number(1).egress(false).protocol("6").cidr_block("10.0.0.0/8").build();
        assert_eq!(status(vec![odd]), Status::Unknown);
        let subnet = NetworkAclAssociation::builder().subnet_id("subnet-1").build();
        assert_eq!(judge(&NetworkAcl::builder().associations(subnet).build()).status, Status::Unknown);
    }
}
