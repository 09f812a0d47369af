"""The same network and the same instance in each region; the default VPCs are gone."""

from typing import Any

from accounts.common import AMI, Aws, close_default_group, group, name, policy, without_default_vpc
from accounts.hardened import REGIONS

#: The instance runs under a role of iam.py, its disk is encrypted with a key of kms.py, and flow logs go to a bucket of s3.py.
AFTER = ["iam", "kms", "s3"]
ORGANIZATION = "o-exampleorgid"
ENDPOINTS = (
    "ec2", "ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "kms", "logs", "sts", "bedrock-runtime", "secretsmanager", "monitoring",
)  # fmt: skip


def fill(aws: Aws, made: dict) -> None:
    for region in REGIONS:
        ids = network(aws, region)
        machine(aws, region, ids, made["kms"][region])
        aws.overlay("ec2", region=region, **ids)


def network(aws: Aws, region: str) -> dict[str, str]:
    ec2 = aws.client("ec2", region)
    without_default_vpc(ec2)
    vpc = ec2.create_vpc(CidrBlock="10.60.0.0/16", TagSpecifications=name("vpc", "app"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=name("internet-gateway", "app"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    public, private = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{region}a", TagSpecifications=name("subnet", called))["Subnet"]["SubnetId"]
        for block, called in (("10.60.0.0/24", "public-a"), ("10.60.10.0/24", "private-a"))
    )
    outside, inside = (
        ec2.create_route_table(VpcId=vpc, TagSpecifications=name("route-table", called))["RouteTable"]["RouteTableId"]
        for called in ("public", "private")
    )
    ec2.create_route(RouteTableId=outside, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=outside, SubnetId=public)
    ec2.associate_route_table(RouteTableId=inside, SubnetId=private)
    close_default_group(ec2, vpc)
    app = group(ec2, vpc, "app", "the app", [("tcp", 443, 443, "10.60.0.0/24")], [("tcp", 443, 443, "10.60.0.0/16")])
    endpoints = group(ec2, vpc, "endpoints", "VPC endpoints", [("tcp", 443, 443, app)], [])
    database = group(ec2, vpc, "database", "the app's database", [("tcp", 5432, 5432, app)], [])
    within(ec2, vpc)
    aws.client("logs", region).create_log_group(logGroupName="/hardened/flow")
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogGroupName="/hardened/flow",
        DeliverLogsPermissionArn=aws.arn("role", "vpc-flow-logs"),
    )  # fmt: skip
    ours = policy({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}}})  # fmt: skip
    for service in ("s3", "dynamodb"):
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{region}.{service}", VpcEndpointType="Gateway", RouteTableIds=[inside, outside], PolicyDocument=ours
        )
    for service in ENDPOINTS:
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{region}.{service}", VpcEndpointType="Interface", SubnetIds=[private],
            SecurityGroupIds=[endpoints], PrivateDnsEnabled=True, PolicyDocument=ours,
        )  # fmt: skip
    second = ec2.create_vpc(CidrBlock="10.70.0.0/16", TagSpecifications=name("vpc", "reports"))["Vpc"]["VpcId"]
    close_default_group(ec2, second)
    within(ec2, second)
    ec2.create_flow_logs(
        ResourceIds=[second], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination=f"arn:aws:s3:::hardened-access-logs-{region}"
    )
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=second)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=inside, DestinationCidrBlock="10.70.3.0/24", VpcPeeringConnectionId=peering)
    ec2.create_transit_gateway(Description="app", Options={"AutoAcceptSharedAttachments": "disable"})
    return {"vpc": vpc, "second_vpc": second, "public": public, "private": private, "app": app, "database": database}


def within(ec2: Any, vpc: str) -> None:
    """The default network ACL lets in the VPC itself, web requests, and answers on high ports."""
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]["NetworkAclId"]
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Egress=False)
    for number, block, ports in ((100, "10.0.0.0/8", None), (110, "0.0.0.0/0", (443, 443)), (120, "0.0.0.0/0", (32768, 65535))):
        more = {"Protocol": "6", "PortRange": {"From": ports[0], "To": ports[1]}} if ports else {"Protocol": "-1"}
        ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=number, RuleAction="allow", Egress=False, CidrBlock=block, **more)


def machine(aws: Aws, region: str, ids: dict[str, str], made: dict[str, str]) -> None:
    ec2 = aws.client("ec2", region)
    ec2.enable_ebs_encryption_by_default()
    ec2.modify_ebs_default_kms_key_id(KmsKeyId=made["data"])
    interface = {"DeviceIndex": 0, "SubnetId": ids["private"], "Groups": [ids["app"]], "AssociatePublicIpAddress": False, "DeleteOnTermination": True}
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": made["data"], "DeleteOnTermination": True}}
    instance = ec2.run_instances(
        ImageId=AMI, InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=[interface], BlockDeviceMappings=[disk],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
        IamInstanceProfile={"Name": "app"}, TagSpecifications=name("instance", "app"),
    )["Instances"][0]  # fmt: skip
    aws.age("instance", region=region, id=instance["InstanceId"], launched="now-30d")
    volume = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}])["Volumes"][0]["VolumeId"]
    kept = ec2.create_snapshot(VolumeId=volume, Description="app, nightly", TagSpecifications=name("snapshot", "app"))["SnapshotId"]
    root = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": kept, "VolumeSize": 20}}]
    image = ec2.register_image(Name="app-base", Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=root)["ImageId"]
    aws.age("image", region=region, id=image, created="now-60d")
    ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["database"]], Description="RDSNetworkInterface")
