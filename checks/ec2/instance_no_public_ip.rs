//! Does an instance have a public IPv4 address of its own? And where one has, does it also hold a role that whoever
//! gets in through its open ports would hold too?

use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, SecurityGroup};
use posture_estate::network::internet::{faces, inbound, public_ipv4};
use posture_estate::network::reach::{Lists, described};
use posture_estate::services::ec2::{exists, instance_id};

/// Instances that may have a public address.
const MAY_BE_PUBLIC: Setting<Resources> = setting!(instance_no_public_ip.may_be_public);

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let instances: Vec<&Instance> = instances.iter().filter(|i| exists(i)).collect();
    let (mut groups, mut lists) = (Ok(Arc::new(vec![])), Lists::new());
    if instances.iter().any(|i| needs_groups(i)) {
        groups = at.ec2().security_groups().await;
        if let Ok(groups) = &groups {
            let guards = |group: &&SecurityGroup| instances.iter().any(|i| needs_groups(i) && guarded_by(i, group));
            lists = at.ec2().prefix_lists(groups.iter().filter(guards).flat_map(|group| group.ip_permissions())).await;
        }
    }
    let judged = |i: &Instance| {
        let resource = at.ec2().instance(i);
        judge(i, &groups, &lists, at.setting(MAY_BE_PUBLIC).has(&resource)).on(resource)
    };
    Ok(instances.into_iter().map(judged).collect())
}

fn needs_groups(instance: &Instance) -> bool {
    instance.iam_instance_profile().is_some() && !public_ipv4(instance).is_empty()
}

fn guarded_by(instance: &Instance, group: &SecurityGroup) -> bool {
    faces(instance).iter().any(|face| !face.v6 && face.is_guarded_by(group))
}

fn judge(instance: &Instance, groups: &Answer<Vec<SecurityGroup>>, lists: &Lists, listed: bool) -> Verdict {
    let id = instance_id(instance);
    let addresses = public_ipv4(instance);
    let mut reasons = Reasons::new();
    if !addresses.is_empty() && !listed {
        reasons.broken("public_address", format!("instance {id} has the public address {}", addresses.join(", ")));
    }
    if needs_groups(instance) {
        judge_open_with_role(&mut reasons, instance, groups, lists);
    }
    reasons
        .or_pass(|| match addresses.is_empty() {
            true => format!("instance {id} has no public IPv4 address"),
            false => format!("instance {id} has the public address {}, as listed", addresses.join(", ")),
        })
        .evidence(json!({
            "public_addresses": addresses,
            "instance_profile": instance.iam_instance_profile().and_then(|profile| profile.arn()),
        }))
}

fn judge_open_with_role(
    reasons: &mut Reasons,
    instance: &Instance,
    groups: &Answer<Vec<SecurityGroup>>,
    lists: &Lists,
) {
    let groups = match groups {
        Ok(groups) => groups,
        Err(gap) => return reasons.unseen(gap),
    };
    for face in faces(instance).iter().filter(|face| !face.v6) {
        let known: Vec<&SecurityGroup> = groups.iter().filter(|group| face.is_guarded_by(group)).collect();
        let reach = inbound(&known, lists, false);
        if !reach.open().is_empty() {
            let open = described(reach.open());
            reasons.broken(
                "open_with_role",
                format!("it carries an instance profile while its security groups let {open}"),
            );
            continue;
        }
        reach.gaps().iter().for_each(|gap| reasons.unseen(gap));
        reach.doubts().iter().for_each(|doubt| reasons.doubt(doubt.clone()));
        if known.len() < face.groups.len() {
            reasons.doubt("some of its security groups were not listed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{GroupIdentifier, IamInstanceProfile, IpPermission, IpRange};

    fn instance(address: Option<&str>, profile: bool) -> Instance {
        let profile = profile
            .then(|| IamInstanceProfile::builder().arn("arn:aws:iam::123456789012:instance-profile/web").build());
        Instance::builder()
            .instance_id("i-1")
            .set_public_ip_address(address.map(String::from))
            .set_iam_instance_profile(profile)
            .security_groups(GroupIdentifier::builder().group_id("sg-1").build())
            .build()
    }

    fn group(source: &str) -> Answer<Vec<SecurityGroup>> {
        let source = IpRange::builder().cidr_ip(source).build();
        let rule = IpPermission::builder().ip_protocol("tcp").from_port(443).to_port(443).ip_ranges(source).build();
        Ok(Arc::new(vec![SecurityGroup::builder().group_id("sg-1").ip_permissions(rule).build()]))
    }

    fn status(instance: &Instance, groups: &Answer<Vec<SecurityGroup>>, listed: bool) -> Status {
        judge(instance, groups, &Lists::new(), listed).status
    }

    #[test]
    fn a_public_address_fails_unless_listed() {
        assert_eq!(status(&instance(None, true), &group("0.0.0.0/0"), false), Status::Pass);
        assert_eq!(status(&instance(Some("198.51.100.7"), false), &group("0.0.0.0/0"), false), Status::Fail);
        assert_eq!(status(&instance(Some("198.51.100.7"), false), &group("0.0.0.0/0"), true), Status::Pass);
    }

    #[test]
    fn a_listed_one_with_a_role_must_not_be_open() {
        let public = instance(Some("198.51.100.7"), true);
        assert_eq!(status(&public, &group("0.0.0.0/0"), true), Status::Fail);
        assert_eq!(status(&public, &group("10.0.0.0/8"), true), Status::Pass);
        assert_eq!(status(&public, &Ok(Arc::new(vec![])), true), Status::Unknown);
    }

    #[test]
    fn the_message_names_both_faults() {
        let verdict = judge(&instance(Some("198.51.100.7"), true), &group("0.0.0.0/0"), &Lists::new(), false);
        assert!(verdict.message.contains("has the public address 198.51.100.7"));
        assert!(verdict.message.contains("0.0.0.0/0 reach tcp/443"));
    }
}
