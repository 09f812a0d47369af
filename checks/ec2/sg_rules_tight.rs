//! Three habits that make a security group unreadable and wider than meant: big public ranges, too many rules, and
//! what the launch wizard left behind. One finding per group says which.

use crate::prelude::*;
use aws_sdk_ec2::types::{IpPermission, SecurityGroup};
use ipnet::IpNet;
use posture_estate::network::addresses::Addresses;

/// The prefix of the widest public IPv4 range that a rule may name, 24 for 256 addresses. `0.0.0.0/0` is not counted, other checks judge it.
const WIDEST_PUBLIC_PREFIX: Setting<i64> = setting!(sg_rules_tight.widest_public_prefix);

/// Rules each way that a person can still review; AWS's default quota is 60.
const MOST_RULES: Setting<i64> = setting!(sg_rules_tight.most_rules);

/// Both as they are set.
#[derive(Clone, Copy)]
struct Limits {
    prefix: i64,
    rules: i64,
}

/// The names that the console's launch wizard gives.
const LAUNCH_WIZARD: &str = "launch-wizard";

pub async fn probe(at: &Region) -> Outcome {
    let groups = at.ec2().security_groups().await?;
    let limits = Limits { prefix: *at.setting(WIDEST_PUBLIC_PREFIX), rules: *at.setting(MOST_RULES) };
    let own = groups.iter().filter(|g| at.ec2().owns(g.owner_id()));
    Ok(own.map(|g| judge(g, limits).on(at.ec2().security_group(g))).collect())
}

fn judge(group: &SecurityGroup, limits: Limits) -> Verdict {
    let Limits { prefix: widest, rules: most } = limits;
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    let mut reasons = Reasons::new();
    let ways = [("inbound", &group.ip_permissions), ("outbound", &group.ip_permissions_egress)];
    for (way, permissions) in ways {
        let Some(permissions) = permissions else {
            reasons.doubt(format!("{name} was returned without its {way} rules"));
            continue;
        };
        let rules: usize = permissions.iter().map(rules).sum();
        if i64::try_from(rules).is_ok_and(|rules| rules > most) {
            reasons.broken("too_many_rules", format!("{name} has {rules} {way} rules, more than {most}"));
        }
        for range in permissions.iter().flat_map(|p| p.ip_ranges()) {
            let text = range.cidr_ip().unwrap_or_default();
            match text.parse::<IpNet>() {
                Ok(net) if wide_and_public(net, widest) => {
                    reasons.broken("wide_public_range", format!("{name} has {way} rules with all of {text}"))
                }
                Ok(_) => {}
                Err(_) => reasons.doubt(format!("{name} has an {way} range that cannot be read: {text:?}")),
            }
        }
    }
    match group.group_name() {
        Some(called) if called.to_ascii_lowercase().starts_with(LAUNCH_WIZARD) => {
            reasons.broken("launch_wizard", format!("{name} is called {called}: the launch wizard made it"));
        }
        Some(_) => {}
        None => reasons.doubt(format!("{name} was returned without its name")),
    }
    reasons.or_pass(|| format!("{name} has no public range wider than /{widest}, at most {most} rules each way"))
}

/// AWS counts every source or destination of a permission as one rule.
fn rules(p: &IpPermission) -> usize {
    p.ip_ranges().len() + p.ipv6_ranges().len() + p.prefix_list_ids().len() + p.user_id_group_pairs().len()
}

fn wide_and_public(net: IpNet, widest: i64) -> bool {
    let (v6, addresses) = Addresses::of(net);
    let wide = (1..widest).contains(&i64::from(net.prefix_len()));
    wide && !v6 && Addresses::public_v4().shared(&addresses) > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::IpRange;

    fn judged(group: &SecurityGroup) -> Verdict {
        judge(group, Limits { prefix: 24, rules: 50 })
    }

    fn group(name: &str, ranges: &[&str]) -> SecurityGroup {
        let ranges = ranges.iter().map(|r| IpRange::builder().cidr_ip(*r).build()).collect();
        let rule = IpPermission::builder().ip_protocol("tcp").set_ip_ranges(Some(ranges)).build();
        SecurityGroup::builder()
            .group_id("sg-1")
            .group_name(name)
            .ip_permissions(rule)
            .set_ip_permissions_egress(Some(vec![]))
            .build()
    }

    fn status(ranges: &[&str]) -> Status {
        judged(&group("web", ranges)).status
    }

    #[test]
    fn wide_public_ranges() {
        assert_eq!(status(&["52.0.0.0/8"]), Status::Fail);
        assert_eq!(status(&["8.8.0.0/23"]), Status::Fail);
        assert_eq!(status(&["172.0.0.0/8"]), Status::Fail, "not only 172.16.0.0/12");
        assert_eq!(status(&["0.0.0.0/1", "128.0.0.0/1"]), Status::Fail);
    }

    #[test]
    fn narrow_private_or_whole_ranges() {
        assert_eq!(status(&["8.8.8.0/24", "10.0.0.0/8", "172.16.0.0/12", "100.64.0.0/10", "0.0.0.0/0"]), Status::Pass);
        assert_eq!(status(&[]), Status::Pass);
    }

    #[test]
    fn too_many_rules() {
        let ranges: Vec<String> = (0..51).map(|n| format!("10.0.{n}.0/24")).collect();
        let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
        assert_eq!(status(&ranges[..50]), Status::Pass);
        assert_eq!(status(&ranges), Status::Fail);
        let mut out = group("web", &[]);
        out.ip_permissions_egress = group("web", &ranges).ip_permissions;
        assert_eq!(judged(&out).status, Status::Fail);
    }

    #[test]
    fn the_launch_wizard() {
        assert_eq!(judged(&group("launch-wizard-3", &[])).status, Status::Fail);
        assert_eq!(judged(&group("no-launch-wizard", &[])).status, Status::Pass);
    }

    #[test]
    fn an_answer_without_rules_is_no_pass() {
        assert_eq!(judged(&SecurityGroup::builder().group_name("web").build()).status, Status::Unknown);
    }
}
