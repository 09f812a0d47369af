//! Which address ranges still say who may call.
//!
//! S3 counts a range as public when it is broader than /8 (IPv4) or /32 (IPv6), private ranges excepted
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>). Ranges are judged
//! together, so that half the internet twice is the whole.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

const BROADEST_V4: u8 = 8;
const BROADEST_V6: u8 = 32;

/// An address or a range in CIDR notation.
pub fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn private(net: &IpNet) -> bool {
    let ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
    ranges.iter().filter_map(|r| parse(r)).any(|range| range.contains(net))
}

/// Whether the ranges together are so broad that they limit nobody. What security groups and network ACLs let in is measured
/// by it too, so that "the internet" is the same everywhere.
pub fn too_broad(nets: &[IpNet]) -> bool {
    let public: Vec<IpNet> = nets.iter().filter(|n| !private(n)).copied().collect();
    if public.iter().any(broad) {
        return true;
    }
    let v4: Vec<Ipv4Net> = public
        .iter()
        .filter_map(|n| match n {
            IpNet::V4(net) => Some(*net),
            IpNet::V6(_) => None,
        })
        .collect();
    let addresses: u64 = Ipv4Net::aggregate(&v4).iter().map(|n| 1u64 << (32 - n.prefix_len())).sum();
    // A quarter of all addresses, however it is written, is no fixed place.
    if addresses >= 1 << 30 {
        return true;
    }
    // For IPv6 no list of /32s comes near the whole; what adds up to one broader block than allowed is enough.
    let v6: Vec<IpNet> = public.iter().filter(|n| matches!(n, IpNet::V6(_))).copied().collect();
    IpNet::aggregate(&v6).iter().any(|n| n.prefix_len() <= 3)
}

fn broad(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() < BROADEST_V4,
        IpNet::V6(net) => net.prefix_len() < BROADEST_V6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().filter_map(|t| parse(t)).collect()
    }

    #[test]
    fn breadth() {
        // semantics 8
        for (texts, expected) in [
            (&["203.0.113.0/24"][..], false),
            (&["203.0.113.7"], false),
            (&["0.0.0.0/0"], true),
            (&["0.0.0.0/1", "128.0.0.0/1"], true),
            (&["44.0.0.0/7"], true),
            (&["44.0.0.0/8"], false),
            (&["10.0.0.0/8", "192.168.0.0/16"], false),
            (&["::/0"], true),
            (&["2001:db8::/31"], true),
            (&["2001:db8::/32"], false),
        ] {
            assert_eq!(too_broad(&nets(texts)), expected, "{texts:?}");
        }
        let all: Vec<IpNet> = (0..=255u8).filter_map(|a| parse(&format!("{a}.0.0.0/8"))).collect();
        assert!(too_broad(&all));
        assert!(too_broad(&all[..128]));
    }
}
