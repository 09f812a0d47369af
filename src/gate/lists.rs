//! What a failed finding lists as wrong, small enough to keep for tens of thousands: the open rules of a security group,
//! the settings that are off. The card of a check names the lists (`worsens_with`), so that ages, dates, counts and what is
//! only mentioned beside the fault never make a failure look worse than it was.

use crate::record::Record;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The entries of the lists of one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists(Box<[Entry]>);

/// An entry; that of an open port is a range, so that a rule which opens less than before is no new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// A hash of the list's name and of the entry, its ports left out.
    key: u128,
    from: u16,
    to: u16,
}

impl Lists {
    pub fn of(record: &Record) -> Lists {
        record.check().map_or_else(Lists::default, |check| Lists::at(&check.card.worsens_with, &record.evidence))
    }

    fn at(paths: &[String], evidence: &Value) -> Lists {
        let mut entries = Vec::new();
        for path in paths {
            let steps: Vec<&str> = path.split('.').collect();
            collect(path, &steps, evidence, &mut entries);
        }
        entries.sort_unstable();
        entries.dedup();
        Lists(entries.into())
    }

    /// Whether `later` has an entry that is not in here.
    pub fn lacks_some_of(&self, later: &Lists) -> bool {
        later.0.iter().any(|entry| !self.covers(*entry))
    }

    /// Whether entries of the same key hold all ports of this one; they are sorted by their first port.
    fn covers(&self, entry: Entry) -> bool {
        let mut next = u32::from(entry.from);
        for own in self.0.iter().filter(|own| own.key == entry.key) {
            if u32::from(own.from) <= next && next <= u32::from(own.to) {
                next = u32::from(own.to) + 1;
            }
        }
        next > u32::from(entry.to)
    }

    /// What both list; for two findings of one fingerprint, of which neither may hide what is new.
    pub fn meet(&self, other: &Lists) -> Lists {
        Lists(self.0.iter().filter(|entry| other.covers(**entry)).copied().collect())
    }
}

/// Walks down `steps`, through arrays, and adds what is there.
fn collect(path: &str, steps: &[&str], value: &Value, entries: &mut Vec<Entry>) {
    match (value, steps) {
        (Value::Null, _) => {}
        (Value::Array(values), _) => values.iter().for_each(|value| collect(path, steps, value, entries)),
        (Value::Object(members), [step, rest @ ..]) => {
            if let Some(value) = members.get(*step) {
                collect(path, rest, value, entries);
            }
        }
        (value, []) => entries.push(entry(path, value)),
        (_, _) => {}
    }
}

fn entry(path: &str, value: &Value) -> Entry {
    let mut ports = None;
    let canonical = match value {
        Value::String(text) => without_ports(text, &mut ports).to_owned(),
        Value::Object(members) => {
            // A sorted map, whatever features of the JSON library are on.
            let sorted: BTreeMap<&str, String> = members
                .iter()
                .map(|(name, value)| match value {
                    Value::String(text) if ports.is_none() => {
                        (name.as_str(), Value::from(without_ports(text, &mut ports)).to_string())
                    }
                    other => (name.as_str(), other.to_string()),
                })
                .collect();
            format!("{sorted:?}")
        }
        other => other.to_string(),
    };
    let mut hasher = Sha256::new();
    for part in [path, if ports.is_some() { "ports" } else { "" }, &canonical] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hasher.finalize()[..16]);
    let (from, to) = ports.unwrap_or_default();
    Entry { key: u128::from_be_bytes(key), from, to }
}

/// `tcp` of `tcp/20-23`, and the ports aside; any other text as it is.
fn without_ports<'a>(text: &'a str, ports: &mut Option<(u16, u16)>) -> &'a str {
    let parsed = || {
        let (protocol, range) = text.split_once('/')?;
        if !matches!(protocol, "tcp" | "udp") {
            return None;
        }
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from <= to).then_some((protocol, (from, to)))
    };
    match parsed() {
        Some((protocol, range)) => {
            *ports = Some(range);
            protocol
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn gained(paths: &[&str], before: &Value, after: &Value) -> bool {
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        Lists::at(&paths, before).lacks_some_of(&Lists::at(&paths, after))
    }

    fn open(rules: &[(&str, &str)]) -> Value {
        json!({ "open": rules.iter().map(|(from, ports)| json!({ "from": from, "ports": ports })).collect::<Vec<_>>() })
    }

    #[test]
    fn a_port_more_is_worse_and_a_port_less_is_not() {
        let ssh = open(&[("0.0.0.0/0", "tcp/22")]);
        let both = open(&[("0.0.0.0/0", "tcp/22"), ("0.0.0.0/0", "tcp/3389")]);
        assert!(gained(&["open"], &ssh, &both));
        assert!(!gained(&["open"], &both, &ssh));
        assert!(gained(&["open"], &ssh, &open(&[("0.0.0.0/0", "udp/22")])));
        assert!(gained(&["open"], &ssh, &open(&[("::/0", "tcp/22")])));
        assert!(gained(&["open"], &ssh, &open(&[("0.0.0.0/0", "every other protocol")])));
    }

    #[test]
    fn ranges_are_compared_by_what_they_hold() {
        let all = open(&[("0.0.0.0/0", "tcp/0-79"), ("0.0.0.0/0", "tcp/80-65535")]);
        assert!(!gained(&["open"], &all, &open(&[("0.0.0.0/0", "tcp/0-65535")])));
        assert!(!gained(&["open"], &all, &open(&[("0.0.0.0/0", "tcp/20-90"), ("0.0.0.0/0", "tcp/443")])));
        let gap = open(&[("0.0.0.0/0", "tcp/20-21"), ("0.0.0.0/0", "tcp/23")]);
        assert!(gained(&["open"], &gap, &open(&[("0.0.0.0/0", "tcp/20-23")])));
    }

    #[test]
    fn only_the_named_lists_count() {
        let before = json!({ "open": ["tcp/22"], "age": 1, "groups": ["sg-1"], "since": "2026-01-01" });
        let after = json!({ "open": ["tcp/22"], "age": 2, "groups": ["sg-1", "sg-2"], "since": "2026-01-02" });
        assert!(!gained(&["open"], &before, &after));
        assert!(gained(&["groups"], &before, &after));
        assert!(!gained(&["no.such"], &before, &after));
    }

    #[test]
    fn lists_within_lists_are_one() {
        let faces = |open: &[&[&str]]| json!({ "interfaces": open.iter().map(|open| json!({ "open": open })).collect::<Vec<_>>() });
        assert!(gained(&["interfaces.open"], &faces(&[&["tcp/22"]]), &faces(&[&["tcp/22"], &["tcp/25"]])));
        assert!(!gained(&["interfaces.open"], &faces(&[&["tcp/22"], &["tcp/25"]]), &faces(&[&["tcp/25"]])));
        assert!(gained(&["keys"], &json!({ "keys": [1] }), &json!({ "keys": [1, 2] })));
    }

    #[test]
    fn a_text_that_looks_like_a_range_is_not_one_of_all_ports() {
        // A key without ports and one with ports 0-0 must not meet.
        assert!(gained(&["open"], &json!({ "open": ["tcp"] }), &json!({ "open": ["tcp/0"] })));
        assert!(gained(&["open"], &json!({ "open": ["tcp/9-2"] }), &json!({ "open": ["tcp/9-3"] })));
    }

    proptest! {
        #[test]
        fn what_is_covered_is_what_every_port_says(
            before in proptest::collection::vec((0..40_u16, 0..8_u16), 0..6),
            after in proptest::collection::vec((0..40_u16, 0..8_u16), 0..6),
        ) {
            let text = |ranges: &[(u16, u16)]| -> Value {
                json!({ "open": ranges.iter().map(|(from, more)| format!("tcp/{from}-{}", from + more)).collect::<Vec<_>>() })
            };
            let holds = |ranges: &[(u16, u16)], port| ranges.iter().any(|(from, more)| (*from..=from + more).contains(&port));
            let expected = (0..60).any(|port| holds(&after, port) && !holds(&before, port));
            prop_assert_eq!(gained(&["open"], &text(&before), &text(&after)), expected);
        }
    }
}
