//! Is there anything lying about that nobody looks after: addresses and volumes without an instance, second network
//! interfaces, interfaces that forward other hosts' packets? Each kind is read and judged on its own.

use std::collections::{HashMap, HashSet};

use crate::prelude::*;
use aws_sdk_ec2::types::{
    Address, Instance, InstanceNetworkInterface, NetworkInterface, NetworkInterfaceType, Volume, VolumeState,
};
use posture_estate::services::ec2::{exists, instance_id, of_each};

/// Instances, interfaces and volumes that are meant to be as they are: multi-homed appliances, NAT and VPN
/// instances that forward, data volumes that outlive their instance.
const MEANT: Setting<Resources> = setting!(network_and_volumes_orderly.meant);

/// Interfaces that Kubernetes attaches to its nodes carry one of these tags.
const CLUSTER_TAGS: [&str; 2] = ["node.k8s.amazonaws.com/instance_id", "cluster.k8s.amazonaws.com/name"];

pub async fn probe(at: &Region) -> Outcome {
    let (addresses, volumes, instances, interfaces) =
        tokio::join!(at.ec2().addresses(), at.ec2().volumes(), at.ec2().instances(), at.ec2().network_interfaces());
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
        exists(i).then(|| judge_interfaces(i, &known, listed).sub("interfaces").on(at.ec2().instance(i)))
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

/// The instance that an interface is attached to.
fn instance_of(interface: &NetworkInterface) -> Option<&str> {
    interface.attachment().and_then(|attachment| attachment.instance_id())
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
    reasons.or_pass(|| format!("volume {id} is attached and goes with its instance")).evidence(json!({
        "state": volume.state().map(VolumeState::as_str),
        "attached_to": volume.attachments().iter().map(|a| a.instance_id()).collect::<Vec<_>>(),
    }))
}

type Known<'a> = Result<HashMap<&'a str, &'a NetworkInterface>, &'a Gap>;

fn judge_interfaces(instance: &Instance, known: &Known, meant: bool) -> Verdict {
    let id = instance_id(instance);
    let count = instance.network_interfaces().len();
    let mut reasons = Reasons::new();
    for second in instance.network_interfaces().iter().filter(|n| is_second(n)) {
        let name = second.network_interface_id().unwrap_or("unnamed");
        if meant || second.operator().is_some_and(|operator| operator.managed() == Some(true)) {
            continue;
        }
        match known {
            Err(gap) => reasons.unseen(gap),
            Ok(known) if known.get(name).is_some_and(|n| is_managed(n)) => {}
            Ok(_) => {
                reasons.broken("second_interface", format!("instance {id} has the second network interface {name}"))
            }
        }
    }
    reasons
        .or_pass(|| format!("instance {id} has no second network interface that is unexplained"))
        .evidence(json!({"network_interfaces": count}))
}

/// Anything but the interface that the instance started with; without an attachment it cannot be told and counts.
fn is_second(interface: &InstanceNetworkInterface) -> bool {
    let primary = |a: &aws_sdk_ec2::types::InstanceNetworkInterfaceAttachment| {
        a.device_index() == Some(0) && a.network_card_index().unwrap_or(0) == 0
    };
    !interface.attachment().is_some_and(primary)
}

/// Attached by an AWS service or by a Kubernetes network plug-in, not by hand.
fn is_managed(interface: &NetworkInterface) -> bool {
    interface.requester_managed() == Some(true)
        || interface.operator().is_some_and(|operator| operator.managed() == Some(true))
        || interface.tag_set().iter().any(|tag| tag.key().is_some_and(|key| CLUSTER_TAGS.contains(&key)))
}

/// An interface of the account's own, not one that belongs to a NAT gateway, load balancer or another service.
fn is_own(interface: &NetworkInterface) -> bool {
    use NetworkInterfaceType as Kind;
    let plain =
        matches!(interface.interface_type(), None | Some(Kind::Interface | Kind::Efa | Kind::Trunk | Kind::Branch));
    plain && interface.requester_managed() != Some(true)
}

fn judge_forwarding(interface: &NetworkInterface, listed: Result<bool, &Gap>) -> Verdict {
    let id = interface.network_interface_id().unwrap_or("unnamed");
    let instance = instance_of(interface);
    match interface.source_dest_check() {
        Some(true) => Verdict::pass(format!("network interface {id} checks source and destination")),
        Some(false) if listed == Ok(true) => {
            Verdict::pass(format!("network interface {id} forwards packets, as listed"))
        }
        Some(false) if is_managed(interface) => {
            Verdict::pass(format!("network interface {id} forwards packets for the service that manages it"))
        }
        Some(false) if let Err(gap) = listed => Verdict::unseen(gap),
        Some(false) => Verdict::fail(
            "forwards_packets",
            format!(
                "network interface {id} has its source and destination check off: it can forward packets of others"
            ),
        ),
        None => {
            Verdict::undecided(format!("EC2 did not say whether network interface {id} checks source and destination"))
        }
    }
    .evidence(json!({"source_dest_check": interface.source_dest_check(), "instance_id": instance}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{InstanceNetworkInterfaceAttachment, Tag, VolumeAttachment};

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
        assert!(!is_settled(&Volume::builder().state(VolumeState::Deleting).build()));
    }

    fn with_interfaces(count: i32) -> Instance {
        let interfaces = (0..count).map(|index| {
            let attachment = InstanceNetworkInterfaceAttachment::builder().device_index(index).build();
            InstanceNetworkInterface::builder()
                .network_interface_id(format!("eni-{index}"))
                .attachment(attachment)
                .build()
        });
        Instance::builder().instance_id("i-1").set_network_interfaces(Some(interfaces.collect())).build()
    }

    #[test]
    fn second_interfaces() {
        let none = Ok(HashMap::new());
        assert_eq!(judge_interfaces(&with_interfaces(1), &none, false).status, Status::Pass);
        assert_eq!(judge_interfaces(&with_interfaces(2), &none, false).status, Status::Fail);
        assert_eq!(judge_interfaces(&with_interfaces(2), &none, true).status, Status::Pass);
        let tag = Tag::builder().key(CLUSTER_TAGS[0]).value("i-1").build();
        let cluster = NetworkInterface::builder().network_interface_id("eni-1").tag_set(tag).build();
        let known = Ok(HashMap::from([("eni-1", &cluster)]));
        assert_eq!(judge_interfaces(&with_interfaces(2), &known, false).status, Status::Pass);
    }

    #[test]
    fn forwarding() {
        let interface = |check: Option<bool>| {
            NetworkInterface::builder().network_interface_id("eni-1").set_source_dest_check(check).build()
        };
        assert_eq!(judge_forwarding(&interface(Some(true)), Ok(false)).status, Status::Pass);
        assert_eq!(judge_forwarding(&interface(Some(false)), Ok(false)).status, Status::Fail);
        assert_eq!(judge_forwarding(&interface(Some(false)), Ok(true)).status, Status::Pass);
        assert_eq!(judge_forwarding(&interface(None), Ok(false)).status, Status::Unknown);
        let nat = NetworkInterface::builder().interface_type(NetworkInterfaceType::NatGateway).build();
        assert!(!is_own(&nat) && is_own(&interface(None)));
    }
}
