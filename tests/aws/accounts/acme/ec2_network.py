"""The networks of both regions; what runs in them is in ec2.py, what joins them in ec2_connections.py."""

from accounts.acme import EU, US
from accounts.common import Aws, close_default_group, group, name, policy


def fill(aws: Aws, _: dict) -> dict[str, str]:
    return tidy(aws) | neglected(aws)


def tidy(aws: Aws) -> dict[str, str]:
    """us-east-1: a VPC with a public and a private subnet, closed groups, flow logs and endpoints."""
    ec2 = aws.client("ec2", US)
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=name("vpc", "shop"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=name("internet-gateway", "shop"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    public, private = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone="us-east-1a", TagSpecifications=name("subnet", called))["Subnet"]["SubnetId"]
        for block, called in (("10.20.0.0/24", "public-a"), ("10.20.10.0/24", "private-a"))
    )
    outside, inside = (
        ec2.create_route_table(VpcId=vpc, TagSpecifications=name("route-table", called))["RouteTable"]["RouteTableId"]
        for called in ("public", "private")
    )
    ec2.create_route(RouteTableId=outside, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=outside, SubnetId=public)
    ec2.associate_route_table(RouteTableId=inside, SubnetId=private)
    close_default_group(ec2, vpc)
    web = group(ec2, vpc, "shop-web", "shop front", [("tcp", 443, 443, "0.0.0.0/0"), ("tcp", 80, 80, "0.0.0.0/0")], [("tcp", 443, 443, "0.0.0.0/0")])
    database = group(ec2, vpc, "shop-db", "orders database", [("tcp", 5432, 5432, web)], [("tcp", 443, 443, "10.20.0.0/16")])
    only_in = {"CidrBlock": "10.20.0.0/16", "Protocol": "-1"}
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=name("network-acl", "private"))["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, RuleAction="allow", Egress=egress, **only_in)
    for one in ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]:
        for association in one["Associations"]:
            if association["SubnetId"] == private:
                ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    aws.client("logs", US).create_log_group(logGroupName="/acme/flow")
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogGroupName="/acme/flow",
        DeliverLogsPermissionArn=aws.arn("role", "vpc-flow-logs"),
    )  # fmt: skip
    organization = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
    ours = policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": organization})
    for service in ("s3", "dynamodb"):
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{US}.{service}", VpcEndpointType="Gateway", RouteTableIds=[inside, outside], PolicyDocument=ours
        )
    for service in ("ec2", "ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "kms", "logs", "sts", "bedrock-runtime", "secretsmanager"):
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{US}.{service}", VpcEndpointType="Interface", SubnetIds=[private], SecurityGroupIds=[database],
            PrivateDnsEnabled=True, PolicyDocument=ours,
        )  # fmt: skip
    return {"vpc": vpc, "public": public, "private": private, "inside": inside, "outside": outside, "web": web, "database": database}


def neglected(aws: Aws) -> dict[str, str]:
    """eu-west-1: a VPC with one public tier, open groups, an open ACL and no logs."""
    ec2 = aws.client("ec2", EU)
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=name("vpc", "legacy"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.0.0/24", TagSpecifications=name("subnet", "all"))["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    everything = group(ec2, vpc, "anything-goes", "temporary, remove after the demo", [("-1", -1, -1, "0.0.0.0/0")])
    halves = group(ec2, vpc, "office", "office network", [("tcp", 3389, 3389, "0.0.0.0/1"), ("tcp", 3389, 3389, "128.0.0.0/1"), ("tcp", 8443, 8443, "203.0.0.0/8")])
    data = group(ec2, vpc, "mysql", "mysql for everybody", [("tcp", 3306, 3306, "0.0.0.0/0")])
    group(ec2, vpc, "unused", "nobody knows", [("tcp", 443, 443, "10.0.0.0/8")])
    ec2.create_network_acl(VpcId=vpc, TagSpecifications=name("network-acl", "forgotten"))
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{EU}.s3", VpcEndpointType="Gateway", RouteTableIds=[table])
    # A service that supports no endpoint policies: the default is all there is.
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{EU}.email-smtp", VpcEndpointType="Interface", SubnetIds=[subnet], SecurityGroupIds=[everything]
    )
    return {"eu_vpc": vpc, "eu_table": table, "eu_subnet": subnet, "everything": everything, "halves": halves, "data": data}
