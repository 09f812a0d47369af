//! Security groups and network ACLs that guard nothing. A group is in use when a network interface carries it or
//! something refers to it: another group, a launch template, a group on the other side of a peering connection or
//! transit gateway. "Unused" therefore needs every source; "used" needs one.

use crate::prelude::*;
use aws_sdk_ec2::types::{
    IpPermission, LaunchTemplateVersion, NetworkAcl, NetworkInterface, SecurityGroup,
    SecurityGroupReferencingSupportValue, TransitGateway, VpcPeeringConnection, VpcPeeringConnectionStateReasonCode,
};
use std::collections::BTreeSet;

pub async fn probe(at: &Region) -> Outcome {
    let mut findings = groups(at).await.unwrap_or_else(|gap| vec![hidden("security-groups", &gap, at)]);
    findings.extend(match at.ec2().network_acls().await {
        Ok(acls) => acls
            .iter()
            .filter(|acl| acl.is_default() != Some(true) && at.ec2().owns(acl.owner_id()))
            .map(|acl| judge_acl(acl).on(at.ec2().network_acl(acl)))
            .collect(),
        Err(gap) => vec![hidden("network-acls", &gap, at)],
    });
    Ok(findings)
}

fn hidden(sub: &str, gap: &Gap, at: &Region) -> Finding {
    Verdict::unseen(gap).sub(sub).on(at.resource())
}

async fn groups(at: &Region) -> Outcome {
    let groups = at.ec2().security_groups().await?;
    let judged: Vec<&SecurityGroup> =
        groups.iter().filter(|g| g.group_name() != Some("default") && at.ec2().owns(g.owner_id())).collect();
    if judged.is_empty() {
        return Ok(Vec::new());
    }
    let mut uses = Uses::default();
    match at.ec2().network_interfaces().await {
        Ok(interfaces) => uses.attached = Some(attached(&interfaces)),
        Err(gap) => uses.unseen.push(gap),
    }
    uses.referred = referred(&groups);
    if judged.iter().any(|g| uses.unproven(g)) {
        match at.ec2().launch_template_versions().await {
            Ok(versions) => uses.launched = launched(&versions),
            Err(gap) => uses.unseen.push(gap),
        }
    }
    let open: Vec<&SecurityGroup> = judged.iter().filter(|g| uses.unproven(g)).copied().collect();
    if !open.is_empty() {
        elsewhere(at, &open, &mut uses).await;
    }
    Ok(judged.iter().map(|g| judge(g, &uses).on(at.ec2().security_group(g))).collect())
}

/// Groups of other accounts may refer to ours through a peering connection or transit gateway. Only where there is one
/// is it asked, once for all groups that nothing else uses.
async fn elsewhere(at: &Region, open: &[&SecurityGroup], uses: &mut Uses) {
    let (peerings, gateways) = join!(at.ec2().vpc_peering_connections(), at.ec2().transit_gateways());
    for gap in [peerings.as_ref().err(), gateways.as_ref().err()].into_iter().flatten() {
        uses.unseen.push(gap.clone());
    }
    let (peerings, gateways) = (peerings.ok(), gateways.ok());
    let gateway = gateways.iter().flat_map(|all| all.iter()).any(lets_groups_refer);
    let ids: Vec<String> = open
        .iter()
        .filter(|g| {
            gateway || peerings.iter().flat_map(|all| all.iter()).any(|p| joins(p, g.vpc_id(), at.account_id()))
        })
        .filter_map(|g| g.group_id().map(str::to_owned))
        .collect();
    if ids.is_empty() {
        return;
    }
    match at.ec2().security_group_references(&ids).await {
        Ok(all) => uses.abroad = all.iter().filter_map(|r| r.group_id().map(str::to_owned)).collect(),
        Err(gap) => uses.unseen.push(gap),
    }
}

/// Who uses the groups of a region, and what could not be seen of it.
#[derive(Default)]
struct Uses {
    attached: Option<BTreeSet<String>>,
    referred: BTreeSet<String>,
    /// By id, and by name for launch templates without a VPC.
    launched: BTreeSet<String>,
    abroad: BTreeSet<String>,
    unseen: Vec<Gap>,
}

impl Uses {
    /// How it is known that the group is in use.
    fn proof(&self, group: &SecurityGroup) -> Option<&'static str> {
        let id = group.group_id()?;
        let named = group.group_name().is_some_and(|name| self.launched.contains(name));
        if self.attached.as_ref().is_some_and(|all| all.contains(id)) {
            Some("is on a network interface")
        } else if self.referred.contains(id) {
            Some("is named by a rule of another group")
        } else if self.launched.contains(id) || named {
            Some("is named by a launch template")
        } else if self.abroad.contains(id) {
            Some("is named by a rule in a connected VPC")
        } else {
            None
        }
    }

    fn unproven(&self, group: &SecurityGroup) -> bool {
        self.proof(group).is_none()
    }
}

fn attached(interfaces: &[NetworkInterface]) -> BTreeSet<String> {
    interfaces.iter().flat_map(|n| n.groups()).filter_map(|g| g.group_id().map(str::to_owned)).collect()
}

/// The groups that rules of other groups name; naming itself is no use.
fn referred(groups: &[SecurityGroup]) -> BTreeSet<String> {
    let rules = |g: &SecurityGroup| -> Vec<IpPermission> { [g.ip_permissions(), g.ip_permissions_egress()].concat() };
    let named = |g: &SecurityGroup| -> Vec<String> {
        rules(g)
            .iter()
            .flat_map(|rule| rule.user_id_group_pairs())
            .filter_map(|pair| pair.group_id().map(str::to_owned))
            .filter(|id| g.group_id() != Some(id))
            .collect()
    };
    groups.iter().flat_map(named).collect()
}

fn launched(versions: &[LaunchTemplateVersion]) -> BTreeSet<String> {
    let of = |version: &LaunchTemplateVersion| -> Vec<String> {
        let Some(data) = version.launch_template_data() else { return Vec::new() };
        let interfaces = data.network_interfaces().iter().flat_map(|n| n.groups());
        data.security_group_ids().iter().chain(data.security_groups()).chain(interfaces).cloned().collect()
    };
    versions.iter().flat_map(of).collect()
}

fn lets_groups_refer(gateway: &TransitGateway) -> bool {
    gateway.options().and_then(|o| o.security_group_referencing_support())
        == Some(&SecurityGroupReferencingSupportValue::Enable)
}

/// Whether it joins the VPC with one of another account; the groups of our own are all here to be read.
fn joins(peering: &VpcPeeringConnection, vpc: Option<&str>, account: &str) -> bool {
    let active = peering.status().and_then(|s| s.code()) == Some(&VpcPeeringConnectionStateReasonCode::Active);
    let ends = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
    let ours = vpc.is_some() && ends.iter().flatten().any(|end| end.vpc_id() == vpc);
    active && ours && ends.iter().any(|end| end.is_none_or(|end| end.owner_id() != Some(account)))
}

fn judge(group: &SecurityGroup, uses: &Uses) -> Verdict {
    let name = format!("security group {}", group.group_id().unwrap_or("?"));
    if let Some(proof) = uses.proof(group) {
        return Verdict::pass(format!("{name} {proof}"));
    }
    let mut reasons = Reasons::new();
    if uses.unseen.is_empty() {
        reasons.broken(
            "group_unused",
            format!("{name} is on no network interface, and no other group, launch template or connected VPC names it"),
        );
    }
    uses.unseen.iter().for_each(|gap| reasons.unseen(gap));
    reasons.open()
}

fn judge_acl(acl: &NetworkAcl) -> Verdict {
    let name = format!("network acl {}", acl.network_acl_id().unwrap_or("?"));
    match (&acl.associations, acl.is_default()) {
        (Some(subnets), Some(false)) if subnets.is_empty() => {
            Verdict::fail("acl_unused", format!("{name} guards no subnet"))
        }
        (Some(subnets), _) if !subnets.is_empty() => Verdict::pass(format!("{name} guards {} subnets", subnets.len())),
        _ => Verdict::undecided(format!("{name} does not say which subnets it guards or whether it is a default")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, LaunchTemplateInstanceNetworkInterfaceSpecification, NetworkAclAssociation,
        ResponseLaunchTemplateData, TransitGatewayOptions, UserIdGroupPair, VpcPeeringConnectionStateReason,
        VpcPeeringConnectionVpcInfo,
    };
    use posture_estate::finding::GapKind;

    fn group(id: &str, names: &[&str]) -> SecurityGroup {
        let pairs = names.iter().map(|id| UserIdGroupPair::builder().group_id(*id).build()).collect();
        let rule = IpPermission::builder().set_user_id_group_pairs(Some(pairs)).build();
        SecurityGroup::builder().group_id(id).group_name(format!("name-{id}")).ip_permissions(rule).build()
    }

    fn seen() -> Uses {
        Uses { attached: Some(BTreeSet::new()), ..Uses::default() }
    }

    fn gap() -> Gap {
        Gap::new("1", "r", "ec2:DescribeLaunchTemplateVersions", GapKind::Denied, "no")
    }

    #[test]
    fn unused_needs_every_source() {
        let idle = group("sg-1", &["sg-1"]);
        assert_eq!(judge(&idle, &seen()).status, Status::Fail);
        let blind = Uses { unseen: vec![gap()], ..seen() };
        let verdict = judge(&idle, &blind);
        assert_eq!((verdict.status, verdict.gaps.len()), (Status::Unknown, 1));
    }

    #[test]
    fn used_needs_one() {
        let group1 = group("sg-1", &[]);
        let interface = NetworkInterface::builder().groups(GroupIdentifier::builder().group_id("sg-1").build()).build();
        let on = Uses { attached: Some(attached(&[interface])), unseen: vec![gap()], ..seen() };
        assert_eq!(judge(&group1, &on).status, Status::Pass);
        let named = Uses { referred: referred(&[group1.clone(), group("sg-2", &["sg-1"])]), ..seen() };
        assert_eq!(judge(&group1, &named).status, Status::Pass);
        assert_eq!(judge(&group("sg-2", &[]), &named).status, Status::Fail);
        let abroad = Uses { abroad: BTreeSet::from(["sg-1".to_owned()]), ..seen() };
        assert_eq!(judge(&group1, &abroad).status, Status::Pass);
    }

    #[test]
    fn a_group_that_names_itself_is_not_used() {
        assert!(referred(&[group("sg-1", &["sg-1"])]).is_empty());
    }

    #[test]
    fn launch_templates_name_groups_in_three_places() {
        let spec = LaunchTemplateInstanceNetworkInterfaceSpecification::builder().groups("sg-1").build();
        for data in [
            ResponseLaunchTemplateData::builder().security_group_ids("sg-1"),
            ResponseLaunchTemplateData::builder().security_groups("name-sg-1"),
            ResponseLaunchTemplateData::builder().network_interfaces(spec),
        ] {
            let version = LaunchTemplateVersion::builder().launch_template_data(data.build()).build();
            let uses = Uses { launched: launched(&[version]), ..seen() };
            assert_eq!(judge(&group("sg-1", &[]), &uses).status, Status::Pass);
        }
    }

    #[test]
    fn only_active_peerings_of_the_vpc_can_refer() {
        let end = |vpc: &str, owner: &str| VpcPeeringConnectionVpcInfo::builder().vpc_id(vpc).owner_id(owner).build();
        let peering = |code: VpcPeeringConnectionStateReasonCode, other: &str| {
            VpcPeeringConnection::builder()
                .status(VpcPeeringConnectionStateReason::builder().code(code).build())
                .requester_vpc_info(end("vpc-9", other))
                .accepter_vpc_info(end("vpc-1", "1"))
                .build()
        };
        let active = VpcPeeringConnectionStateReasonCode::Active;
        assert!(joins(&peering(active.clone(), "2"), Some("vpc-1"), "1"));
        assert!(!joins(&peering(active.clone(), "1"), Some("vpc-1"), "1"), "our own groups are all read");
        assert!(!joins(&peering(active, "2"), Some("vpc-2"), "1"));
        assert!(!joins(&peering(VpcPeeringConnectionStateReasonCode::Deleted, "2"), Some("vpc-1"), "1"));
        let options = |value| TransitGatewayOptions::builder().security_group_referencing_support(value).build();
        let on = TransitGateway::builder().options(options(SecurityGroupReferencingSupportValue::Enable)).build();
        let off = TransitGateway::builder().options(options(SecurityGroupReferencingSupportValue::Disable)).build();
        assert!(lets_groups_refer(&on) && !lets_groups_refer(&off));
    }

    #[test]
    fn acls_guard_subnets() {
        let acl = |n| {
            let subnets = vec![NetworkAclAssociation::builder().build(); n];
            NetworkAcl::builder().is_default(false).set_associations(Some(subnets)).build()
        };
        assert_eq!(judge_acl(&acl(0)).status, Status::Fail);
        assert_eq!(judge_acl(&acl(1)).status, Status::Pass);
        assert_eq!(judge_acl(&NetworkAcl::builder().is_default(false).build()).status, Status::Unknown);
    }
}
