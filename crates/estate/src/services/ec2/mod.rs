//! EC2, with EBS and VPC: one paged call per kind and region, never one per resource; who needs a subset filters
//! what is already here. EC2 always sends the list of an answer, if only empty, so an answer without it is malformed:
//! `public_snapshots` would otherwise read a damaged body as "nothing is public".

pub mod encryption;
mod resources;
pub mod vpc;

use crate::aws::service::{Quota, Service, Wire};
use crate::place::service;
pub use resources::{exists, instance_id, of_each, runs};

use crate::aws::answer::{collect, required};
use crate::aws::fault::Fault;
use crate::place::{Account, Answer, Region};
use aws_sdk_ec2::operation::get_allowed_images_settings::GetAllowedImagesSettingsOutput;
use aws_sdk_ec2::types::{
    Address, AuthorizationRule, ClientVpnEndpoint, Filter, FlowLog, Image, Instance, InstanceMetadataDefaultsResponse,
    NetworkAcl, NetworkInterface, PrefixListEntry, RouteTable, SecurityGroup, Snapshot, SnapshotBlockPublicAccessState,
    Subnet, TransitGateway, Volume, Vpc, VpcEndpoint, VpcPeeringConnection, VpnConnection,
};

service! {
    /// EC2, with EBS and VPC, at an account or in a region.
    ec2 => Ec2 by aws_sdk_ec2: Service {
        // Non-mutating calls. AWS counts each operation for itself; all of them together stay below the quota of one here,
        // and those without filter or page size, which have half of it, are asked once each.
        // <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
        quota: Quota::of_service(20.0, 100.0),
        // Pre-shared keys of VPN tunnels, and user data.
        secrets: &["customerGatewayConfiguration", "preSharedKey"],
        encoded: &["userData"],
        asff: &[
            ("AWS::EC2::ClientVpnEndpoint", "AwsEc2ClientVpnEndpoint"),
            ("AWS::EC2::EIP", "AwsEc2Eip"),
            ("AWS::EC2::Instance", "AwsEc2Instance"),
            ("AWS::EC2::LaunchTemplate", "AwsEc2LaunchTemplate"),
            ("AWS::EC2::NetworkAcl", "AwsEc2NetworkAcl"),
            ("AWS::EC2::NetworkInterface", "AwsEc2NetworkInterface"),
            ("AWS::EC2::RouteTable", "AwsEc2RouteTable"),
            ("AWS::EC2::SecurityGroup", "AwsEc2SecurityGroup"),
            ("AWS::EC2::Subnet", "AwsEc2Subnet"),
            ("AWS::EC2::TransitGateway", "AwsEc2TransitGateway"),
            ("AWS::EC2::VPC", "AwsEc2Vpc"),
            ("AWS::EC2::VPCEndpointService", "AwsEc2VpcEndpointService"),
            ("AWS::EC2::VPCPeeringConnection", "AwsEc2VpcPeeringConnection"),
            ("AWS::EC2::VPNConnection", "AwsEc2VpnConnection"),
            ("AWS::EC2::Volume", "AwsEc2Volume"),
        ],
        ..Service::new("ec2", "EC2 with VPC and EBS", Wire::Ec2)
    }
}

/// Items per page, the most that EC2 allows for instances, volumes, snapshots, security groups and interfaces.
const PAGE: i32 = 1000;

/// EC2 takes at most this many values for one filter.
const FILTER_VALUES: usize = 200;

/// Every page of a paginated call, flattened over the list that each page must carry.
macro_rules! pages {
    ($request:expr, $list:ident) => {
        async move {
            let mut all = Vec::new();
            for page in $crate::aws::answer::collect($request.into_paginator().send()).await? {
                all.extend($crate::aws::answer::required(stringify!($list), page.$list)?);
            }
            Ok(all)
        }
    };
}
pub(super) use pages;

impl Ec2<'_, Account> {
    /// `ec2:DescribeRegions`, those that are not enabled included.
    pub async fn describe_regions(self) -> Answer<Vec<(String, bool)>> {
        self.ask("DescribeRegions", "", async move {
            let answer = self.client_in(self.home()).describe_regions().all_regions(true).send().await?;
            let regions = required("Regions", answer.regions)?;
            let known = regions.into_iter().filter_map(|region| {
                let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
                Some((region.region_name?, enabled))
            });
            Ok(known.collect())
        })
        .await
    }
}

impl Ec2<'_, Region> {
    /// `ec2:DescribeInstances`, every page, flattened over the reservations; terminated ones included as long as EC2
    /// lists them.
    pub async fn instances(self) -> Answer<Vec<Instance>> {
        self.ask("DescribeInstances", "", async move {
            let mut all = Vec::new();
            for page in collect(self.client().describe_instances().max_results(PAGE).into_paginator().send()).await? {
                for reservation in required("reservations", page.reservations)? {
                    all.extend(required("instances", reservation.instances)?);
                }
            }
            Ok(all)
        })
        .await
    }

    /// `ec2:DescribeSecurityGroups`, every page.
    pub async fn security_groups(self) -> Answer<Vec<SecurityGroup>> {
        let request = self.client().describe_security_groups().max_results(PAGE);
        self.ask("DescribeSecurityGroups", "", pages!(request, security_groups)).await
    }

    /// `ec2:DescribeNetworkInterfaces`, every page.
    pub async fn network_interfaces(self) -> Answer<Vec<NetworkInterface>> {
        let request = self.client().describe_network_interfaces().max_results(PAGE);
        self.ask("DescribeNetworkInterfaces", "", pages!(request, network_interfaces)).await
    }

    /// `ec2:DescribeNetworkAcls`, every page.
    pub async fn network_acls(self) -> Answer<Vec<NetworkAcl>> {
        self.ask("DescribeNetworkAcls", "", pages!(self.client().describe_network_acls(), network_acls)).await
    }

    /// `ec2:DescribeRouteTables`, every page.
    pub async fn route_tables(self) -> Answer<Vec<RouteTable>> {
        self.ask("DescribeRouteTables", "", pages!(self.client().describe_route_tables(), route_tables)).await
    }

    /// `ec2:DescribeSubnets`, every page; subnets that other accounts share with this one included.
    pub async fn subnets(self) -> Answer<Vec<Subnet>> {
        self.ask("DescribeSubnets", "", pages!(self.client().describe_subnets(), subnets)).await
    }

    /// `ec2:DescribeVpcs`, every page; VPCs that other accounts share with this one included.
    pub async fn vpcs(self) -> Answer<Vec<Vpc>> {
        self.ask("DescribeVpcs", "", pages!(self.client().describe_vpcs(), vpcs)).await
    }

    /// `ec2:DescribeFlowLogs`, every page.
    pub async fn flow_logs(self) -> Answer<Vec<FlowLog>> {
        self.ask("DescribeFlowLogs", "", pages!(self.client().describe_flow_logs(), flow_logs)).await
    }

    /// `ec2:DescribeAddresses` (one page by design): the Elastic IP addresses.
    pub async fn addresses(self) -> Answer<Vec<Address>> {
        self.ask("DescribeAddresses", "", async move {
            required("addresses", self.client().describe_addresses().send().await?.addresses)
        })
        .await
    }

    /// `ec2:DescribeVolumes`, every page.
    pub async fn volumes(self) -> Answer<Vec<Volume>> {
        let request = self.client().describe_volumes().max_results(PAGE);
        self.ask("DescribeVolumes", "", pages!(request, volumes)).await
    }

    /// `ec2:DescribeSnapshots` with `OwnerIds=self`, every page. What is said to be another account's is left out all the
    /// same: emulators list the snapshots behind Amazon's images too.
    pub async fn own_snapshots(self) -> Answer<Vec<Snapshot>> {
        let request = self.client().describe_snapshots().owner_ids("self").max_results(PAGE);
        self.ask("DescribeSnapshots", "self", async move {
            let snapshots: Result<Vec<Snapshot>, Fault> = pages!(request, snapshots).await;
            Ok(snapshots?.into_iter().filter(|snapshot| self.owns(snapshot.owner_id())).collect())
        })
        .await
    }

    /// `ec2:DescribeSnapshots` with `OwnerIds=self` and `RestorableByUserIds=all`, every page: the own snapshots that
    /// anyone may restore, in one question instead of one `DescribeSnapshotAttribute` per snapshot.
    pub async fn public_snapshots(self) -> Answer<Vec<Snapshot>> {
        let request = self.client().describe_snapshots().owner_ids("self").restorable_by_user_ids("all").max_results(PAGE);
        self.ask("DescribeSnapshots", "self,all", pages!(request, snapshots)).await
    }

    /// `ec2:DescribeImages` with `Owners=self`, every page; disabled images too.
    pub async fn own_images(self) -> Answer<Vec<Image>> {
        let request = self.client().describe_images().owners("self").include_disabled(true);
        self.ask("DescribeImages", "self", pages!(request, images)).await
    }

    /// `ec2:DescribeImages` for these image ids, whoever owns them, deprecated and disabled ones too. Asked by
    /// filter, not by `ImageIds`, where one image that is gone would be an error of the whole call: here it is only
    /// missing from the answer.
    pub async fn images(self, ids: &[String]) -> Answer<Vec<Image>> {
        self.ask("DescribeImages", ids.join(","), async move {
            let mut all = Vec::new();
            for ids in ids.chunks(FILTER_VALUES) {
                let filter = Filter::builder().name("image-id").set_values(Some(ids.to_vec())).build();
                let request =
                    self.client().describe_images().filters(filter).include_deprecated(true).include_disabled(true);
                let images: Result<Vec<Image>, Fault> = pages!(request, images).await;
                all.extend(images?);
            }
            Ok(all)
        })
        .await
    }

    /// `ec2:GetManagedPrefixListEntries`, every page: the CIDR blocks of a prefix list, the customer's or AWS's.
    pub async fn prefix_list_entries(self, prefix_list: &str) -> Answer<Vec<PrefixListEntry>> {
        let request = self.client().get_managed_prefix_list_entries().prefix_list_id(prefix_list);
        self.ask("GetManagedPrefixListEntries", prefix_list, pages!(request, entries)).await
    }

    /// `ec2:DescribeVpcEndpoints`, every page.
    pub async fn vpc_endpoints(self) -> Answer<Vec<VpcEndpoint>> {
        self.ask("DescribeVpcEndpoints", "", pages!(self.client().describe_vpc_endpoints(), vpc_endpoints)).await
    }

    /// `ec2:DescribeVpcPeeringConnections`, every page.
    pub async fn vpc_peering_connections(self) -> Answer<Vec<VpcPeeringConnection>> {
        let request = self.client().describe_vpc_peering_connections();
        self.ask("DescribeVpcPeeringConnections", "", pages!(request, vpc_peering_connections)).await
    }

    /// `ec2:DescribeTransitGateways`, every page; those that other accounts share with this one included.
    pub async fn transit_gateways(self) -> Answer<Vec<TransitGateway>> {
        let request = self.client().describe_transit_gateways();
        self.ask("DescribeTransitGateways", "", pages!(request, transit_gateways)).await
    }

    /// `ec2:DescribeVpnConnections` (one page by design); deleted ones included as long as EC2 lists them.
    pub async fn vpn_connections(self) -> Answer<Vec<VpnConnection>> {
        self.ask("DescribeVpnConnections", "", async move {
            required("vpn_connections", self.client().describe_vpn_connections().send().await?.vpn_connections)
        })
        .await
    }

    /// `ec2:DescribeClientVpnEndpoints`, every page.
    pub async fn client_vpn_endpoints(self) -> Answer<Vec<ClientVpnEndpoint>> {
        let request = self.client().describe_client_vpn_endpoints();
        self.ask("DescribeClientVpnEndpoints", "", pages!(request, client_vpn_endpoints)).await
    }

    /// `ec2:DescribeClientVpnAuthorizationRules` of one endpoint, every page.
    pub async fn client_vpn_authorization_rules(self, endpoint: &str) -> Answer<Vec<AuthorizationRule>> {
        let request = self.client().describe_client_vpn_authorization_rules().client_vpn_endpoint_id(endpoint);
        self.ask("DescribeClientVpnAuthorizationRules", endpoint, pages!(request, authorization_rules)).await
    }

    /// `ec2:GetEbsEncryptionByDefault`: are new volumes encrypted without being asked?
    pub async fn ebs_encryption_by_default(self) -> Answer<bool> {
        self.ask("GetEbsEncryptionByDefault", "", async move {
            let answer = self.client().get_ebs_encryption_by_default().send().await?;
            required("ebsEncryptionByDefault", answer.ebs_encryption_by_default)
        })
        .await
    }

    /// `ec2:GetEbsDefaultKmsKeyId`: the key (id, alias or ARN) for volumes that name none.
    pub async fn ebs_default_kms_key(self) -> Answer<String> {
        self.ask("GetEbsDefaultKmsKeyId", "", async move {
            required("kmsKeyId", self.client().get_ebs_default_kms_key_id().send().await?.kms_key_id)
        })
        .await
    }

    /// `ec2:GetImageBlockPublicAccessState`: `block-new-sharing` or `unblocked`.
    pub async fn image_block_public_access(self) -> Answer<String> {
        self.ask("GetImageBlockPublicAccessState", "", async move {
            let answer = self.client().get_image_block_public_access_state().send().await?;
            required("imageBlockPublicAccessState", answer.image_block_public_access_state)
        })
        .await
    }

    /// `ec2:GetSnapshotBlockPublicAccessState`.
    pub async fn snapshot_block_public_access(self) -> Answer<SnapshotBlockPublicAccessState> {
        self.ask("GetSnapshotBlockPublicAccessState", "", async move {
            required("state", self.client().get_snapshot_block_public_access_state().send().await?.state)
        })
        .await
    }

    /// `ec2:GetInstanceMetadataDefaults`: the account's metadata defaults; a member that is `None` has no preference.
    pub async fn instance_metadata_defaults(self) -> Answer<InstanceMetadataDefaultsResponse> {
        self.ask("GetInstanceMetadataDefaults", "", async move {
            required("accountLevel", self.client().get_instance_metadata_defaults().send().await?.account_level)
        })
        .await
    }

    /// `ec2:GetSerialConsoleAccessStatus`: may the serial console of instances be used?
    pub async fn serial_console_access(self) -> Answer<bool> {
        self.ask("GetSerialConsoleAccessStatus", "", async move {
            let answer = self.client().get_serial_console_access_status().send().await?;
            required("serialConsoleAccessEnabled", answer.serial_console_access_enabled)
        })
        .await
    }

    /// `ec2:GetAllowedImagesSettings`: the state of Allowed AMIs and its criteria.
    pub async fn allowed_images_settings(self) -> Answer<GetAllowedImagesSettingsOutput> {
        self.ask("GetAllowedImagesSettings", "", async move {
            let answer = self.client().get_allowed_images_settings().send().await?;
            if answer.state.is_none() {
                return Err(Fault::malformed("state"));
            }
            Ok(answer)
        })
        .await
    }
}
