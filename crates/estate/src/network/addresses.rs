//! Sets of IP addresses, and which of them are the internet.

use std::sync::LazyLock;

use ipnet::IpNet;

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

static PUBLIC_ADDRESSES_V4: LazyLock<Addresses> = LazyLock::new(|| {
    let mut all = Addresses::from([(0, u128::from(u32::MAX))]);
    for range in NOT_PUBLIC_V4 {
        all = all.without(&Addresses::parse(range));
    }
    all
});

static PUBLIC_ADDRESSES_V6: LazyLock<Addresses> =
    LazyLock::new(|| PUBLIC_V6.iter().fold(Addresses::default(), |all, range| all.with(&Addresses::parse(range))));

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
            IpNet::V4(n) => (false, Addresses(vec![(u32::from(n.network()).into(), u32::from(n.broadcast()).into())])),
            IpNet::V6(n) => (true, Addresses(vec![(n.network().into(), n.broadcast().into())])),
        }
    }

    /// Every IPv4 address that a host on the internet can have.
    pub fn public_v4() -> &'static Addresses {
        &PUBLIC_ADDRESSES_V4
    }

    /// Every IPv6 address that a registry may have assigned.
    pub fn public_v6() -> &'static Addresses {
        &PUBLIC_ADDRESSES_V6
    }

    /// Whether they hold so much of the public addresses (of `public_v4` or `public_v6`) that they are the internet.
    pub fn are_internet(&self, public: &Addresses) -> bool {
        self.shared(public) >= public.size() / INTERNET_SHARE
    }

    /// The addresses of a range; empty when it does not parse.
    fn parse(range: &str) -> Addresses {
        range.parse().map(|net| Addresses::of(net).1).unwrap_or_default()
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
        self.0.iter().fold(0, |n, (from, to)| n.saturating_add((to - from).saturating_add(1)))
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

    fn of(ranges: &[&str]) -> Addresses {
        ranges.iter().fold(Addresses::default(), |all, range| all.with(&Addresses::parse(range)))
    }

    #[test]
    fn unions_differences_and_sizes() {
        assert_eq!(of(&["10.0.0.0/9", "10.128.0.0/9"]), of(&["10.0.0.0/8"]));
        assert_eq!(of(&["10.0.0.0/8"]).without(&of(&["10.0.0.0/9"])), of(&["10.128.0.0/9"]));
        assert_eq!(of(&["10.0.0.0/8"]).without(&of(&["0.0.0.0/0"])), Addresses::default());
        assert_eq!(of(&["10.0.0.0/8"]).without(&of(&["10.1.0.0/16"])).size(), (1 << 24) - (1 << 16));
        assert_eq!(of(&["::/0"]).without(&of(&["::/0"])), Addresses::default());
        assert!(of(&["10.0.0.0/8"]).holds(&of(&["10.3.0.0/16", "10.255.255.255/32"])));
        assert!(!of(&["10.0.0.0/9"]).holds(&of(&["10.0.0.0/8"])));
        assert_eq!(of(&["10.0.0.0/8"]).shared(&of(&["10.0.0.0/16", "11.0.0.0/8"])), 1 << 16);
    }

    #[test]
    fn everything_public_is_the_internet_and_private_ranges_are_not() {
        assert!(Addresses::public_v4().size() > 3_600_000_000);
        assert!(Addresses::public_v4().are_internet(Addresses::public_v4()));
        assert!(!of(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]).are_internet(Addresses::public_v4()));
        assert!(of(&["2000::/3"]).are_internet(Addresses::public_v6()));
        assert!(!of(&["fc00::/7", "2600::/12"]).are_internet(Addresses::public_v6()));
    }
}
