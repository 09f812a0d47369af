//! Sets of IP addresses, and which of them are the internet: by [`posture_policy::too_broad`], the yardstick for every range.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

/// The addresses of the broadest block that still says who: an IPv4 /8, an IPv6 /32.
const BROADEST: [u128; 2] = [1 << 24, 1 << 96];

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

    /// The public addresses of one family.
    pub fn public(v6: bool) -> &'static Addresses {
        if v6 { Addresses::public_v6() } else { Addresses::public_v4() }
    }

    /// Whether they are so broad, as addresses of the internet, that they are the internet. What hosts on the internet do not
    /// have as their address does not count: `10.0.0.0/7` is no broader than the /8 that is left of it, `224.0.0.0/3` is nothing.
    pub fn are_internet(&self, v6: bool) -> bool {
        let public = Addresses::public(v6);
        let counts = |net: &IpNet| {
            let block = Addresses::of(*net).1;
            let size = block.size();
            block.shared(public) > if size > BROADEST[usize::from(v6)] { BROADEST[usize::from(v6)] } else { 0 }
        };
        let blocks: Vec<IpNet> = self.blocks(v6).into_iter().filter(counts).collect();
        posture_policy::too_broad(&blocks)
    }

    /// The same addresses as CIDR blocks, as few as they can be.
    pub fn blocks(&self, v6: bool) -> Vec<IpNet> {
        let of = |&(from, to): &(u128, u128)| -> Vec<IpNet> {
            if v6 {
                return Ipv6Subnets::new(Ipv6Addr::from(from), Ipv6Addr::from(to), 0).map(IpNet::V6).collect();
            }
            let (Ok(from), Ok(to)) = (u32::try_from(from), u32::try_from(to)) else { return Vec::new() };
            Ipv4Subnets::new(Ipv4Addr::from(from), Ipv4Addr::from(to), 0).map(IpNet::V4).collect()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// The addresses that both hold.
    pub fn within(&self, other: &Addresses) -> Addresses {
        self.without(&self.without(other))
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
        assert!(Addresses::public_v4().are_internet(false));
        for wide in ["0.0.0.0/2", "64.0.0.0/2", "192.0.0.0/2", "96.0.0.0/6", "52.0.0.0/7", "198.0.0.0/7", "172.0.0.0/7"]
        {
            assert!(of(&[wide]).are_internet(false), "{wide}");
        }
        assert!(of(&["52.0.0.0/8", "53.0.0.0/8"]).are_internet(false), "a /7 in two parts");
        for less in ["52.0.0.0/8", "10.0.0.0/7", "10.0.0.0/8", "224.0.0.0/3", "126.0.0.0/7", "198.51.100.7/32"] {
            assert!(!of(&[less]).are_internet(false), "{less}");
        }
        assert!(!of(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]).are_internet(false));
        for wide in ["2000::/3", "::/0", "2600::/12", "2a00::/31"] {
            assert!(of(&[wide]).are_internet(true), "{wide}");
        }
        for less in ["fc00::/7", "fe80::/10", "2600:1f18::/33", "2600:1f18::/32", "8000::/1"] {
            assert!(!of(&[less]).are_internet(true), "{less}");
        }
    }

    /// Neither order nor spelling decides, and more addresses never make less of an internet.
    #[test]
    fn the_internet_is_the_same_in_parts_and_grows_with_its_ranges() {
        for prefix in 1..=12_u32 {
            for first in (0..=255_u32).step_by(16) {
                let size = 1_u64 << (32 - prefix);
                let from = u128::from(u64::from(first << 24) / size * size);
                let to = from + u128::from(size) - 1;
                let whole = Addresses::from([(from, to)]);
                let middle = from + (to - from) / 2;
                let parts = Addresses::from([(middle + 1, to), (from, middle)]);
                assert_eq!(whole.are_internet(false), parts.are_internet(false));
                let more = whole.with(&of(&["203.0.113.0/24", "52.0.0.0/8"]));
                assert!(!whole.are_internet(false) || more.are_internet(false), "{whole:?}");
            }
        }
    }

    #[test]
    fn blocks_and_intersections() {
        let texts = |a: &Addresses| a.blocks(false).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(&of(&["10.0.0.0/9", "10.128.0.0/9"])), ["10.0.0.0/8"]);
        assert_eq!(texts(&of(&["0.0.0.0/0"]).within(&of(&["198.41.0.0/24"]))), ["198.41.0.0/24"]);
        assert!(of(&["10.0.0.0/8"]).within(&of(&["11.0.0.0/8"])).is_empty());
        assert_eq!(of(&["2000::/3"]).blocks(true).len(), 1);
    }
}
