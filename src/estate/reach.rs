//! What the internet can reach: security groups and network ACLs turned into open ports.
//!
//! A rule from `0.0.0.0/0` is only the simplest way to admit everyone. Two rules from `0.0.0.0/1` and `128.0.0.0/1`
//! do the same, so does a managed prefix list, so do ranges spread over several groups of one interface. So the
//! question is asked of the union: for each port, which addresses get in, and are they "the internet"?
//!
//! Addresses are the internet when they hold at least a third of the publicly routable IPv4 addresses, or of the IPv6
//! blocks from which the regional registries assign. A third is low enough that either half of IPv4 (`0.0.0.0/1`,
//! `128.0.0.0/1`) counts alone, and that leaving out a few networks does not buy a pass; it is far above what any
//! company, carrier or AWS-managed list holds. What stays below it but is still wide is the matter of
//! `ec2_sg_rules_tight`.
//!
//! Everything here is pure. What could not be read (a prefix list that answers AccessDenied, a range that does not
//! parse) makes the ports that only it could open *possible*, never closed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::LazyLock;

use aws_sdk_ec2::types::{IpPermission, NetworkAcl, NetworkAclEntry, RuleAction, SecurityGroup};
use ipnet::IpNet;

use crate::prelude::Gap;

/// One in this many of the public addresses makes a set of ranges "the internet".
const INTERNET_SHARE: u128 = 3;

/// IPv4 space that no host on the internet has as its address (IANA special-purpose registry, multicast, reserved).
const NOT_PUBLIC_V4: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// The blocks that IANA gave to the regional registries; nearly every IPv6 host lives in them. `2000::/3` would be the
/// wrong measure: most of it is not assigned, so a rule could admit all hosts and still hold a small share of it.
const PUBLIC_V6: [&str; 9] = [
    "2001::/16",
    "2400::/12",
    "2410::/12",
    "2600::/12",
    "2630::/12",
    "2800::/12",
    "2a00::/12",
    "2a10::/12",
    "2c00::/12",
];

static INTERNET_V4: LazyLock<Addresses> = LazyLock::new(|| {
    let mut all = Addresses::from([(0, u128::from(u32::MAX))]);
    for range in NOT_PUBLIC_V4 {
        all = all.without(&Addresses::parse(range));
    }
    all
});

static INTERNET_V6: LazyLock<Addresses> = LazyLock::new(|| {
    PUBLIC_V6.iter().fold(Addresses::default(), |all, range| {
        all.with(&Addresses::parse(range))
    })
});

/// What managed prefix lists hold, by id; a list that could not be read keeps its gap.
pub type Lists = HashMap<String, Result<Vec<IpNet>, Gap>>;

/// A transport with ports, or one of the protocols without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
    /// ICMP or ICMPv6, whatever the type.
    Icmp,
    /// Any other IP protocol, by its IANA number; `-1` (all) opens number 0 besides TCP, UDP and ICMP.
    Other(u8),
}

/// Both ends included. Protocols without ports have 0-65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

/// Every port.
pub const ALL_PORTS: Span = Span {
    from: 0,
    to: u16::MAX,
};

/// A run of ports that the internet reaches, and the ranges that let it in ("0.0.0.0/0", "pl-1").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub protocol: Protocol,
    pub ports: Span,
    pub from: String,
}

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
    pub fn inbound<'a>(
        groups: impl IntoIterator<Item = &'a SecurityGroup>,
        lists: &Lists,
    ) -> Reach {
        Reach::of_permissions(groups.into_iter().flat_map(|g| g.ip_permissions()), lists)
    }

    /// Which ports of the internet the outbound rules of these groups reach together.
    pub fn outbound<'a>(
        groups: impl IntoIterator<Item = &'a SecurityGroup>,
        lists: &Lists,
    ) -> Reach {
        Reach::of_permissions(
            groups.into_iter().flat_map(|g| g.ip_permissions_egress()),
            lists,
        )
    }

    /// Which ports the inbound entries of a network ACL open: in order of rule number the first entry that matches an
    /// address and port decides, IPv4 and IPv6 apart. That is what AWS does:
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>.
    pub fn acl(acl: &NetworkAcl) -> Reach {
        let mut entries: Vec<&NetworkAclEntry> = acl
            .entries()
            .iter()
            .filter(|e| e.egress() != Some(true))
            .collect();
        // The default deny is number 32767 and therefore last; an entry without a number must not hide another.
        entries.sort_by_key(|e| e.rule_number().unwrap_or(i32::MAX));
        let numbers = numbers(entries.iter().map(|e| e.protocol()));
        let mut reach = Reach::default();
        let mut by_protocol: BTreeMap<Protocol, Vec<Source<AclRule>>> = BTreeMap::new();
        for entry in entries {
            let number = entry
                .rule_number()
                .map_or_else(|| "?".to_owned(), |n| n.to_string());
            let allow = match entry.rule_action() {
                Some(RuleAction::Allow) => true,
                Some(RuleAction::Deny) => false,
                _ => {
                    reach
                        .doubts
                        .push(format!("rule {number} has no readable action"));
                    continue;
                }
            };
            let Some(protocols) = protocols(entry.protocol(), &numbers) else {
                reach
                    .doubts
                    .push(format!("rule {number} has no readable protocol"));
                continue;
            };
            let range = entry.cidr_block().or(entry.ipv6_cidr_block());
            let Some(net) = range.and_then(|r| r.parse::<IpNet>().ok()) else {
                reach
                    .doubts
                    .push(format!("rule {number} has no readable range"));
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
                by_protocol.entry(protocol).or_default().push(Source {
                    ports,
                    rule: AclRule { net, allow },
                });
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

    fn of_permissions<'a>(
        permissions: impl IntoIterator<Item = &'a IpPermission>,
        lists: &Lists,
    ) -> Reach {
        let permissions: Vec<&IpPermission> = permissions.into_iter().collect();
        let numbers = numbers(permissions.iter().map(|p| p.ip_protocol()));
        let mut reach = Reach::default();
        let mut by_protocol: BTreeMap<Protocol, Vec<Source<Admission>>> = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for permission in permissions {
            let Some(protocols) = protocols(permission.ip_protocol(), &numbers) else {
                reach
                    .doubts
                    .push("a rule has no readable protocol".to_owned());
                continue;
            };
            let mut admission = Admission::default();
            let v4 = permission.ip_ranges().iter().map(|r| r.cidr_ip());
            let v6 = permission.ipv6_ranges().iter().map(|r| r.cidr_ipv6());
            for range in v4.chain(v6) {
                match range.and_then(|r| r.parse::<IpNet>().ok()) {
                    Some(net) => admission.admit(net, &net.to_string()),
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
                    Some(Ok(nets)) => nets.iter().for_each(|net| admission.admit(*net, id)),
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
                    Protocol::Tcp | Protocol::Udp if !all => {
                        span(permission.from_port(), permission.to_port())
                    }
                    _ => ALL_PORTS,
                };
                by_protocol.entry(protocol).or_default().push(Source {
                    ports,
                    rule: admission.clone(),
                });
            }
        }
        for (protocol, rules) in &by_protocol {
            reach.sweep(*protocol, rules, |rules| {
                let mut all = Admission::default();
                rules.iter().for_each(|rule| all.join(rule));
                (
                    internet(&all.v4, &all.v6, &all.labels),
                    all.unread.into_iter().collect(),
                )
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
            let here: Vec<&R> = rules
                .iter()
                .filter(|r| r.ports.from <= from && to <= r.ports.to)
                .map(|r| &r.rule)
                .collect();
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
                _ => place.push(Opening {
                    protocol,
                    ports: Span { from, to },
                    from: label,
                }),
            }
        }
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
        !self
            .within(
                protocol,
                &[Span {
                    from: port,
                    to: port,
                }],
            )
            .is_empty()
    }

    /// The run that spans every port of TCP or of UDP, if there is one; several rules may add up to it.
    pub fn every_port(&self) -> Option<Protocol> {
        [Protocol::Tcp, Protocol::Udp].into_iter().find(|p| {
            let open: u32 = self
                .open
                .iter()
                .filter(|o| o.protocol == *p)
                .map(|o| o.ports.count())
                .sum();
            open == ALL_PORTS.count()
        })
    }
}

impl Span {
    pub const fn one(port: u16) -> Span {
        Span {
            from: port,
            to: port,
        }
    }

    pub const fn new(from: u16, to: u16) -> Span {
        Span { from, to }
    }

    /// How many ports: 1 to 65,536.
    pub fn count(self) -> u32 {
        u32::from(self.to) - u32::from(self.from) + 1
    }

    /// What is left of `self` outside `others`, in order.
    pub fn outside(self, others: &[Span]) -> Vec<Span> {
        let mut others: Vec<Span> = others.to_vec();
        others.sort_unstable();
        let (mut next, end, mut left) = (u32::from(self.from), u32::from(self.to), Vec::new());
        for other in others {
            let (from, to) = (u32::from(other.from), u32::from(other.to));
            if to < next || from > end {
                continue;
            }
            if from > next {
                left.extend(Span::of(next, from - 1));
            }
            next = next.max(to + 1);
        }
        if next <= end {
            left.extend(Span::of(next, end));
        }
        left
    }

    fn of(from: u32, to: u32) -> Option<Span> {
        Some(Span {
            from: u16::try_from(from).ok()?,
            to: u16::try_from(to).ok()?,
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Protocol::Tcp => f.write_str("tcp"),
            Protocol::Udp => f.write_str("udp"),
            Protocol::Icmp => f.write_str("icmp"),
            Protocol::Other(0) => f.write_str("every other protocol"),
            Protocol::Other(number) => write!(f, "ip protocol {number}"),
        }
    }
}

/// "tcp/22", "udp/0-65535", "icmp".
impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Protocol::Tcp | Protocol::Udp => write!(f, "{}/{}", self.protocol, self.ports),
            _ => write!(f, "{}", self.protocol),
        }
    }
}

/// "0.0.0.0/0 reach tcp/22, tcp/3389; ::/0 reach tcp/22": openings for a message, those of one source together.
pub fn described(openings: &[Opening]) -> String {
    let mut by_source: Vec<(&str, Vec<String>)> = Vec::new();
    for opening in openings {
        let text = opening.to_string();
        match by_source.iter_mut().find(|(from, _)| *from == opening.from) {
            Some((_, list)) => list.push(text),
            None => by_source.push((&opening.from, vec![text])),
        }
    }
    let parts: Vec<String> = by_source
        .iter()
        .map(|(from, list)| format!("{from} reach {}", list.join(", ")))
        .collect();
    parts.join("; ")
}

struct Source<R> {
    ports: Span,
    rule: R,
}

/// What one rule lets in.
#[derive(Debug, Clone, Default)]
struct Admission {
    v4: Addresses,
    v6: Addresses,
    /// (IPv6?, the range or list as a reader knows it)
    labels: BTreeSet<(bool, String)>,
    unread: BTreeSet<String>,
}

impl Admission {
    fn admit(&mut self, net: IpNet, label: &str) {
        let (v6, range) = Addresses::of(net);
        let place = if v6 { &mut self.v6 } else { &mut self.v4 };
        *place = place.with(&range);
        self.labels.insert((v6, label.to_owned()));
    }

    fn join(&mut self, other: &Admission) {
        self.v4 = self.v4.with(&other.v4);
        self.v6 = self.v6.with(&other.v6);
        self.labels.extend(other.labels.iter().cloned());
        self.unread.extend(other.unread.iter().cloned());
    }
}

#[derive(Clone)]
struct AclRule {
    net: IpNet,
    allow: bool,
}

/// First match wins: what an earlier entry decided, a later one does not change.
fn admitted(rules: &[&AclRule]) -> Admission {
    let mut admission = Admission::default();
    let (mut seen4, mut seen6) = (Addresses::default(), Addresses::default());
    for rule in rules {
        let (v6, range) = Addresses::of(rule.net);
        let seen = if v6 { &mut seen6 } else { &mut seen4 };
        let fresh = range.without(seen);
        *seen = seen.with(&range);
        if rule.allow && !fresh.is_empty() {
            let place = if v6 {
                &mut admission.v6
            } else {
                &mut admission.v4
            };
            *place = place.with(&fresh);
            admission.labels.insert((v6, rule.net.to_string()));
        }
    }
    admission
}

/// How the internet gets in, or `None` when these addresses are not the internet.
fn internet(v4: &Addresses, v6: &Addresses, labels: &BTreeSet<(bool, String)>) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for (six, addresses, public) in [(false, v4, &*INTERNET_V4), (true, v6, &*INTERNET_V6)] {
        if addresses.shared(public) < public.size() / INTERNET_SHARE {
            continue;
        }
        let whole = if six { "::/0" } else { "0.0.0.0/0" };
        let all: Vec<&String> = labels
            .iter()
            .filter(|(v6, _)| *v6 == six)
            .map(|(_, l)| l)
            .collect();
        if all.iter().any(|l| *l == whole) {
            names.push(whole.to_owned());
        } else if all.len() > 4 {
            names.push(format!(
                "{} and {} more ranges",
                all.first()?,
                all.len() - 1
            ));
        } else {
            names.extend(all.into_iter().cloned());
        }
    }
    names.dedup();
    match names.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [most @ .., last] => Some(format!("{} and {last}", most.join(", "))),
    }
}

fn cut(openings: &[Opening], protocol: Protocol, wanted: &[Span]) -> Vec<Opening> {
    let mut found = Vec::new();
    for opening in openings.iter().filter(|o| o.protocol == protocol) {
        for span in wanted {
            let (from, to) = (
                opening.ports.from.max(span.from),
                opening.ports.to.min(span.to),
            );
            if from <= to {
                found.push(Opening {
                    ports: Span { from, to },
                    ..opening.clone()
                });
            }
        }
    }
    found
}

/// AWS writes `tcp`, `udp`, `icmp`, `icmpv6` in security groups, numbers in ACLs, `-1` for all: the four kinds, and each
/// of the `numbers` that have a rule of their own.
fn protocols(text: Option<&str>, numbers: &BTreeSet<u8>) -> Option<Vec<Protocol>> {
    Some(match text?.to_ascii_lowercase().as_str() {
        "-1" | "all" => [
            Protocol::Tcp,
            Protocol::Udp,
            Protocol::Icmp,
            Protocol::Other(0),
        ]
        .into_iter()
        .chain(numbers.iter().map(|n| Protocol::Other(*n)))
        .collect(),
        "tcp" | "6" => vec![Protocol::Tcp],
        "udp" | "17" => vec![Protocol::Udp],
        "icmp" | "1" | "icmpv6" | "58" => vec![Protocol::Icmp],
        number => vec![Protocol::Other(number.parse().ok()?)],
    })
}

/// The protocols without a name of their own that some rule is about.
fn numbers<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> BTreeSet<u8> {
    let named = BTreeSet::new();
    texts
        .filter_map(|text| match protocols(text, &named)?.as_slice() {
            [Protocol::Other(number)] if *number != 0 => Some(*number),
            _ => None,
        })
        .collect()
}

/// A port of -1, or none, is AWS's way to say all of them.
fn span(from: Option<i32>, to: Option<i32>) -> Span {
    let from = from.and_then(|p| u16::try_from(p).ok()).unwrap_or(0);
    let to = to.and_then(|p| u16::try_from(p).ok()).unwrap_or(u16::MAX);
    if from <= to {
        Span { from, to }
    } else {
        Span { from: to, to: from }
    }
}

/// A set of addresses of one family: sorted, disjoint, not touching, both ends included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses(Vec<(u128, u128)>);

impl<const N: usize> From<[(u128, u128); N]> for Addresses {
    fn from(ranges: [(u128, u128); N]) -> Self {
        Addresses::joined(ranges.to_vec())
    }
}

impl Addresses {
    /// (is IPv6, its addresses)
    pub fn of(net: IpNet) -> (bool, Addresses) {
        match net {
            IpNet::V4(n) => (
                false,
                Addresses(vec![(
                    u32::from(n.network()).into(),
                    u32::from(n.broadcast()).into(),
                )]),
            ),
            IpNet::V6(n) => (
                true,
                Addresses(vec![(n.network().into(), n.broadcast().into())]),
            ),
        }
    }

    /// The addresses of a range; empty when it does not parse.
    fn parse(range: &str) -> Addresses {
        range
            .parse()
            .map(|net| Addresses::of(net).1)
            .unwrap_or_default()
    }

    fn joined(mut ranges: Vec<(u128, u128)>) -> Addresses {
        ranges.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match joined.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Addresses(joined)
    }

    /// Union.
    pub fn with(&self, other: &Addresses) -> Addresses {
        Addresses::joined(self.0.iter().chain(&other.0).copied().collect())
    }

    /// Difference.
    pub fn without(&self, other: &Addresses) -> Addresses {
        let mut left = Vec::new();
        for &(from, to) in &self.0 {
            let mut next = Some(from);
            for &(f, t) in &other.0 {
                let Some(at) = next else { break };
                if t < at || f > to {
                    continue;
                }
                if f > at {
                    left.push((at, f - 1));
                }
                next = t.checked_add(1).filter(|n| *n <= to);
            }
            if let Some(at) = next {
                left.push((at, to));
            }
        }
        Addresses(left)
    }

    /// How many addresses both hold.
    pub fn shared(&self, other: &Addresses) -> u128 {
        let mut count: u128 = 0;
        for &(from, to) in &self.0 {
            for &(f, t) in &other.0 {
                let (lo, hi) = (from.max(f), to.min(t));
                if lo <= hi {
                    count = count.saturating_add((hi - lo).saturating_add(1));
                }
            }
        }
        count
    }

    /// How many addresses it holds; the whole of IPv6 is one short.
    pub fn size(&self) -> u128 {
        self.0.iter().fold(0, |n, (from, to)| {
            n.saturating_add((to - from).saturating_add(1))
        })
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every address of `other` is in it.
    pub fn holds(&self, other: &Addresses) -> bool {
        other.without(self).is_empty()
    }
}

#[cfg(test)]
mod tests {
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
        SecurityGroup::builder()
            .set_ip_permissions(Some(rules.to_vec()))
            .build()
    }

    fn open(rules: &[IpPermission]) -> String {
        listed(Reach::inbound([&group(rules)], &Lists::new()).open())
    }

    fn listed(openings: &[Opening]) -> String {
        openings
            .iter()
            .map(|o| format!("{o} from {}", o.from))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn one_rule_for_everyone() {
        assert_eq!(
            open(&[rule("tcp", Some((22, 22)), &["0.0.0.0/0"])]),
            "tcp/22 from 0.0.0.0/0"
        );
        assert_eq!(
            open(&[rule("tcp", Some((22, 22)), &["::/0"])]),
            "tcp/22 from ::/0"
        );
        assert_eq!(
            open(&[rule("tcp", Some((22, 22)), &["0.0.0.0/0", "::/0"])]),
            "tcp/22 from 0.0.0.0/0 and ::/0"
        );
        assert_eq!(
            open(&[rule(
                "tcp",
                Some((22, 22)),
                &["10.0.0.0/8", "fd00::/8", "198.51.100.7/32"]
            )]),
            ""
        );
    }

    #[test]
    fn halves_make_a_whole() {
        let both = rule("tcp", Some((22, 22)), &["0.0.0.0/1", "128.0.0.0/1"]);
        assert_eq!(open(&[both]), "tcp/22 from 0.0.0.0/1 and 128.0.0.0/1");
        // … also over two rules with different ports: only the ports that they share have both halves.
        let low = rule("tcp", Some((20, 30)), &["0.0.0.0/2", "64.0.0.0/4"]);
        let high = rule("tcp", Some((22, 22)), &["80.0.0.0/4", "96.0.0.0/3"]);
        assert_eq!(open(std::slice::from_ref(&high)), "");
        assert!(open(&[low, high]).contains("tcp/22"));
        assert_eq!(
            open(&[rule("tcp", Some((22, 22)), &["::/1", "8000::/1"])]),
            "tcp/22 from 8000::/1 and ::/1"
        );
        assert_eq!(
            open(&[rule("tcp", Some((22, 22)), &["2000::/3"])]),
            "tcp/22 from 2000::/3"
        );
    }

    #[test]
    fn either_half_counts_and_a_quarter_does_not() {
        for half in ["0.0.0.0/1", "128.0.0.0/1"] {
            assert_eq!(
                open(&[rule("tcp", Some((22, 22)), &[half])]),
                format!("tcp/22 from {half}")
            );
        }
        for less in [
            "0.0.0.0/2",
            "64.0.0.0/2",
            "192.0.0.0/2",
            "52.0.0.0/8",
            "224.0.0.0/3",
        ] {
            assert_eq!(open(&[rule("tcp", Some((22, 22)), &[less])]), "", "{less}");
        }
        assert_eq!(open(&[rule("tcp", Some((22, 22)), &["2600::/12"])]), "");
    }

    #[test]
    fn everything_public_but_not_private_is_the_internet() {
        let public = INTERNET_V4.clone();
        assert!(public.size() > 3_600_000_000);
        assert_eq!(
            internet(
                &public,
                &Addresses::default(),
                &BTreeSet::from([(false, "x".into())])
            ),
            Some("x".into())
        );
    }

    #[test]
    fn protocols_are_kept_apart() {
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
        assert_eq!(
            open(&[rule("icmp", Some((8, -1)), &["0.0.0.0/0"])]),
            "icmp from 0.0.0.0/0"
        );
        assert_eq!(
            open(&[rule("50", None, &["0.0.0.0/0"])]),
            "ip protocol 50 from 0.0.0.0/0"
        );
        assert_eq!(
            open(&[rule("6", Some((22, 22)), &["0.0.0.0/0"])]),
            "tcp/22 from 0.0.0.0/0"
        );
    }

    #[test]
    fn a_range_holds_the_ports_inside() {
        let wide = group(&[rule("tcp", Some((0, 65535)), &["0.0.0.0/0"])]);
        let reach = Reach::inbound([&wide], &Lists::new());
        assert!(reach.reaches(Protocol::Tcp, 22));
        assert!(!reach.reaches(Protocol::Udp, 22));
        assert_eq!(reach.every_port(), Some(Protocol::Tcp));
        let wanted = [Span::one(22), Span::new(5985, 5986)];
        assert_eq!(
            listed(&reach.within(Protocol::Tcp, &wanted)),
            "tcp/22 from 0.0.0.0/0; tcp/5985-5986 from 0.0.0.0/0"
        );
        let split = group(&[
            rule("tcp", Some((0, 1000)), &["0.0.0.0/0"]),
            rule("tcp", Some((1001, 65535)), &["0.0.0.0/0"]),
        ]);
        assert_eq!(
            Reach::inbound([&split], &Lists::new()).every_port(),
            Some(Protocol::Tcp)
        );
        let most = group(&[rule("tcp", Some((1, 65535)), &["0.0.0.0/0"])]);
        assert_eq!(Reach::inbound([&most], &Lists::new()).every_port(), None);
    }

    #[test]
    fn groups_of_one_interface_add_up() {
        let one = group(&[rule("tcp", Some((22, 22)), &["0.0.0.0/2"])]);
        let two = group(&[rule("tcp", Some((22, 22)), &["64.0.0.0/3"])]);
        assert!(Reach::inbound([&one, &two], &Lists::new()).reaches(Protocol::Tcp, 22));
        assert!(!Reach::inbound([&one], &Lists::new()).reaches(Protocol::Tcp, 22));
    }

    #[test]
    fn prefix_lists_are_resolved() {
        let group = group(&[rule("tcp", Some((22, 22)), &["pl-1"])]);
        let lists = |nets: &[&str]| {
            Lists::from([(
                "pl-1".to_owned(),
                Ok(nets
                    .iter()
                    .map(|n| n.parse().unwrap())
                    .collect::<Vec<IpNet>>()),
            )])
        };
        let reach = Reach::inbound([&group], &lists(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert_eq!(listed(reach.open()), "tcp/22 from pl-1");
        assert!(
            Reach::inbound([&group], &lists(&["203.0.113.0/24"]))
                .open()
                .is_empty()
        );
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
    fn what_does_not_parse_is_no_pass() {
        let reach = Reach::inbound(
            [&group(&[rule("tcp", Some((22, 22)), &["everywhere"])])],
            &Lists::new(),
        );
        assert!(reach.open().is_empty());
        assert_eq!(reach.possible().len(), 1);
        assert_eq!(reach.doubts().len(), 1);
    }

    fn entry(
        number: i32,
        allow: bool,
        protocol: &str,
        range: &str,
        ports: Option<(i32, i32)>,
    ) -> NetworkAclEntry {
        let action = if allow {
            RuleAction::Allow
        } else {
            RuleAction::Deny
        };
        let mut entry = NetworkAclEntry::builder()
            .rule_number(number)
            .rule_action(action)
            .protocol(protocol)
            .egress(false);
        if let Some((from, to)) = ports {
            entry = entry.port_range(PortRange::builder().from(from).to(to).build());
        }
        if range.contains(':') {
            entry.ipv6_cidr_block(range)
        } else {
            entry.cidr_block(range)
        }
        .build()
    }

    fn acl(entries: &[NetworkAclEntry]) -> Reach {
        let last = entry(32767, false, "-1", "0.0.0.0/0", None);
        Reach::acl(
            &NetworkAcl::builder()
                .set_entries(Some(entries.to_vec()))
                .entries(last)
                .build(),
        )
    }

    #[test]
    fn the_first_matching_acl_entry_wins() {
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
        let halves = [
            entry(90, false, "6", "0.0.0.0/1", Some((22, 22))),
            entry(91, false, "6", "128.0.0.0/1", Some((0, 1023))),
        ];
        assert!(
            !acl(&[halves[0].clone(), halves[1].clone(), allow.clone()]).reaches(Protocol::Tcp, 22)
        );
        // A deny for IPv4 says nothing about IPv6.
        let six = entry(100, true, "6", "::/0", Some((22, 22)));
        assert_eq!(
            listed(acl(&[entry(90, false, "-1", "0.0.0.0/0", None), six]).open()),
            "tcp/22 from ::/0"
        );
    }

    #[test]
    fn acl_halves_make_a_whole_and_egress_does_not_count() {
        let halves = [
            entry(1, true, "6", "0.0.0.0/1", Some((22, 22))),
            entry(2, true, "6", "128.0.0.0/1", Some((22, 22))),
        ];
        assert_eq!(
            listed(acl(&halves).open()),
            "tcp/22 from 0.0.0.0/1 and 128.0.0.0/1"
        );
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
        assert_eq!(
            all.iter().map(Span::to_string).collect::<Vec<_>>(),
            ["0-79", "81-442", "444-65535"]
        );
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
        assert_eq!(
            described(reach.open()),
            "0.0.0.0/0 reach tcp/22, tcp/3389; ::/0 reach udp/53"
        );
    }
}
