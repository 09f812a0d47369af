//! Network interfaces: does an instance have a second one, and does one forward other hosts' packets, without a service that
//! manages it? For `network_and_volumes_orderly`.

use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, InstanceNetworkInterface, NetworkInterface, NetworkInterfaceType};
use posture_estate::services::ec2::instance_id;
use std::collections::HashMap;

/// Interfaces that Kubernetes attaches to its nodes carry one of these tags.
const CLUSTER_TAGS: [&str; 2] = ["node.k8s.amazonaws.com/instance_id", "cluster.k8s.amazonaws.com/name"];

/// The instance that an interface is attached to.
pub(super) fn instance_of(interface: &NetworkInterface) -> Option<&str> {
    interface.attachment().and_then(|attachment| attachment.instance_id())
}

/// The interfaces of the region by id.
pub(super) type Known<'a> = Result<HashMap<&'a str, &'a NetworkInterface>, &'a Gap>;

/// `meant` is whether the instance is listed as one that may have more, `fine` which of its interfaces are listed themselves.
pub(super) fn judge_interfaces(
    instance: &Instance,
    known: &Known,
    meant: bool,
    fine: impl Fn(&str) -> bool,
) -> Verdict {
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
            Ok(known) if fine(name) || known.get(name).is_some_and(|n| is_managed(n)) => {}
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
pub(super) fn is_own(interface: &NetworkInterface) -> bool {
    use NetworkInterfaceType as Kind;
    let plain =
        matches!(interface.interface_type(), None | Some(Kind::Interface | Kind::Efa | Kind::Trunk | Kind::Branch));
    plain && interface.requester_managed() != Some(true)
}

pub(super) fn judge_forwarding(interface: &NetworkInterface, listed: Result<bool, &Gap>) -> Verdict {
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
    use aws_sdk_ec2::types::{InstanceNetworkInterfaceAttachment, Tag};

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
        assert_eq!(judge_interfaces(&with_interfaces(1), &none, false, |_| false).status, Status::Pass);
        assert_eq!(judge_interfaces(&with_interfaces(2), &none, false, |_| false).status, Status::Fail);
        assert_eq!(judge_interfaces(&with_interfaces(2), &none, true, |_| false).status, Status::Pass);
        let listed = |id: &str| id == "eni-1";
        assert_eq!(judge_interfaces(&with_interfaces(2), &none, false, listed).status, Status::Pass);
        assert_eq!(judge_interfaces(&with_interfaces(3), &none, false, listed).status, Status::Fail, "eni-2 is not");
        let tag = Tag::builder().key(CLUSTER_TAGS[0]).value("i-1").build();
        let cluster = NetworkInterface::builder().network_interface_id("eni-1").tag_set(tag).build();
        let known = Ok(HashMap::from([("eni-1", &cluster)]));
        assert_eq!(judge_interfaces(&with_interfaces(2), &known, false, |_| false).status, Status::Pass);
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
