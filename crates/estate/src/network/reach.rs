//! What the internet can reach: security groups and network ACLs turned into open ports.
//!
//! A rule from `0.0.0.0/0` is only the simplest way to admit everyone. Two rules from `0.0.0.0/1` and `128.0.0.0/1`
//! do the same, so does a managed prefix list, so do ranges spread over several groups of one interface. So the
//! question is asked of the union: for each port, which addresses get in, and are they "the internet"?
//!
//! Addresses are the internet when they are broader than what still says who may come: a block broader than /8 (IPv4) or
//! /32 (IPv6), or a quarter of all IPv4 addresses in smaller ones. That is how S3 tells a public bucket policy
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>), the only place where
//! AWS draws the line, and there is one yardstick for policies and for rules: [`posture_policy::too_broad`]. What stays below
//! it but is still wide is the matter of `ec2_sg_rules_tight`.
//!
//! Everything here is pure. What could not be read (a prefix list that answers AccessDenied, a range that does not
//! parse) makes the ports that only it could open *possible*, never closed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_ec2::types::{IpPermission, NetworkAcl, NetworkAclEntry, RuleAction, SecurityGroup};
use ipnet::IpNet;

use super::admission::{AclRule, Admission, admitted, internet};
pub use super::openings::{Opening, Protocol, described, evidence};
use super::openings::{cut, numbers, protocols, span};
use crate::finding::{Gap, Reasons, Verdict};
pub use crate::settings::{ALL_PORTS, Span};

/// Every port that something can be reached at.
const USABLE_PORTS: Span = Span::new(1, u16::MAX);

/// What managed prefix lists hold, by id; a list that could not be read keeps its gap.
pub type Lists = HashMap<String, Result<Vec<IpNet>, Gap>>;

/// The answer for one set of rules.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    open: Vec<Opening>,
    possible: Vec<Opening>,
    gaps: Vec<Gap>,
    doubts: Vec<String>,
}

impl Reach {
    /// Which ports the inbound rules of these groups open together, as on an interface that carries them all.
    pub fn inbound<'a>(groups: impl IntoIterator<Item = &'a SecurityGroup>, lists: &Lists) -> Reach {
        Reach::of_permissions(groups.into_iter().flat_map(|g| g.ip_permissions()), lists)
    }

    /// Which ports of the internet the outbound rules of these groups reach together.
    pub fn outbound<'a>(groups: impl IntoIterator<Item = &'a SecurityGroup>, lists: &Lists) -> Reach {
        Reach::of_permissions(groups.into_iter().flat_map(|g| g.ip_permissions_egress()), lists)
    }

    /// Which ports the inbound entries of a network ACL open: in order of rule number the first entry that matches an
    /// address and port decides, IPv4 and IPv6 apart. That is what AWS does:
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>.
    pub fn acl(acl: &NetworkAcl) -> Reach {
        let mut entries: Vec<&NetworkAclEntry> = acl.entries().iter().filter(|e| e.egress() != Some(true)).collect();
        // The default deny is number 32767 and therefore last; an entry without a number must not hide another.
        entries.sort_by_key(|e| e.rule_number().unwrap_or(i32::MAX));
        let numbers = numbers(entries.iter().map(|e| e.protocol()));
        let mut reach = Reach::default();
        let mut by_protocol: BTreeMap<Protocol, Vec<Source<AclRule>>> = BTreeMap::new();
        for entry in entries {
            let number = entry.rule_number().map_or_else(|| "?".to_owned(), |n| n.to_string());
            let allow = match entry.rule_action() {
                Some(RuleAction::Allow) => true,
                Some(RuleAction::Deny) => false,
                _ => {
                    reach.doubts.push(format!("rule {number} has no readable action"));
                    continue;
                }
            };
            let Some(protocols) = protocols(entry.protocol(), &numbers) else {
                reach.doubts.push(format!("rule {number} has no readable protocol"));
                continue;
            };
            let range = entry.cidr_block().or(entry.ipv6_cidr_block());
            let Some(net) = range.and_then(|r| r.parse::<IpNet>().ok()) else {
                reach.doubts.push(format!("rule {number} has no readable range"));
                continue;
            };
            for protocol in protocols {
                let ports = match (protocol, entry.protocol(), entry.port_range()) {
                    (Protocol::Icmp | Protocol::Other(_), ..) | (_, Some("-1"), _) => ALL_PORTS,
                    (_, _, Some(range)) => span(range.from(), range.to()),
                    // TCP and UDP entries always carry a range. Without one an allow opens all, a deny closes nothing.
                    (_, _, None) if allow => ALL_PORTS,
                    (_, _, None) => continue,
                };
                by_protocol.entry(protocol).or_default().push(Source { ports, rule: AclRule { net, allow } });
            }
        }
        for (protocol, rules) in &by_protocol {
            reach.sweep(*protocol, rules, |rules| {
                let admitted = admitted(rules);
                let from = internet(&admitted.v4, &admitted.v6, &admitted.labels);
                (from, Vec::new())
            });
        }
        reach.without_repeats()
    }

    fn of_permissions<'a>(permissions: impl IntoIterator<Item = &'a IpPermission>, lists: &Lists) -> Reach {
        let permissions: Vec<&IpPermission> = permissions.into_iter().collect();
        let numbers = numbers(permissions.iter().map(|p| p.ip_protocol()));
        let mut reach = Reach::default();
        let mut by_protocol: BTreeMap<Protocol, Vec<Source<Admission>>> = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for permission in permissions {
            let mut admission = Admission::default();
            let protocols = protocols(permission.ip_protocol(), &numbers).unwrap_or_else(|| {
                // It may be any: what it admits is unread for all of them.
                let text = format!("protocol {:?} cannot be read", permission.ip_protocol().unwrap_or_default());
                admission.unread.insert(text.clone());
                reach.doubts.push(text);
                protocols(Some("-1"), &numbers).unwrap_or_default()
            });
            let readable = admission.unread.is_empty();
            let v4 = permission.ip_ranges().iter().map(|r| r.cidr_ip());
            let v6 = permission.ipv6_ranges().iter().map(|r| r.cidr_ipv6());
            for range in v4.chain(v6) {
                match range.and_then(|r| r.parse::<IpNet>().ok()) {
                    Some(net) if readable => admission.admit(net, &net.to_string()),
                    Some(_) => {}
                    None => {
                        let text = format!("range {:?} cannot be read", range.unwrap_or_default());
                        admission.unread.insert(text.clone());
                        reach.doubts.push(text);
                    }
                }
            }
            for list in permission.prefix_list_ids() {
                let id = list.prefix_list_id().unwrap_or("?");
                match lists.get(id) {
                    Some(Ok(nets)) if readable => nets.iter().for_each(|net| admission.admit(*net, id)),
                    Some(Ok(_)) => {}
                    Some(Err(gap)) => {
                        admission.unread.insert(id.to_owned());
                        if unread.insert(id.to_owned()) {
                            reach.gaps.push(gap.clone());
                        }
                    }
                    None => {
                        admission.unread.insert(id.to_owned());
                        if unread.insert(id.to_owned()) {
                            reach.doubts.push(format!("prefix list {id} was not read"));
                        }
                    }
                }
            }
            for protocol in protocols {
                let all = permission.ip_protocol() == Some("-1");
                let ports = match protocol {
                    Protocol::Tcp | Protocol::Udp if readable && !all => {
                        span(permission.from_port(), permission.to_port())
                    }
                    _ => ALL_PORTS,
                };
                by_protocol.entry(protocol).or_default().push(Source { ports, rule: admission.clone() });
            }
        }
        for (protocol, rules) in &by_protocol {
            reach.sweep(*protocol, rules, |rules| {
                let mut all = Admission::default();
                rules.iter().for_each(|rule| all.join(rule));
                (internet(&all.v4, &all.v6, &all.labels), all.unread.into_iter().collect())
            });
        }
        reach.without_repeats()
    }

    /// A protocol number says nothing more where every other protocol is open.
    fn without_repeats(mut self) -> Reach {
        for list in [&mut self.open, &mut self.possible] {
            if list.iter().any(|o| o.protocol == Protocol::Other(0)) {
                list.retain(|o| !matches!(o.protocol, Protocol::Other(n) if n != 0));
            }
        }
        self
    }

    /// Cuts the ports where any rule begins or ends, asks `judge` about the rules of each piece, joins equal answers.
    fn sweep<R>(
        &mut self,
        protocol: Protocol,
        rules: &[Source<R>],
        judge: impl Fn(&[&R]) -> (Option<String>, Vec<String>),
    ) {
        let mut cuts: BTreeSet<u32> = BTreeSet::new();
        for rule in rules {
            cuts.insert(u32::from(rule.ports.from));
            cuts.insert(u32::from(rule.ports.to) + 1);
        }
        let cuts: Vec<u32> = cuts.into_iter().collect();
        for pair in cuts.windows(2) {
            let &[from, to] = pair else { continue };
            let (Ok(from), Ok(to)) = (u16::try_from(from), u16::try_from(to - 1)) else {
                continue;
            };
            let here: Vec<&R> =
                rules.iter().filter(|r| r.ports.from <= from && to <= r.ports.to).map(|r| &r.rule).collect();
            if here.is_empty() {
                continue;
            }
            let (internet, unread) = judge(&here);
            let (place, label) = match internet {
                Some(label) => (&mut self.open, label),
                None if unread.is_empty() => continue,
                None => (&mut self.possible, unread.join(" and ")),
            };
            match place.last_mut() {
                Some(last)
                    if last.protocol == protocol
                        && last.from == label
                        && u32::from(last.ports.to) + 1 == u32::from(from) =>
                {
                    last.ports.to = to;
                }
                _ => place.push(Opening { protocol, ports: Span { from, to }, from: label }),
            }
        }
    }

    /// Fail when the internet reaches one of the `wanted` ports, unknown when a source that could not be read may open
    /// one, else pass. `group` goes first in the messages: "security group sg-1".
    pub fn verdict(&self, group: &str, wanted: &[(Protocol, Vec<Span>)], pass: impl FnOnce() -> String) -> Verdict {
        let of = |list: &[Opening]| -> Vec<Opening> {
            wanted.iter().flat_map(|(protocol, spans)| cut(list, *protocol, spans)).collect()
        };
        let (open, possible) = (of(&self.open), of(&self.possible));
        let mut reasons = Reasons::new();
        if !open.is_empty() {
            reasons.broken("open_to_internet", format!("{group} lets {}", described(&open)));
        }
        if !possible.is_empty() {
            self.gaps.iter().for_each(|gap| reasons.unseen(gap));
            self.doubts.iter().for_each(|doubt| reasons.doubt(format!("{group}: {doubt}")));
        }
        reasons.or_pass(pass).evidence(evidence(&open, &possible))
    }

    /// What the internet reaches for certain, sorted by protocol and port.
    pub fn open(&self) -> &[Opening] {
        &self.open
    }

    /// What it may reach besides: only a source that could not be read decides.
    pub fn possible(&self) -> &[Opening] {
        &self.possible
    }

    /// The errors that hide the sources behind [`Reach::possible`].
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// What was answered but cannot be understood.
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    /// The open runs of `protocol` inside `wanted`, cut to it.
    pub fn within(&self, protocol: Protocol, wanted: &[Span]) -> Vec<Opening> {
        cut(&self.open, protocol, wanted)
    }

    /// As [`Reach::within`], for what only an unread source could open.
    pub fn possible_within(&self, protocol: Protocol, wanted: &[Span]) -> Vec<Opening> {
        cut(&self.possible, protocol, wanted)
    }

    /// Whether the internet reaches this port for certain.
    pub fn reaches(&self, protocol: Protocol, port: u16) -> bool {
        !self.within(protocol, &[Span { from: port, to: port }]).is_empty()
    }

    /// Whether every port of TCP or of UDP may be open, counting what only an unread source decides.
    pub fn could_be_every_port(&self) -> bool {
        let both = [self.open.as_slice(), &self.possible].concat();
        [Protocol::Tcp, Protocol::Udp].into_iter().any(|p| is_every_port(&both, p))
    }

    /// TCP or UDP when every port of it is open; several rules may add up to it. Port 0 is none that anything can be called
    /// at (<https://www.rfc-editor.org/rfc/rfc6335#section-6>), so `1-65535` is everything just as `0-65535`.
    pub fn every_port(&self) -> Option<Protocol> {
        [Protocol::Tcp, Protocol::Udp].into_iter().find(|p| is_every_port(&self.open, *p))
    }
}

/// No two of the openings have a port in common.
fn is_every_port(openings: &[Opening], protocol: Protocol) -> bool {
    cut(openings, protocol, &[USABLE_PORTS]).iter().map(|o| o.ports.count()).sum::<u32>() == USABLE_PORTS.count()
}

struct Source<R> {
    ports: Span,
    rule: R,
}

#[cfg(test)]
mod tests;
