//! EC2: instances, images, volumes and snapshots, security groups and network ACLs.

use crate::prelude::*;
use aws_sdk_ec2::types::SecurityGroup;
use posture_estate::network::reach::{Lists, Protocol, Span};

mod blocked;
mod client_vpn;
mod data_tier;
mod interfaces;
mod launch_sources;
mod launches;
mod reachable;
mod template_data;
mod volumes;

checks! { ec2;
    region allowed_amis_enforced,
    region ami_not_public,
    region ebs_default_encryption_enabled,
    region ebs_snapshots_not_public,
    region ebs_volumes_and_snapshots_encrypted,
    region image_and_snapshot_block_public_access,
    region imds_account_default_v2,
    region instance_imdsv2_required,
    region instance_managed_by_ssm,
    region instance_no_internet_reachable_risk_port,
    region instance_no_public_ip,
    region instance_profile_attached,
    region instances_current,
    region interactive_access_minimised,
    region launch_template_hardened,
    region nacl_no_open_admin_ports,
    region network_and_volumes_orderly,
    region sg_and_nacl_in_use,
    region sg_default_closed,
    region sg_egress_restricted_on_data_tier,
    region sg_no_open_admin_ports,
    region sg_no_open_high_risk_ports,
    region sg_open_only_on_authorized_ports,
    region sg_rules_tight,
    region transit_and_vpn_guarded,
    region user_data_no_secrets,
}

/// One finding for each security group of the account, by `judge`, with the prefix lists that inbound rules name.
async fn each_inbound(at: &Region, judge: impl Fn(&SecurityGroup, &Lists) -> Verdict) -> Outcome {
    let groups = at.ec2().security_groups().await?;
    let lists = at.ec2().prefix_lists(groups.iter().flat_map(|g| g.ip_permissions())).await;
    let own = groups.iter().filter(|g| at.ec2().owns(g.owner_id()));
    Ok(own.map(|g| judge(g, &lists).on(at.ec2().security_group(g))).collect())
}

/// Ports that are always judged, TCP and UDP, each with what is configured besides.
fn with_configured(tcp: (&[Span], &[Span]), udp: (&[Span], &[Span])) -> Vec<(Protocol, Vec<Span>)> {
    let all = |(fixed, more): (&[Span], &[Span])| {
        let mut spans = [fixed, more].concat();
        spans.sort_unstable();
        spans.dedup();
        spans
    };
    vec![(Protocol::Tcp, all(tcp)), (Protocol::Udp, all(udp))]
}

/// "tcp/22, tcp/3389 and udp/3389": the ports for a message.
fn listed(ports: &[(Protocol, Vec<Span>)]) -> String {
    let each = |(protocol, spans): &(Protocol, Vec<Span>)| -> Vec<String> {
        spans.iter().map(|span| format!("{protocol}/{span}")).collect()
    };
    let all: Vec<String> = ports.iter().flat_map(each).collect();
    match all.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        all => all.join(", "),
    }
}
