"""hardened, 444455556666: the management account of a small organization, kept as it should be. Nothing fails here.

Both regions are set up alike, and the regions' default VPCs are gone. What the log archive account holds is judged there.
"""

from typing import Any

from accounts.common import (
    Aws, allow, close_default_group, cloudtrail_may_write, good_bucket, group, key, logs_may_arrive, name, policy, trust, without_default_vpc,
)  # fmt: skip
from accounts.material import certificate

ACCOUNT = "444455556666"
US, EU = "us-east-1", "eu-west-1"
ARCHIVE, SECURITY = "555566667777", "666677778888"
AWS_POLICY = "arn:aws:iam::aws:policy/"
ORGANIZATION = "o-exampleorgid"
IMAGE = "ami-0a1b2c3d4e5f60001"
ENDPOINTS = (
    "ec2", "ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "kms", "logs", "sts", "bedrock-runtime", "secretsmanager", "monitoring",
)  # fmt: skip


def fill(port: int) -> None:
    aws, archive = Aws(port, ACCOUNT), Aws(port, ARCHIVE)
    log_archive(archive)
    account(aws)
    identity(aws)
    for region in (US, EU):
        made = keys(aws, region)
        storage(aws, region, made)
        recorder(aws, region, made)
        ids = network(aws, region)
        machine(aws, region, ids, made)
        aws.overlay("hardened.overlay.json", region=region, key=made["data"], trail_key=made["trail"], **ids)
    trails(aws)


def account(aws: Aws) -> None:
    client = aws.client("account")
    client.put_contact_information(
        ContactInformation={
            "FullName": "Harden Example AB", "AddressLine1": "Hamngatan 4", "City": "Stockholm", "PostalCode": "111 47", "CountryCode": "SE",
            "PhoneNumber": "+46 8 5550 100",
        }  # fmt: skip
    )
    for kind, person, mail, phone in (
        ("BILLING", "Accounts payable", "billing@hardened.example", "+46 8 5550 110"),
        ("OPERATIONS", "Platform team", "platform@hardened.example", "+46 8 5550 120"),
        ("SECURITY", "Security on call", "security@hardened.example", "+46 8 5550 130"),
    ):
        client.put_alternate_contact(AlternateContactType=kind, Name=person, Title=person, EmailAddress=mail, PhoneNumber=phone)
    aws.age("root", mfa="hardware", created="2023-02-01T09:00:00Z", password_last_used="2023-02-02T10:00:00Z")
    aws.client("s3control").put_public_access_block(
        AccountId=ACCOUNT,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
        },
    )  # fmt: skip


def identity(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=24, HardExpiry=False,
    )  # fmt: skip
    saml = iam.create_saml_provider(Name="workforce", SAMLMetadataDocument="<EntityDescriptor/>" + " " * 1000)["SAMLProviderArn"]
    people = trust({"Federated": saml}, "sts:AssumeRoleWithSAML", StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})
    mine = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

    def role(called: str, trusted: str, attached: list[str] = (), inline: dict[str, str] | None = None, path: str = "/", **more: Any) -> None:
        iam.create_role(RoleName=called, AssumeRolePolicyDocument=trusted, Path=path, **more)
        for one in attached:
            iam.attach_role_policy(RoleName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
        for title, document in (inline or {}).items():
            iam.put_role_policy(RoleName=called, PolicyName=title, PolicyDocument=document)
        aws.age("role", name=called, created="now-400d", last_used="now-2d")

    def managed(called: str, document: str) -> str:
        return iam.create_policy(PolicyName=called, PolicyDocument=document)["Policy"]["Arn"]

    read = managed("app-data-read", policy(allow(["s3:GetObject"], f"arn:aws:s3:::hardened-data-{US}/*")))
    boundary = managed("app-boundary", policy(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::hardened-data-{US}/*")))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    creator = managed(
        "create-bounded-roles",
        policy(allow(["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*", Condition=bounded)),
    )
    role("OrganizationAccountAccessRole", trust({"AWS": f"arn:aws:iam::{SECURITY}:root"}, Bool={"aws:MultiFactorAuthPresent": "true"}), ["AdministratorAccess"])
    role("security-audit", trust({"AWS": f"arn:aws:iam::{SECURITY}:root"}, Bool={"aws:MultiFactorAuthPresent": "true"}), ["SecurityAudit"])
    role("support", people, ["AWSSupportAccess"])
    role("platform-engineer", people, [creator], PermissionsBoundary=boundary)
    role("kms-admin", people)
    role("app", trust({"Service": "ec2.amazonaws.com"}), [read])
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    role("cloudtrail-logs", trust({"Service": "cloudtrail.amazonaws.com"}, **mine), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/hardened/trail:*"))})  # fmt: skip
    role("vpc-flow-logs", trust({"Service": "vpc-flow-logs.amazonaws.com"}, **mine), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:/hardened/flow:*"))})  # fmt: skip
    provider = "token.actions.githubusercontent.com"
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{provider}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ffffffffffffffffffffffffffffffffffffffff"]
    )["OpenIDConnectProviderArn"]
    fixed = {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com", f"{provider}:sub": "repo:hardened-example/app:environment:production"}}
    role("github-app", trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity", **fixed), [read])
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
    for called, services in (
        ("OrganizationAccountAccessRole", {"iam": "now-2d"}), ("security-audit", {"iam": "now-2d"}), ("support", {"support": "now-20d"}),
        ("platform-engineer", {"iam": "now-4d"}), ("app", {"s3": "now-1d"}), ("github-app", {"s3": "now-1d"}),
        ("cloudtrail-logs", {"logs": "now-1d"}), ("vpc-flow-logs", {"logs": "now-1d"}),
    ):  # fmt: skip
        aws.age("service_access", arn=aws.arn("role", called), services=services)

    # People sign in through the identity provider. One user is left for emergencies, and one program outside AWS has a fresh key.
    iam.create_group(GroupName="break-glass")
    iam.attach_group_policy(GroupName="break-glass", PolicyArn=AWS_POLICY + "ReadOnlyAccess")
    iam.create_user(UserName="break-glass-1")
    iam.add_user_to_group(GroupName="break-glass", UserName="break-glass-1")
    iam.create_login_profile(UserName="break-glass-1", Password="Example-Passw0rd-only-for-tests", PasswordResetRequired=False)
    serial = f"arn:aws:iam::{ACCOUNT}:u2f/user/break-glass-1/security-key-EXAMPLE"
    iam.enable_mfa_device(UserName="break-glass-1", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    aws.age("user", name="break-glass-1", created="now-80d", password_last_used="now-10d", password_last_changed="now-30d")
    iam.create_group(GroupName="gateways")
    iam.attach_group_policy(GroupName="gateways", PolicyArn=read)
    iam.create_user(UserName="factory-gateway")
    iam.add_user_to_group(GroupName="gateways", UserName="factory-gateway")
    aws.age("user", name="factory-gateway", created="now-80d")
    made = iam.create_access_key(UserName="factory-gateway")["AccessKey"]["AccessKeyId"]
    aws.age("access_key", id=made, created="now-40d", last_used="now-1d", service="sts")
    aws.age("service_access", arn=aws.arn("user", "factory-gateway"), services={"sts": "now-1d"})
    iam.enable_mfa_device(
        UserName="factory-gateway", SerialNumber="GAHT12345678", AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    body, private = certificate("app.hardened.example", 200)
    iam.upload_server_certificate(ServerCertificateName="app", CertificateBody=body, PrivateKey=private)


def keys(aws: Aws, region: str) -> dict[str, str]:
    made = {"data": key(aws, region, "data", "kms-admin", "app"), "trail": key(aws, region, "trail", "kms-admin", "cloudtrail-logs")}
    for one in made.values():
        aws.age("kms_key", region=region, id=one, created="now-300d", last_used="now-1d")
    aws.client("kms", region).create_alias(AliasName="alias/data", TargetKeyId=made["data"])
    return made


def storage(aws: Aws, region: str, made: dict[str, str]) -> None:
    logs = f"hardened-access-logs-{region}"
    good_bucket(aws, logs, region, made["data"], logs, logs_may_arrive(logs, ACCOUNT))
    good_bucket(aws, f"hardened-data-{region}", region, made["data"], logs)
    trail = f"hardened-trail-{region}"
    good_bucket(aws, trail, region, made["trail"], logs, cloudtrail_may_write(trail, ACCOUNT))
    control = aws.client("s3control", region)
    control.create_access_point(AccountId=ACCOUNT, Name=f"data-{region}", Bucket=f"hardened-data-{region}")


def log_archive(aws: Aws) -> None:
    """The organization's bucket, whose settings the auditors of the members may read."""
    called, logs = "example-org-log-archive", "example-org-access-logs"
    key_arn = key(aws, US, "log archive", "kms-admin", "auditor")
    read = [
        "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketAcl", "s3:GetBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock", "s3:GetBucketLogging", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration",
    ]  # fmt: skip
    auditor = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/security-audit"}, "Action": read, "Resource": f"arn:aws:s3:::{called}"}
    good_bucket(aws, logs, US, key_arn, logs, logs_may_arrive(logs, ARCHIVE))
    good_bucket(aws, called, US, key_arn, logs, [*cloudtrail_may_write(called, ACCOUNT), auditor])


def recorder(aws: Aws, region: str, made: dict[str, str]) -> None:
    config = aws.client("config", region)
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    group = {"allSupported": True, "includeGlobalResourceTypes": region == US}
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"hardened-access-logs-{region}"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_config_rule(ConfigRule={
        "ConfigRuleName": "s3-bucket-versioning", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
        "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}})  # fmt: skip


def trails(aws: Aws) -> None:
    """The organization's trail into the archive account, and one of our own that records data events."""
    aws.client("logs", US).create_log_group(logGroupName="/hardened/trail")
    made = aws.client("kms", US).list_aliases()["Aliases"]
    key_id = next(a["TargetKeyId"] for a in made if a["AliasName"] == "alias/data")
    arn = f"arn:aws:kms:{US}:{ACCOUNT}:key/{key_id}"
    trail = aws.client("cloudtrail", US)
    common: dict[str, Any] = {
        "IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True, "EnableLogFileValidation": True, "KmsKeyId": arn,
        "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/hardened/trail:*",
        "CloudWatchLogsRoleArn": aws.arn("role", "cloudtrail-logs"),
    }  # fmt: skip
    trail.create_trail(Name="organization", S3BucketName="example-org-log-archive", IsOrganizationTrail=True, **common)
    trail.create_trail(Name="data-events", S3BucketName=f"hardened-trail-{US}", **common)

    def selector(called: str, **fields: list[str]) -> dict:
        return {"Name": called, "FieldSelectors": [{"Field": f.replace("_", "."), "Equals": v} for f, v in fields.items()]}

    management = selector("management", eventCategory=["Management"])
    data = [
        selector(kind, eventCategory=["Data"], resources_type=[kind])
        for kind in ("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::Bedrock::Model", "AWS::Bedrock::AgentAlias", "AWS::Bedrock::KnowledgeBase")
    ]
    network = [
        selector(source, eventCategory=["NetworkActivity"], eventSource=[f"{source}.amazonaws.com"])
        for source in ("s3", "dynamodb", "ec2", "ssm", "kms", "secretsmanager", "sts", "logs", "ecr", "bedrock", "monitoring", "cloudtrail", "ssmmessages", "ec2messages")
    ]
    trail.put_event_selectors(TrailName="organization", AdvancedEventSelectors=[management])
    trail.put_event_selectors(TrailName="data-events", AdvancedEventSelectors=[management, *data, *network])
    for called in ("organization", "data-events"):
        trail.start_logging(Name=called)
        aws.age("trail", name=called, StartLoggingTime="now-300d", TimeLoggingStarted="2026-01-26T08:00:00Z")


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
        ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=[interface], BlockDeviceMappings=[disk],
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
