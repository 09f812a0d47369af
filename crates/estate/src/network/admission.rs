//! Which addresses rules let in, and whether they are the internet.

use super::addresses::Addresses;
use ipnet::IpNet;
use std::collections::BTreeSet;

/// What one rule lets in.
#[derive(Debug, Clone, Default)]
pub(super) struct Admission {
    pub(super) v4: Addresses,
    pub(super) v6: Addresses,
    /// (IPv6?, the range or list as a reader knows it)
    pub(super) labels: BTreeSet<(bool, String)>,
    pub(super) unread: BTreeSet<String>,
}

impl Admission {
    pub(super) fn admit(&mut self, net: IpNet, label: &str) {
        let (v6, range) = Addresses::of(net);
        let place = if v6 { &mut self.v6 } else { &mut self.v4 };
        *place = place.with(&range);
        self.labels.insert((v6, label.to_owned()));
    }

    pub(super) fn join(&mut self, other: &Admission) {
        self.v4 = self.v4.with(&other.v4);
        self.v6 = self.v6.with(&other.v6);
        self.labels.extend(other.labels.iter().cloned());
        self.unread.extend(other.unread.iter().cloned());
    }
}

#[derive(Clone)]
pub(super) struct AclRule {
    pub(super) net: IpNet,
    pub(super) allow: bool,
}

/// First match wins: what an earlier entry decided, a later one does not change.
pub(super) fn admitted(rules: &[&AclRule]) -> Admission {
    let mut admission = Admission::default();
    let (mut seen4, mut seen6) = (Addresses::default(), Addresses::default());
    for rule in rules {
        let (v6, range) = Addresses::of(rule.net);
        let seen = if v6 { &mut seen6 } else { &mut seen4 };
        let fresh = range.without(seen);
        *seen = seen.with(&range);
        if rule.allow && !fresh.is_empty() {
            let place = if v6 { &mut admission.v6 } else { &mut admission.v4 };
            *place = place.with(&fresh);
            admission.labels.insert((v6, rule.net.to_string()));
        }
    }
    admission
}

/// How the internet gets in, or `None` when these addresses are not the internet.
pub(super) fn internet(v4: &Addresses, v6: &Addresses, labels: &BTreeSet<(bool, String)>) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for (six, addresses) in [(false, v4), (true, v6)] {
        if !addresses.are_internet(six) {
            continue;
        }
        let whole = if six { "::/0" } else { "0.0.0.0/0" };
        let all: Vec<&String> = labels.iter().filter(|(v6, _)| *v6 == six).map(|(_, l)| l).collect();
        if all.iter().any(|l| *l == whole) {
            names.push(whole.to_owned());
        } else if all.len() > 4 {
            names.push(format!("{} and {} more ranges", all.first()?, all.len() - 1));
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
