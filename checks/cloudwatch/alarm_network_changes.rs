//! Does somebody hear of it when the network is opened: by security groups, network ACLs, gateways, routes or VPCs?

use super::kinds::Changes;
use super::telling;
use crate::prelude::*;

/// Without those of ClassicLink, which Security Hub lists too and AWS has retired:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/vpc-classiclink.html>
const CHANGES: [Changes; 5] = [
    Changes {
        key: "security-group-changes",
        what: "changes of security groups",
        source: "ec2",
        names: &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
        ],
    },
    Changes {
        key: "network-acl-changes",
        what: "changes of network ACLs",
        source: "ec2",
        names: &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ],
    },
    Changes {
        key: "gateway-changes",
        what: "changes of network gateways",
        source: "ec2",
        names: &[
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ],
    },
    Changes {
        key: "route-table-changes",
        what: "changes of route tables",
        source: "ec2",
        names: &[
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
        ],
    },
    Changes {
        key: "vpc-changes",
        what: "changes of VPCs",
        source: "ec2",
        names: &[
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
        ],
    },
];

pub async fn probe(at: &Account) -> Outcome {
    telling::judge(at, CHANGES.iter().map(|changes| changes.kind(at.regions())).collect()).await
}
