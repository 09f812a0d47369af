//! Open ports: what a rule is about as AWS writes it, and how a person reads it.

use crate::settings::Span;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;

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

/// A run of ports that the internet reaches, and the ranges that let it in ("0.0.0.0/0", "pl-1").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub protocol: Protocol,
    pub ports: Span,
    pub from: String,
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
    let parts: Vec<String> = by_source.iter().map(|(from, list)| format!("{from} reach {}", list.join(", "))).collect();
    parts.join("; ")
}

/// Openings as a finding shows them.
pub fn evidence(open: &[Opening], possible: &[Opening]) -> serde_json::Value {
    let list = |openings: &[Opening]| -> Vec<serde_json::Value> {
        openings.iter().map(|o| json!({ "ports": o.to_string(), "from": o.from })).collect()
    };
    if possible.is_empty() {
        json!({ "open": list(open) })
    } else {
        json!({ "open": list(open), "possible": list(possible) })
    }
}

pub(super) fn cut(openings: &[Opening], protocol: Protocol, wanted: &[Span]) -> Vec<Opening> {
    let mut found = Vec::new();
    for opening in openings.iter().filter(|o| o.protocol == protocol) {
        for span in wanted {
            let (from, to) = (opening.ports.from.max(span.from), opening.ports.to.min(span.to));
            if from <= to {
                found.push(Opening { ports: Span { from, to }, ..opening.clone() });
            }
        }
    }
    found
}

/// AWS writes `tcp`, `udp`, `icmp`, `icmpv6` in security groups, numbers in ACLs, `-1` for all: the four kinds, and each
/// of the `numbers` that have a rule of their own.
pub(super) fn protocols(text: Option<&str>, numbers: &BTreeSet<u8>) -> Option<Vec<Protocol>> {
    Some(match text?.to_ascii_lowercase().as_str() {
        "-1" | "all" => [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Other(0)]
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
pub(super) fn numbers<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> BTreeSet<u8> {
    let named = BTreeSet::new();
    texts
        .filter_map(|text| match protocols(text, &named)?.as_slice() {
            [Protocol::Other(number)] if *number != 0 => Some(*number),
            _ => None,
        })
        .collect()
}

/// A port of -1, or none, is AWS's way to say all of them.
pub(super) fn span(from: Option<i32>, to: Option<i32>) -> Span {
    let from = from.and_then(|p| u16::try_from(p).ok()).unwrap_or(0);
    let to = to.and_then(|p| u16::try_from(p).ok()).unwrap_or(u16::MAX);
    if from <= to { Span { from, to } } else { Span { from: to, to: from } }
}
