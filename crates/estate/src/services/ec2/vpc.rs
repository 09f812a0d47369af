//! The rest of VPC: who refers to a security group, endpoint services, block public access, encryption controls and
//! Network Access Analyzer. Prefix lists are read here for [`reach`], which is pure.

use super::Ec2;
use super::pages;
use super::resources::value_of;
use crate::aws::answer::required;
use crate::aws::fault::Fault;
use crate::finding::Resource;
use crate::network::reach::Lists;
use crate::place::{Answer, Region};
use crate::text::plain_ascii;
use aws_sdk_ec2::types::{
    AllowedPrincipal, ClientVpnEndpoint, IpPermission, LaunchTemplateVersion, NetworkInsightsAccessScope,
    NetworkInsightsAccessScopeAnalysis, SecurityGroupReference, ServiceConfiguration, ServiceDetail, State, Tag, TransitGateway,
    VpcBlockPublicAccessExclusion, VpcBlockPublicAccessExclusionState, VpcBlockPublicAccessOptions, VpcEncryptionControl, VpcEndpoint, VpcEndpointType,
    VpcPeeringConnection, VpnConnection,
};
use aws_smithy_types::DateTime;
use ipnet::IpNet;
use std::collections::BTreeSet;

/// Every page of a call without a paginator of its own; a token that comes twice would never end.
macro_rules! tokens {
    ($request:expr, $list:ident) => {
        async {
            let (mut all, mut token) = (Vec::new(), None::<String>);
            loop {
                let page = $request.set_next_token(token.clone()).send().await?;
                all.extend(required(stringify!($list), page.$list)?);
                match page.next_token.filter(|t| !t.is_empty()) {
                    None => break Ok(all),
                    Some(next) if token.as_ref() == Some(&next) => {
                        break Err(Fault::malformed("the same page token twice"));
                    }
                    next => token = next,
                }
            }
        }
    };
}

impl Ec2<'_, Region> {
    /// What the managed prefix lists of these rules hold (`ec2:GetManagedPrefixListEntries` once per list); a list that
    /// cannot be read keeps its gap and hides only what it alone could open.
    pub async fn prefix_lists<'a>(self, permissions: impl IntoIterator<Item = &'a IpPermission>) -> Lists {
        let ids: BTreeSet<&str> = permissions
            .into_iter()
            .flat_map(IpPermission::prefix_list_ids)
            .filter_map(|list| list.prefix_list_id())
            .collect();
        self.prefix_lists_by_id(ids).await
    }

    /// As [`Region::prefix_lists`], by id.
    pub async fn prefix_lists_by_id<'a>(self, ids: impl IntoIterator<Item = &'a str>) -> Lists {
        let read = |id: &'a str| async move {
            let networks = self.prefix_list_entries(id).await.and_then(|entries| {
                let networks = entries.iter().map(|entry| entry.cidr()?.parse::<IpNet>().ok());
                let networks: Option<Vec<IpNet>> = networks.collect();
                networks.ok_or_else(|| {
                    self.malformed(self.name(), "GetManagedPrefixListEntries", "an entry is no CIDR block")
                })
            });
            (id.to_owned(), networks)
        };
        futures_util::future::join_all(ids.into_iter().map(read)).await.into_iter().collect()
    }

    /// `ec2:DescribeLaunchTemplateVersions`: the latest and the default version of every launch template, every page.
    pub async fn launch_template_versions(self) -> Answer<Vec<LaunchTemplateVersion>> {
        let request = self.client().describe_launch_template_versions().versions("$Latest").versions("$Default");
        let pages = pages!(request.max_results(200), launch_template_versions);
        self.ask("DescribeLaunchTemplateVersions", "$Latest,$Default", pages).await
    }

    /// `ec2:DescribeSecurityGroupReferences`: which of these groups a VPC on the other side of a peering connection or
    /// transit gateway refers to.
    pub async fn security_group_references(self, groups: &[String]) -> Answer<Vec<SecurityGroupReference>> {
        self.ask("DescribeSecurityGroupReferences", groups.join(","), async move {
            let request = self.client().describe_security_group_references().set_group_id(Some(groups.to_vec()));
            required("securityGroupReferenceSet", request.send().await?.security_group_reference_set)
        })
        .await
    }

    /// `ec2:DescribeVpcEndpointServiceConfigurations`, every page: the endpoint services that this account offers.
    pub async fn vpc_endpoint_services(self) -> Answer<Vec<ServiceConfiguration>> {
        let request = self.client().describe_vpc_endpoint_service_configurations();
        let pages = pages!(request, service_configurations);
        self.ask("DescribeVpcEndpointServiceConfigurations", "", pages).await
    }

    /// `ec2:DescribeVpcEndpointServices`, every page: what AWS says of the services of the Region, among others whether they support
    /// endpoint policies. Not by name, since one that AWS does not offer would be an error.
    pub async fn vpc_endpoint_service_details(self) -> Answer<Vec<ServiceDetail>> {
        let pages = tokens!(self.client().describe_vpc_endpoint_services(), service_details);
        self.ask("DescribeVpcEndpointServices", "", pages).await
    }

    /// `ec2:DescribeVpcEndpointServicePermissions` of one endpoint service, every page.
    pub async fn vpc_endpoint_service_permissions(self, service: &str) -> Answer<Vec<AllowedPrincipal>> {
        let request = self.client().describe_vpc_endpoint_service_permissions().service_id(service);
        let pages = pages!(request, allowed_principals);
        self.ask("DescribeVpcEndpointServicePermissions", service, pages).await
    }

    /// `ec2:DescribeVpcBlockPublicAccessOptions`: the mode of this account in this region.
    pub async fn vpc_block_public_access(self) -> Answer<VpcBlockPublicAccessOptions> {
        self.ask("DescribeVpcBlockPublicAccessOptions", "", async move {
            let answer = self.client().describe_vpc_block_public_access_options().send().await?;
            required("vpcBlockPublicAccessOptions", answer.vpc_block_public_access_options)
        })
        .await
    }

    /// `ec2:DescribeVpcBlockPublicAccessExclusions`, every page; deleted ones included as long as EC2 lists them.
    pub async fn vpc_block_public_access_exclusions(self) -> Answer<Vec<VpcBlockPublicAccessExclusion>> {
        let pages =
            tokens!(self.client().describe_vpc_block_public_access_exclusions(), vpc_block_public_access_exclusions);
        self.ask("DescribeVpcBlockPublicAccessExclusions", "", pages).await
    }

    /// `ec2:DescribeVpcEncryptionControls`, every page.
    pub async fn vpc_encryption_controls(self) -> Answer<Vec<VpcEncryptionControl>> {
        let pages = tokens!(self.client().describe_vpc_encryption_controls(), vpc_encryption_controls);
        self.ask("DescribeVpcEncryptionControls", "", pages).await
    }

    /// `ec2:DescribeNetworkInsightsAccessScopes`, every page.
    pub async fn network_access_scopes(self) -> Answer<Vec<NetworkInsightsAccessScope>> {
        let request = self.client().describe_network_insights_access_scopes();
        let pages = pages!(request, network_insights_access_scopes);
        self.ask("DescribeNetworkInsightsAccessScopes", "", pages).await
    }

    /// `ec2:DescribeNetworkInsightsAccessScopeAnalyses`, every page: the runs of all scopes.
    pub async fn network_access_scope_analyses(self) -> Answer<Vec<NetworkInsightsAccessScopeAnalysis>> {
        let request = self.client().describe_network_insights_access_scope_analyses();
        let pages = pages!(request, network_insights_access_scope_analyses);
        self.ask("DescribeNetworkInsightsAccessScopeAnalyses", "", pages).await
    }

    /// Whether this account owns what has this owner. What others share with it by RAM is judged in their accounts.
    pub fn owns(self, owner: Option<&str>) -> bool {
        owner.is_none_or(|owner| owner == self.account_id())
    }

    /// `AWS::EC2::VPCEndpoint`
    pub fn vpc_endpoint(self, e: &VpcEndpoint) -> Resource {
        self.ec2_resource("vpc-endpoint", "AWS::EC2::VPCEndpoint", e.vpc_endpoint_id(), e.tags())
    }

    /// `AWS::EC2::VPCEndpointService`
    pub fn vpc_endpoint_service(self, s: &ServiceConfiguration) -> Resource {
        self.ec2_resource("vpc-endpoint-service", "AWS::EC2::VPCEndpointService", s.service_id(), s.tags())
    }

    /// `AWS::EC2::VPCPeeringConnection`
    pub fn vpc_peering(self, p: &VpcPeeringConnection) -> Resource {
        let id = p.vpc_peering_connection_id();
        self.ec2_resource("vpc-peering-connection", "AWS::EC2::VPCPeeringConnection", id, p.tags())
    }

    /// `AWS::EC2::TransitGateway`
    pub fn transit_gateway(self, t: &TransitGateway) -> Resource {
        self.ec2_resource("transit-gateway", "AWS::EC2::TransitGateway", t.transit_gateway_id(), t.tags())
    }

    /// `AWS::EC2::VPNConnection`
    pub fn vpn_connection(self, v: &VpnConnection) -> Resource {
        self.ec2_resource("vpn-connection", "AWS::EC2::VPNConnection", v.vpn_connection_id(), v.tags())
    }

    /// `AWS::EC2::ClientVpnEndpoint`
    pub fn client_vpn_endpoint(self, e: &ClientVpnEndpoint) -> Resource {
        self.ec2_resource("client-vpn-endpoint", "AWS::EC2::ClientVpnEndpoint", e.client_vpn_endpoint_id(), e.tags())
    }

    /// `AWS::EC2::VPCBlockPublicAccessExclusion`
    pub fn vpc_block_public_access_exclusion(self, e: &VpcBlockPublicAccessExclusion) -> Resource {
        let kind = "vpc-block-public-access-exclusion";
        self.ec2_resource(kind, "AWS::EC2::VPCBlockPublicAccessExclusion", e.exclusion_id(), e.tags())
    }
}

/// Whether a VPC endpoint is in one of these states. EC2 answers `available` where its model says `Available`, so case is
/// not looked at.
pub fn endpoint_is(endpoint: &VpcEndpoint, states: &[State]) -> bool {
    endpoint.state().is_some_and(|state| states.iter().any(|s| s.as_str().eq_ignore_ascii_case(state.as_str())))
}

/// Whether an exclusion from VPC block public access is in force, as far as it is known.
pub fn excludes(exclusion: &VpcBlockPublicAccessExclusion) -> bool {
    use VpcBlockPublicAccessExclusionState as State;
    !matches!(
        exclusion.state(),
        Some(State::DeleteComplete | State::DeleteInProgress | State::DisableComplete | State::CreateFailed)
    )
}

/// Whether a VPC endpoint has a policy at all: those for partner and own services, appliances, resources and service networks
/// have none.
pub fn takes_policy(endpoint: &VpcEndpoint) -> bool {
    let plain = [VpcEndpointType::Gateway, VpcEndpointType::Interface];
    let partner = endpoint.service_name().is_some_and(|name| name.contains(".vpce."));
    endpoint.vpc_endpoint_type().is_none_or(|kind| plain.contains(kind)) && !partner
}

/// Until when something is meant to last, by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiry {
    /// No tag says it.
    None,
    /// Today or later.
    Ahead(String),
    /// Before today.
    Past(String),
    /// There is a tag, but its value is no date.
    Unreadable(String),
}

/// Tags that say until when, written without separators and in lower case: `expires-on` and `ExpiresOn` are the same.
const EXPIRY_TAGS: [&str; 8] =
    ["expires", "expireson", "expiresat", "expiry", "expirydate", "expirationdate", "reviewby", "validuntil"];

/// Reads the first of the tags `expires-on`, `review-by`, … as a date (`2026-12-31`, a time after it is not looked at).
pub fn expiry(tags: &[Tag], now: &DateTime) -> Expiry {
    let found = tags.iter().find(|tag| {
        tag.key().is_some_and(|key| EXPIRY_TAGS.contains(&plain_ascii(key).as_str()))
    });
    let Some(text) = found.map(|tag| value_of(tag).trim()) else { return Expiry::None };
    let date = text.get(..10).unwrap_or(text);
    match DateTime::from_str(&format!("{date}T23:59:59Z"), aws_smithy_types::date_time::Format::DateTime) {
        Ok(end) if end.secs() >= now.secs() => Expiry::Ahead(date.to_owned()),
        Ok(_) => Expiry::Past(date.to_owned()),
        Err(_) => Expiry::Unreadable(text.to_owned()),
    }
}
