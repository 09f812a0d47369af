//! Is there anything lying about that nobody looks after: addresses and volumes without an instance, second network
//! interfaces, interfaces that forward other hosts' packets? Each kind is read and judged on its own.

use super::interfaces::{instance_of, is_own, judge_forwarding, judge_interfaces};
use crate::prelude::*;
use aws_sdk_ec2::types::{Address, Instance, NetworkInterface, Volume, VolumeState};
use posture_estate::services::ec2::{exists, instance_id, of_each};
use std::collections::{HashMap, HashSet};

/// Instances, interfaces and volumes that are meant to be as they are: multi-homed appliances, NAT and VPN
/// instances that forward, data volumes that outlive their instance.
const MEANT: Setting<Resources> = setting!(network_and_volumes_orderly.meant);

pub async fn probe(at: &Region) -> Outcome {
    let (addresses, volumes, instances, interfaces) =
        join!(at.ec2().addresses(), at.ec2().volumes(), at.ec2().instances(), at.ec2().network_interfaces());
    let mut findings = of_each(at, "addresses", addresses, |a| Some(judge_address(a).on(at.ec2().address(a))));
    let meant = |resource: &Resource| at.setting(MEANT).has(resource);
    findings.extend(of_each(at, "volumes", volumes, |v| {
        let resource = at.ec2().volume(v);
        is_settled(v).then(|| judge_volume(v, meant(&resource)).on(resource))
    }));
    let meant_instances = instances_among(&instances, |i| meant(&at.ec2().instance(i)));
    let known =
        interfaces.as_ref().map(|list| list.iter().filter_map(|n| Some((n.network_interface_id()?, n))).collect());
    let read = instances.clone();
    findings.extend(of_each(at, "instances", instances, |i| {
        let listed = meant_instances.contains(instance_id(i));
        let fine = |interface: &str| {
            let known = known.as_ref().ok().and_then(|all: &HashMap<&str, &NetworkInterface>| all.get(interface));
            known.is_some_and(|n| meant(&at.ec2().network_interface(n)))
        };
        exists(i).then(|| judge_interfaces(i, &known, listed, fine).sub("interfaces").on(at.ec2().instance(i)))
    }));
    findings.extend(of_each(at, "network-interfaces", interfaces.clone(), |n| {
        let resource = at.ec2().network_interface(n);
        let listed = match (instance_of(n), &read) {
            _ if at.setting(MEANT).is_empty() || meant(&resource) => Ok(meant(&resource)),
            (None, _) => Ok(false),
            (Some(instance), Ok(_)) => Ok(meant_instances.contains(instance)),
            (Some(_), Err(gap)) => Err(gap),
        };
        is_own(n).then(|| judge_forwarding(n, listed).sub("source-dest-check").on(resource))
    }));
    Ok(findings)
}

/// The ids of the instances for which `wanted` holds; none when they could not be read.
fn instances_among(instances: &Answer<Vec<Instance>>, wanted: impl Fn(&Instance) -> bool) -> HashSet<String> {
    instances.iter().flat_map(|all| all.iter()).filter(|i| wanted(i)).map(|i| instance_id(i).to_owned()).collect()
}

fn judge_address(address: &Address) -> Verdict {
    let ip = address.public_ip().or(address.allocation_id()).unwrap_or("unnamed");
    let user = [address.association_id(), address.network_interface_id(), address.instance_id()];
    let user = user.into_iter().flatten().find(|id| !id.is_empty());
    match user {
        Some(user) => Verdict::pass(format!("elastic IP address {ip} is associated ({user})")),
        None => Verdict::fail("address_unused", format!("elastic IP address {ip} is not associated with anything")),
    }
    .evidence(json!({"associated_with": user}))
}

/// Neither being made nor being deleted.
fn is_settled(volume: &Volume) -> bool {
    !matches!(volume.state(), Some(VolumeState::Creating | VolumeState::Deleting | VolumeState::Deleted))
}

fn judge_volume(volume: &Volume, meant: bool) -> Verdict {
    let id = volume.volume_id().unwrap_or("unnamed");
    let mut reasons = Reasons::new();
    if volume.attachments().is_empty() {
        match volume.state() {
            Some(VolumeState::Available | VolumeState::Error) if meant => {}
            Some(VolumeState::Available | VolumeState::Error) => {
                reasons.broken("volume_unattached", format!("volume {id} is not attached to any instance"))
            }
            _ => reasons.doubt(format!("volume {id} is neither attached nor available")),
        }
    }
    for attachment in volume.attachments() {
        let instance = attachment.instance_id().unwrap_or("unnamed");
        match attachment.delete_on_termination() {
            Some(true) => {}
            Some(false) if meant => {}
            Some(false) => reasons.broken(
                "volume_outlives_instance",
                format!("volume {id} stays behind when instance {instance} is terminated"),
            ),
            None => reasons
                .doubt(format!("EC2 did not say what becomes of volume {id} when instance {instance} is terminated")),
        }
    }
    let kept = volume.attachments().is_empty()
        || volume.attachments().iter().any(|a| a.delete_on_termination() == Some(false));
    let pass = || match kept {
        true if volume.attachments().is_empty() => format!("volume {id} is not attached to any instance, as listed"),
        true => format!("volume {id} stays behind when its instance is terminated, as listed"),
        false => format!("volume {id} is attached and goes with its instance"),
    };
    reasons.or_pass(pass).evidence(json!({
        "state": volume.state().map(VolumeState::as_str),
        "attached_to": volume.attachments().iter().map(|a| a.instance_id()).collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::VolumeAttachment;

    #[test]
    fn addresses() {
        let associated = Address::builder().public_ip("198.51.100.7").association_id("eipassoc-1").build();
        assert_eq!(judge_address(&associated).status, Status::Pass);
        let free = Address::builder().public_ip("198.51.100.7").instance_id("").build();
        assert_eq!(judge_address(&free).status, Status::Fail);
    }

    #[test]
    fn volumes() {
        let volume = |kept: Option<bool>| {
            let attachment = VolumeAttachment::builder()
                .instance_id("i-1")
                .set_delete_on_termination(kept.map(|kept| !kept))
                .build();
            Volume::builder().volume_id("vol-1").state(VolumeState::InUse).attachments(attachment).build()
        };
        assert_eq!(judge_volume(&volume(Some(false)), false).status, Status::Pass);
        assert_eq!(judge_volume(&volume(Some(true)), false).status, Status::Fail);
        assert_eq!(judge_volume(&volume(Some(true)), true).status, Status::Pass);
        assert_eq!(judge_volume(&volume(None), false).status, Status::Unknown);
        let free = Volume::builder().volume_id("vol-1").state(VolumeState::Available).build();
        assert_eq!(judge_volume(&free, false).status, Status::Fail);
        let listed = judge_volume(&free, true);
        assert_eq!(listed.status, Status::Pass, "the setting covers every fault of a volume");
        assert_eq!(listed.message, "volume vol-1 is not attached to any instance, as listed");
        assert!(!is_settled(&Volume::builder().state(VolumeState::Deleting).build()));
    }
}
