//! Default security groups have no rule at all: whatever is launched without a group of its own gets the default one.
//! Who uses an open one is told (`in_use`), because an untouched default VPC is no emergency; it fails all the same.

use crate::prelude::*;
use aws_sdk_ec2::types::{NetworkInterface, SecurityGroup};

pub async fn probe(at: &Region) -> Outcome {
    let groups = at.ec2().security_groups().await?;
    let defaults: Vec<&SecurityGroup> =
        groups.iter().filter(|g| g.group_name() == Some("default") && at.ec2().owns(g.owner_id())).collect();
    // Interfaces decide nothing here, they only say how urgent it is.
    let interfaces = if defaults.iter().any(|g| rules(g) != Some((0, 0))) {
        Some(at.ec2().network_interfaces().await)
    } else {
        None
    };
    let (interfaces, gap) = match &interfaces {
        Some(Ok(all)) => (Some(all.as_slice()), None),
        Some(Err(gap)) => (None, Some(gap)),
        None => (None, None),
    };
    let judged = |g: &&SecurityGroup| {
        let mut verdict = judge(g, interfaces);
        if verdict.status == Status::Fail {
            verdict.gaps.extend(gap.cloned());
        }
        verdict.on(at.ec2().security_group(g))
    };
    Ok(defaults.iter().map(judged).collect())
}

/// Inbound and outbound rules; `None` when the answer lacks one of the lists.
fn rules(group: &SecurityGroup) -> Option<(usize, usize)> {
    Some((group.ip_permissions.as_ref()?.len(), group.ip_permissions_egress.as_ref()?.len()))
}

fn judge(group: &SecurityGroup, interfaces: Option<&[NetworkInterface]>) -> Verdict {
    let id = group.group_id().unwrap_or("?");
    let name = format!("default security group {id} of {}", group.vpc_id().unwrap_or("no vpc"));
    let Some((inbound, outbound)) = rules(group) else {
        return Verdict::undecided(format!("{name} was returned without its rules"));
    };
    if (inbound, outbound) == (0, 0) {
        return Verdict::pass(format!("{name} has no rule"));
    }
    let uses = interfaces.map(|all| all.iter().filter(|n| n.groups().iter().any(|g| g.group_id() == Some(id))).count());
    let used = match uses {
        None => "",
        Some(0) => ", no network interface uses it",
        Some(_) => ", network interfaces use it",
    };
    Verdict::fail("has_rules", format!("{name} has {inbound} inbound and {outbound} outbound rules{used}"))
        .evidence(json!({ "in_use": uses.map(|n| n > 0), "network_interfaces": uses }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{GroupIdentifier, IpPermission};

    fn group(inbound: usize, outbound: usize) -> SecurityGroup {
        let rules = |n| Some(vec![IpPermission::builder().ip_protocol("-1").build(); n]);
        SecurityGroup::builder()
            .group_id("sg-1")
            .vpc_id("vpc-1")
            .set_ip_permissions(rules(inbound))
            .set_ip_permissions_egress(rules(outbound))
            .build()
    }

    #[test]
    fn closed() {
        assert_eq!(judge(&group(0, 0), None).status, Status::Pass);
    }

    #[test]
    fn open_either_way() {
        assert_eq!(judge(&group(1, 0), None).status, Status::Fail);
        assert_eq!(judge(&group(0, 1), None).status, Status::Fail);
    }

    #[test]
    fn the_use_is_told() {
        // semantics 29
        let user =
            |id: &str| NetworkInterface::builder().groups(GroupIdentifier::builder().group_id(id).build()).build();
        let used = judge(&group(1, 1), Some(&[user("sg-1"), user("sg-2")]));
        assert_eq!((used.status, used.evidence["in_use"].as_bool()), (Status::Fail, Some(true)));
        let idle = judge(&group(1, 1), Some(&[user("sg-2")]));
        assert_eq!((idle.status, idle.evidence["in_use"].as_bool()), (Status::Fail, Some(false)));
        assert!(judge(&group(1, 1), None).evidence["in_use"].is_null());
    }

    #[test]
    fn an_answer_without_rules_is_no_pass() {
        assert_eq!(judge(&SecurityGroup::builder().build(), None).status, Status::Unknown);
    }
}
