//! Who uses security groups: a network interface that carries one, or something that refers to it: another group, a launch
//! template or configuration, a Lambda function or CodeBuild project that has no interface just now, a group on the other side
//! of a peering connection or transit gateway. Sources are asked one after the other, as long as a group is left that none so
//! far shows in use.

use crate::finding::{Gap, GapKind};
use crate::network::peering;
use crate::place::Region;
use aws_sdk_ec2::types::{
    IpPermission, LaunchTemplateVersion, NetworkInterface, SecurityGroup, SecurityGroupReferencingSupportValue,
    TransitGateway, VpcPeeringConnection,
};
use std::collections::{BTreeMap, BTreeSet};

/// Who uses the groups of a region, and what could not be seen of it.
#[derive(Debug, Default)]
pub struct Uses {
    pub attached: Option<BTreeSet<String>>,
    pub referred: BTreeSet<String>,
    /// By id, and by name for launch templates without a VPC.
    pub launched: BTreeSet<String>,
    /// By id, and by name for launch configurations without a VPC: what else names the group.
    pub named: BTreeMap<String, &'static str>,
    pub abroad: BTreeSet<String>,
    pub unseen: Vec<Gap>,
}

impl Uses {
    /// Who uses `judged`, some of `groups`, which are all of the region.
    pub async fn of(at: &Region, groups: &[SecurityGroup], judged: &[&SecurityGroup]) -> Uses {
        let mut uses = Uses::default();
        match at.ec2().network_interfaces().await {
            Ok(interfaces) => uses.attached = Some(attached(&interfaces)),
            Err(gap) => uses.unseen.push(gap),
        }
        uses.referred = referred(groups);
        if judged.iter().any(|g| uses.unproven(g)) {
            match at.ec2().launch_template_versions().await {
                Ok(versions) => uses.launched = launched(&versions),
                Err(gap) => uses.unseen.push(gap),
            }
        }
        if judged.iter().any(|g| uses.unproven(g)) {
            uses.look_at_services(at).await;
        }
        let open: Vec<&SecurityGroup> = judged.iter().filter(|g| uses.unproven(g)).copied().collect();
        if !open.is_empty() {
            uses.look_abroad(at, &open).await;
        }
        uses
    }

    /// What names groups without having an interface all the time.
    async fn look_at_services(&mut self, at: &Region) {
        let (configurations, functions, projects) =
            tokio::join!(at.autoscaling().launch_configurations(), at.lambda().functions(), at.codebuild().projects());
        let of = |who: &'static str, groups: &[String]| -> Vec<(String, &'static str)> {
            groups.iter().map(|group| (group.clone(), who)).collect()
        };
        let configurations = configurations.map(|all| -> Vec<_> {
            all.iter().flat_map(|c| of("is named by a launch configuration", &c.security_groups)).collect()
        });
        let functions = functions.map(|all| -> Vec<_> {
            all.iter().flat_map(|f| of("is named by a Lambda function", f.security_groups())).collect()
        });
        let projects = projects.map(|all| -> Vec<_> {
            all.iter().flat_map(|p| of("is named by a CodeBuild project", p.security_groups())).collect()
        });
        for named in [configurations, functions, projects] {
            match named {
                Ok(named) => self.named.extend(named),
                // Where there is no such service nothing of it names a group.
                Err(gap) if gap.kind() == GapKind::Unsupported => {}
                Err(gap) => self.unseen.push(gap),
            }
        }
    }

    /// Groups of other accounts may refer to ours through a peering connection or transit gateway. Only where there is one
    /// is it asked, once for all groups that nothing else uses.
    async fn look_abroad(&mut self, at: &Region, open: &[&SecurityGroup]) {
        let (peerings, gateways) = tokio::join!(at.ec2().vpc_peering_connections(), at.ec2().transit_gateways());
        for gap in [peerings.as_ref().err(), gateways.as_ref().err()].into_iter().flatten() {
            self.unseen.push(gap.clone());
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
            Ok(all) => self.abroad = all.iter().filter_map(|r| r.group_id().map(str::to_owned)).collect(),
            Err(gap) => self.unseen.push(gap),
        }
    }

    /// How it is known that the group is in use.
    pub fn proof(&self, group: &SecurityGroup) -> Option<&'static str> {
        let id = group.group_id()?;
        let named = group.group_name().is_some_and(|name| self.launched.contains(name));
        if self.attached.as_ref().is_some_and(|all| all.contains(id)) {
            Some("is on a network interface")
        } else if self.referred.contains(id) {
            Some("is named by a rule of another group")
        } else if self.launched.contains(id) || named {
            Some("is named by a launch template")
        } else if let Some(who) = self.named.get(id).or_else(|| self.named.get(group.group_name()?)) {
            Some(who)
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
    let ends = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
    let ours = vpc.is_some() && ends.iter().flatten().any(|end| end.vpc_id() == vpc);
    let others = ends.iter().any(|end| end.is_none_or(|end| end.owner_id() != Some(account)));
    peering::is_active(peering) && ours && others
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, LaunchTemplateInstanceNetworkInterfaceSpecification, ResponseLaunchTemplateData,
        TransitGatewayOptions, UserIdGroupPair, VpcPeeringConnectionStateReason, VpcPeeringConnectionStateReasonCode,
        VpcPeeringConnectionVpcInfo,
    };

    fn group(id: &str, names: &[&str]) -> SecurityGroup {
        let pairs = names.iter().map(|id| UserIdGroupPair::builder().group_id(*id).build()).collect();
        let rule = IpPermission::builder().set_user_id_group_pairs(Some(pairs)).build();
        SecurityGroup::builder().group_id(id).group_name(format!("name-{id}")).ip_permissions(rule).build()
    }

    #[test]
    fn used_needs_one() {
        // semantics 28
        let group1 = group("sg-1", &[]);
        let interface = NetworkInterface::builder().groups(GroupIdentifier::builder().group_id("sg-1").build()).build();
        let on = Uses { attached: Some(attached(&[interface])), ..Uses::default() };
        assert_eq!(on.proof(&group1), Some("is on a network interface"));
        let named = Uses { referred: referred(&[group1.clone(), group("sg-2", &["sg-1"])]), ..Uses::default() };
        assert_eq!(named.proof(&group1), Some("is named by a rule of another group"));
        assert_eq!(named.proof(&group("sg-2", &[])), None);
        let abroad = Uses { abroad: BTreeSet::from(["sg-1".to_owned()]), ..Uses::default() };
        assert_eq!(abroad.proof(&group1), Some("is named by a rule in a connected VPC"));
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
            let uses = Uses { launched: launched(&[version]), ..Uses::default() };
            assert_eq!(uses.proof(&group("sg-1", &[])), Some("is named by a launch template"));
        }
    }

    #[test]
    fn what_has_no_interface_just_now_names_groups_too() {
        // semantics 122
        let by = |name: &str| Uses { named: BTreeMap::from([(name.to_owned(), "is named by x")]), ..Uses::default() };
        assert_eq!(by("sg-1").proof(&group("sg-1", &[])), Some("is named by x"));
        assert_eq!(by("name-sg-1").proof(&group("sg-1", &[])), Some("is named by x"));
        assert_eq!(by("sg-2").proof(&group("sg-1", &[])), None);
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
}
