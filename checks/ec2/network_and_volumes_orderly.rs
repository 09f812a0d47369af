//! Is there anything lying about that nobody looks after: addresses and volumes without an instance, second network
//! interfaces, interfaces that forward other hosts' packets? Each kind is read and judged on its own.

use super::interfaces::{instance_of, is_own, judge_forwarding, judge_interfaces};
use super::volumes::{is_settled, judge_volume};
use crate::prelude::*;
use aws_sdk_ec2::types::{Address, Instance, NetworkInterface};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let associated = Address::builder().public_ip("198.51.100.7").association_id("eipassoc-1").build();
        assert_eq!(judge_address(&associated).status, Status::Pass);
        let free = Address::builder().public_ip("198.51.100.7").instance_id("").build();
        assert_eq!(judge_address(&free).status, Status::Fail);
    }
}
