"""acme, 111122223333: a company's first account, five years old, half cleaned up. Every check of the first wave fails here.

us-east-1 is where somebody tidied, eu-west-1 is where nobody looked, and af-south-1 was switched on and forgotten: what is set per region passes
in the first and fails in the others.
"""

from typing import Any

from accounts.common import (
    Aws, allow, bucket, close_default_group, cloudtrail_may_write, good_bucket, group, key, key_policy, logs_may_arrive, name,
    policy, trust,
)  # fmt: skip
from accounts.material import certificate

ACCOUNT = "111122223333"
US, EU, AF = "us-east-1", "eu-west-1", "af-south-1"
#: Accounts that are not acme's: an archive, a partner, and whoever was quicker with a bucket name.
PARTNER, STRANGER = "222233334444", "999988887777"

AWS_POLICY = "arn:aws:iam::aws:policy/"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def fill(port: int) -> None:
    aws = Aws(port, ACCOUNT)
    contacts(aws)
    root(aws)
    roles(aws)
    people(aws)
    keys = kms(aws)
    s3(aws, keys)
    trails(aws, keys)
    recorders(aws)
    ids = tidy_network(aws) | {"trail_key": keys["trail"]}
    ids |= machines(aws, ids)
    ids |= neglected_network(aws)
    volumes_and_images(aws, keys)
    connections(aws, ids)
    aws.overlay("acme.overlay.json", **ids)


def contacts(aws: Aws) -> None:
    """One person for everything; no security contact. Two opt-in regions: one holds a bucket, one nothing."""
    account = aws.client("account")
    account.put_contact_information(
        ContactInformation={
            "FullName": "Acme Retail GmbH", "AddressLine1": "Industriestrasse 12", "City": "Hamburg", "PostalCode": "20095",
            "CountryCode": "DE", "PhoneNumber": "+49 40 5550 100",
        }  # fmt: skip
    )
    for kind in ("BILLING", "OPERATIONS"):
        account.put_alternate_contact(
            AlternateContactType=kind, Name="Jo Sand", Title="Head of IT", EmailAddress="it@acme.example", PhoneNumber="+49 40 5550 101"
        )
    for region in (AF, "eu-south-1"):
        account.enable_region(RegionName=region)


def root(aws: Aws) -> None:
    """No MFA, a key that works every night."""
    aws.age(
        "root", created="2021-03-04T09:00:00Z", password_last_used="now-12d",
        access_key_1={"created": "2021-03-05T10:00:00Z", "last_used": "now-1d", "service": "s3"},
    )  # fmt: skip
    aws.client("iam").update_account_password_policy(
        MinimumPasswordLength=8, RequireSymbols=False, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True,
    )  # fmt: skip


def make_role(aws: Aws, called: str, trusted: str, attached: list[str] = (), inline: dict[str, str] | None = None, **age: Any) -> None:
    iam = aws.client("iam")
    more = {"PermissionsBoundary": age.pop("boundary")} if "boundary" in age else {}
    iam.create_role(RoleName=called, AssumeRolePolicyDocument=trusted, Path=age.pop("path", "/"), **more)
    for one in attached:
        iam.attach_role_policy(RoleName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
    for title, document in (inline or {}).items():
        iam.put_role_policy(RoleName=called, PolicyName=title, PolicyDocument=document)
    aws.age("role", name=called, **{"created": "now-700d", "last_used": "now-2d", **age})


def roles(aws: Aws) -> None:
    iam = aws.client("iam")
    ec2 = {"Service": "ec2.amazonaws.com"}
    bucket_reader = policy(allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::acme-shop-assets", "arn:aws:s3:::acme-shop-assets/*"]))

    def managed(called: str, document: str) -> str:
        return iam.create_policy(PolicyName=called, PolicyDocument=document)["Policy"]["Arn"]

    # The policies of this account: each bad one for one reason, and two good ones.
    managed("acme-break-everything", policy(allow("*")))
    deploy = managed("acme-deploy", policy(allow(["iam:PassRole", "ec2:RunInstances", "lambda:CreateFunction", "lambda:InvokeFunction"])))
    decrypt = managed("acme-decrypt-any", policy(allow(["kms:Decrypt", "kms:DescribeKey"])))
    managed("acme-key-admin", policy(allow("kms:*"), allow("sts:AssumeRole")))
    boundary = managed("acme-boundary", policy(allow(["s3:*", "ec2:*", "logs:*"]), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}))
    reader = managed("acme-assets-read", bucket_reader)
    creator = managed("acme-create-roles", policy(allow(["iam:CreateRole", "iam:PutRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*")))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    safe_creator = managed(
        "acme-create-bounded-roles",
        policy(allow(["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*", Condition=bounded)),
    )

    make_role(aws, "shop-web", trust(ec2), [reader])
    make_role(aws, "shop-batch", trust(ec2), ["PowerUserAccess"])
    for called in ("shop-web", "shop-batch"):
        iam.create_instance_profile(InstanceProfileName=called)
        iam.add_role_to_instance_profile(InstanceProfileName=called, RoleName=called)
    make_role(aws, "OrganizationAccountAccessRole", trust({"AWS": f"arn:aws:iam::{PARTNER}:root"}), ["AdministratorAccess"])
    make_role(aws, "old-migration", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [reader], last_used="now-400d")
    make_role(aws, "partner-upload", trust({"AWS": "*"}, StringEquals={"sts:ExternalId": "acme-partner"}), [reader])
    make_role(aws, "data-engineer", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [decrypt, creator])
    make_role(aws, "platform-engineer", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [safe_creator], boundary=boundary)
    make_role(aws, "vpc-flow-logs", trust({"Service": "vpc-flow-logs.amazonaws.com"}), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:/acme/*"))})  # fmt: skip
    make_role(aws, "cloudtrail-logs", trust({"Service": "cloudtrail.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT}), inline={
        "write-logs": policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/acme/trail:*"))})  # fmt: skip
    make_role(aws, "kms-admin", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA))
    make_role(aws, "config-recorder", trust({"Service": "config.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT}),
              ["arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"])  # fmt: skip
    make_role(aws, "inventory", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), ["job-function/ViewOnlyAccess"])
    aws.age("service_access", arn=aws.arn("role", "inventory"), services={"iam": "now-1d", "s3": "now-1d", "glue": None})
    # Deployments from GitHub: one repository, and any.
    provider = "token.actions.githubusercontent.com"
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{provider}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ffffffffffffffffffffffffffffffffffffffff"]
    )["OpenIDConnectProviderArn"]
    for called, sub in (("github-shop", "repo:acme-retail/shop:ref:refs/heads/main"), ("github-anything", "*")):
        condition = {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"}, "StringLike": {f"{provider}:sub": sub}}
        make_role(aws, called, trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity", **condition), [reader if sub != "*" else deploy])
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")

    # Which of the granted services the roles really call.
    services = {
        "shop-web": {"s3": "now-1d"}, "github-shop": {"s3": "now-3d"}, "data-engineer": {"kms": "now-2d", "iam": "now-300d"},
        "shop-batch": {"dynamodb": "now-1d", "sqs": "now-1d", "redshift": None}, "OrganizationAccountAccessRole": {"iam": "now-40d", "ec2": "now-30d"},
        "vpc-flow-logs": {"logs": "now-1d"}, "cloudtrail-logs": {"logs": "now-10d"}, "config-recorder": {"config": "now-1d", "s3": "now-1d"},
        "platform-engineer": {"iam": "now-9d"},
    }  # fmt: skip
    for called, used in services.items():
        aws.age("service_access", arn=aws.arn("role", called), services=used)

    for called, days in (("shop-2025", -30), ("shop-2026", 200)):
        body, private = certificate("shop.acme.example", days)
        iam.upload_server_certificate(ServerCertificateName=called, CertificateBody=body, PrivateKey=private)


def people(aws: Aws) -> None:
    iam = aws.client("iam")
    for called, attached, inline in (
        ("admins", ["AdministratorAccess"], {}),
        ("developers", ["ReadOnlyAccess", "AWSCloudShellFullAccess"], {}),
        ("deployers", [f"arn:aws:iam::{ACCOUNT}:policy/acme-deploy"], {}),
        ("interns", [], {"everything-in-s3": policy(allow("s3:*"))}),
    ):
        iam.create_group(GroupName=called)
        for one in attached:
            iam.attach_group_policy(GroupName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
        for title, document in inline.items():
            iam.put_group_policy(GroupName=called, PolicyName=title, PolicyDocument=document)

    def user(called: str, groups: list[str], password: str | None = None, mfa: str | None = None, age: str = "now-900d") -> None:
        """`password`: when it was last used. `mfa`: "fido" or "virtual"."""
        iam.create_user(UserName=called)
        for one in groups:
            iam.add_user_to_group(GroupName=one, UserName=called)
        if password:
            iam.create_login_profile(UserName=called, Password="Example-Passw0rd-only-for-tests", PasswordResetRequired=False)
        aws.age("user", name=called, created=age, password_last_used=password, password_last_changed="now-60d" if password else None)
        if mfa:
            serial = f"arn:aws:iam::{ACCOUNT}:u2f/user/{called}/security-key-EXAMPLE"
            if mfa == "virtual":
                serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=called)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(UserName=called, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")

    def access_key(of: str, **ages: Any) -> None:
        made = iam.create_access_key(UserName=of)["AccessKey"]["AccessKeyId"]
        aws.age("access_key", id=made, **ages)

    user("ada", ["admins"], password="now-1d", mfa="fido")
    user("ben", ["admins"], password="now-3d", mfa="virtual")
    user("cleo", ["developers"], password="now-2d")
    user("dan", ["developers"], password="now-200d", mfa="virtual")
    user("eve", ["developers", "deployers"], password="now-5d", mfa="virtual", age="now-20d")
    user("backup-job", [])
    user("ci-runner", ["deployers"])
    user("report-export", [])
    user("bedrock-notebook", [])
    user("bedrock-service", ["developers"])

    access_key("backup-job", created="now-800d", last_used="now-1d", service="s3", region=EU)
    access_key("ci-runner", created="now-30d", last_used="now-2d", service="sts", region=US)
    access_key("report-export", created="now-300d", last_used=None)
    access_key("report-export", created="now-40d", last_used="now-9d", service="dynamodb", region=US)
    access_key("eve", created="now-20d", last_used=None)
    aws.age("service_access", arn=aws.arn("user", "backup-job"), services={"s3": "now-1d", "glacier": None})
    aws.age("service_access", arn=aws.arn("user", "ci-runner"), services={"sts": "now-2d", "iam": None, "lambda": None})
    aws.age("service_access", arn=aws.arn("user", "report-export"), services={"dynamodb": "now-9d"})
    for called in ("ada", "ben", "cleo", "dan", "eve"):
        aws.age("service_access", arn=aws.arn("user", called), services={"iam": "now-1d", "ec2": "now-1d", "rds": "now-100d" if called == "ben" else "now-7d"})

    iam.attach_user_policy(UserName="backup-job", PolicyArn=AWS_POLICY + "AdministratorAccess")
    iam.put_user_policy(UserName="report-export", PolicyName="read-orders", PolicyDocument=policy(
        allow(["dynamodb:Query", "dynamodb:GetItem"], f"arn:aws:dynamodb:{US}:{ACCOUNT}:table/orders")))  # fmt: skip
    iam.put_user_policy(UserName="bedrock-notebook", PolicyName="all-models", PolicyDocument=policy(allow("bedrock:*")))


def kms(aws: Aws) -> dict[str, str]:
    """A key as it should be in us-east-1, and what happens to keys that nobody owns in both regions."""
    kms = aws.client("kms", US)
    good = key(aws, US, "acme data", "kms-admin", "shop-web")
    aws.age("kms_key", region=US, id=good, created="now-600d", last_used="now-1d")
    kms.create_alias(AliasName="alias/acme-data", TargetKeyId=good)
    trail = key(aws, US, "acme trail", "kms-admin", "cloudtrail-logs")
    aws.age("kms_key", region=US, id=trail, created="now-600d", last_used="now-1d")
    # AWS's default policy: whoever has IAM rights administers and uses; no rotation.
    lax = kms.create_key(Description="acme orders")["KeyMetadata"]["Arn"]
    aws.age("kms_key", region=US, id=lax, created="now-1100d", last_used="now-400d")
    # Rotation does not apply to asymmetric keys.
    signing = key(aws, US, "acme release signing", "kms-admin", "github-shop", KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")
    aws.age("kms_key", region=US, id=signing, created="now-90d", last_used="now-4d")

    kms = aws.client("kms", EU)
    everyone = policy(
        allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        allow(["kms:Decrypt", "kms:Encrypt"], Principal={"AWS": "*"}, Condition={"StringEquals": {"kms:ViaService": f"s3.{EU}.amazonaws.com"}}),
    )
    public = kms.create_key(Description="shared with partners", Policy=everyone)["KeyMetadata"]["Arn"]
    aws.age("kms_key", region=EU, id=public, created="now-500d", last_used="now-10d")
    both = policy(allow(["kms:Put*", "kms:ScheduleKeyDeletion", "kms:Decrypt", "kms:Encrypt"], Principal={"AWS": aws.arn("role", "data-engineer")}))
    mixed = kms.create_key(Description="one role for everything", Policy=both)["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=mixed)
    aws.age("kms_key", region=EU, id=mixed, created="now-500d")
    leaving = kms.create_key(Description="old archive", Policy=key_policy(aws, "kms-admin", "shop-web"))["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=leaving, PendingWindowInDays=7)
    aws.age("kms_key", region=EU, id=leaving, created="now-500d", deletion="now+6d")
    return {"good": good, "trail": trail}


def s3(aws: Aws, keys: dict[str, str]) -> None:
    """Buckets as they should be in us-east-1; each of the others is wrong in its own way."""
    aws.client("s3control").put_public_access_block(
        AccountId=ACCOUNT,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False,
        },
    )  # fmt: skip
    good_bucket(aws, "acme-access-logs", US, keys["good"], "acme-access-logs", logs_may_arrive("acme-access-logs", ACCOUNT))
    good_bucket(aws, "acme-shop-assets", US, keys["good"], "acme-access-logs")
    good_bucket(aws, "acme-trail-archive", US, keys["trail"], "acme-access-logs", cloudtrail_may_write("acme-trail-archive", ACCOUNT))
    tag(aws, US, "acme-shop-assets", "internal")

    # eu-west-1: made before 2023, when ACLs were on and nothing was blocked.
    eu = aws.client("s3", EU)
    for called in ("acme-website", "acme-partner-drop", "acme-customer-exports", "acme-legacy-trail", "acme-data-exchange"):
        bucket(aws, called, EU)
        eu.delete_public_access_block(Bucket=called)
        eu.delete_bucket_ownership_controls(Bucket=called)
    objects = "arn:aws:s3:::acme-website/*"
    read_all = allow("s3:GetObject", objects, Sid="PublicRead", Principal="*")
    eu.put_bucket_policy(Bucket="acme-website", Policy=policy(read_all))
    drop = ["arn:aws:s3:::acme-partner-drop", "arn:aws:s3:::acme-partner-drop/*"]
    sensitive = ["s3:PutBucketPolicy", "s3:PutObjectAcl", "s3:DeleteObject", "s3:PutObject"]
    partner = allow(sensitive, drop, Sid="Partner", Principal={"AWS": f"arn:aws:iam::{PARTNER}:root"})
    eu.put_bucket_policy(Bucket="acme-partner-drop", Policy=policy(partner))
    endpoint = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}  # everyone, narrowed by a condition: S3 is asked
    exports = allow("s3:GetObject", "arn:aws:s3:::acme-customer-exports/*", Sid="FromInside", Principal="*", Condition=endpoint)
    eu.put_bucket_policy(Bucket="acme-customer-exports", Policy=policy(exports))
    eu.put_bucket_acl(Bucket="acme-legacy-trail", ACL="public-read")
    eu.put_bucket_versioning(Bucket="acme-customer-exports", VersioningConfiguration={"Status": "Suspended"})
    tag(aws, EU, "acme-customer-exports", "confidential")
    bucket(aws, "acme-cape-town", "eu-south-1")
    for called in ("acme-website", "acme-partner-drop", "acme-customer-exports", "acme-legacy-trail", "acme-data-exchange"):
        aws.age("bucket", name=called, created="2021-05-06T07:08:09Z")

    control = aws.client("s3control", US)
    control.create_access_point(AccountId=ACCOUNT, Name="shop-assets", Bucket="acme-shop-assets")
    open_doors = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    control = aws.client("s3control", EU)
    control.create_access_point(AccountId=ACCOUNT, Name="website", Bucket="acme-website", PublicAccessBlockConfiguration=open_doors)
    # The bucket leaves access to its access points, and one of them is open.
    exchange = ["arn:aws:s3:::acme-data-exchange", "arn:aws:s3:::acme-data-exchange/*"]
    through_points = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    delegating = allow("*", exchange, Sid="AccessPointsDecide", Principal={"AWS": "*"}, Condition=through_points)
    eu.put_bucket_policy(Bucket="acme-data-exchange", Policy=policy(delegating))
    control.create_access_point(AccountId=ACCOUNT, Name="exchange", Bucket="acme-data-exchange", PublicAccessBlockConfiguration=open_doors)
    read_point = allow("s3:GetObject", f"arn:aws:s3:{EU}:{ACCOUNT}:accesspoint/exchange/object/*", Sid="AnyoneReads", Principal="*")
    control.put_access_point_policy(AccountId=ACCOUNT, Name="exchange", Policy=policy(read_point))

    # Names that AWS services take for granted: one is ours, another was taken by a stranger.
    bucket(aws, f"aws-glue-assets-{ACCOUNT}-{US}", US)
    stranger = Aws(int(aws.url.rsplit(":", 1)[1]), STRANGER)
    bucket(stranger, f"aws-glue-assets-{ACCOUNT}-{EU}", EU)


def tag(aws: Aws, region: str, called: str, classification: str) -> None:
    tags = [{"Key": "data-classification", "Value": classification}, {"Key": "owner", "Value": "shop"}]
    aws.client("s3", region).put_bucket_tagging(Bucket=called, Tagging={"TagSet": tags})


def trails(aws: Aws, keys: dict[str, str]) -> None:
    """A trail of all regions that lost the right to write ten days ago, and an old one for one region that nobody protects."""
    trail = aws.client("cloudtrail", US)
    aws.client("logs", US).create_log_group(logGroupName="/acme/trail")
    trail.create_trail(
        Name="acme-all-regions", S3BucketName="acme-trail-archive", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True, KmsKeyId=keys["trail"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/acme/trail:*",
        CloudWatchLogsRoleArn=aws.arn("role", "cloudtrail-logs"),
    )  # fmt: skip
    trail.put_event_selectors(TrailName="acme-all-regions", EventSelectors=[
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]},
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])  # fmt: skip
    trail.start_logging(Name="acme-all-regions")
    aws.age("trail", name="acme-all-regions", StartLoggingTime="now-700d", LatestDeliveryTime="now-10d", LatestDeliveryError="AccessDenied",
            LatestCloudWatchLogsDeliveryTime="now-10d", LatestCloudWatchLogsDeliveryError="AccessDenied", LatestDigestDeliveryTime="now-10d",
            TimeLoggingStarted="2024-12-22T08:00:00Z")  # fmt: skip
    old = aws.client("cloudtrail", EU)
    old.create_trail(Name="legacy-audit", S3BucketName="acme-legacy-trail", IsMultiRegionTrail=False)
    old.put_event_selectors(TrailName="legacy-audit", EventSelectors=[
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True,
         "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-website/"]}]}])  # fmt: skip
    old.start_logging(Name="legacy-audit")
    aws.age("trail", name="legacy-audit", StartLoggingTime="now-1500d", TimeLoggingStarted="2022-10-14T08:00:00Z")


def recorders(aws: Aws) -> None:
    """Config: whole in us-east-1; in eu-west-1 it records three types with a role of its own."""
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config = aws.client("config", US)
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": linked, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "acme-access-logs"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    for region in (US, EU):
        aws.client("config", region).put_config_rule(ConfigRule={
            "ConfigRuleName": "s3-bucket-versioning", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
            "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}})  # fmt: skip
    config = aws.client("config", EU)
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": aws.arn("role", "config-recorder"),
        "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"]}})  # fmt: skip


def tidy_network(aws: Aws) -> dict[str, str]:
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


IMAGE, OLD_IMAGE = "ami-0a1b2c3d4e5f60001", "ami-0a1b2c3d4e5f60002"


def launch(aws: Aws, region: str, subnet: str, groups: list[str], called: str, image: str = IMAGE, **more: Any) -> str:
    options = {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1}
    options |= more.pop("metadata", {})
    profile = {"IamInstanceProfile": {"Name": more.pop("profile")}} if "profile" in more else {}
    public = more.pop("public", False)
    ec2 = aws.client("ec2", region)
    interface = {"DeviceIndex": 0, "SubnetId": subnet, "Groups": groups, "AssociatePublicIpAddress": public, "DeleteOnTermination": True}
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": more.pop("encrypted", True), "DeleteOnTermination": True}}
    made = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=[interface], MetadataOptions=options,
        BlockDeviceMappings=[disk], TagSpecifications=name("instance", called), **profile, **more,
    )  # fmt: skip
    return made["Instances"][0]["InstanceId"]


def machines(aws: Aws, ids: dict[str, str]) -> dict[str, str]:
    """An instance as it should be, and instances that grew old, open and forgotten."""
    ec2 = aws.client("ec2", US)
    fine = launch(aws, US, ids["private"], [ids["web"]], "shop-app", profile="shop-web")
    aws.age("instance", region=US, id=fine, launched="now-30d")
    ec2.create_key_pair(KeyName="jo-laptop")
    bastion = group(ec2, ids["vpc"], "launch-wizard-1", "launch-wizard-1 created 2021-06-01", [("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 6379, 6379, "0.0.0.0/0")])
    old = launch(
        aws, US, ids["public"], [bastion], "bastion", OLD_IMAGE, metadata={"HttpTokens": "optional"}, public=True, encrypted=False,
        KeyName="jo-laptop", profile="shop-batch",
    )  # fmt: skip
    aws.age("instance", region=US, id=old, launched="now-900d")
    idle = launch(aws, US, ids["private"], [ids["web"]], "try-out")
    ec2.stop_instances(InstanceIds=[idle])
    aws.age("instance", region=US, id=idle, launched="now-300d", stopped="now-120d")
    # A router: second interface, no source check, and no role though it runs.
    router = launch(aws, US, ids["private"], [ids["web"]], "router")
    aws.age("instance", region=US, id=router, launched="now-20d")
    second = ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["web"]], Description="router inside")["NetworkInterface"]
    ec2.attach_network_interface(NetworkInterfaceId=second["NetworkInterfaceId"], InstanceId=router, DeviceIndex=1)
    ec2.modify_network_interface_attribute(NetworkInterfaceId=second["NetworkInterfaceId"], SourceDestCheck={"Value": False})
    # Addresses: one in use, one forgotten.
    used, _ = (ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2))
    ec2.associate_address(AllocationId=used, InstanceId=old)
    ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["database"]], Description="RDSNetworkInterface")
    return {"bastion": bastion, "instance": fine}


def neglected_network(aws: Aws) -> dict[str, str]:
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
    server = launch(aws, EU, subnet, [everything, halves], "legacy-erp", public=True, metadata={"HttpTokens": "optional"}, encrypted=False)
    aws.age("instance", region=EU, id=server, launched="now-1000d")
    database = ec2.create_network_interface(SubnetId=subnet, Groups=[data], Description="RDSNetworkInterface")["NetworkInterface"]["NetworkInterfaceId"]
    lambda_like = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{EU}.s3", VpcEndpointType="Gateway", RouteTableIds=[table])
    return {"eu_vpc": vpc, "eu_table": table, "eu_database": database, "eu_subnet": subnet, "eu_endpoint": lambda_like["VpcEndpoint"]["VpcEndpointId"]}


def volumes_and_images(aws: Aws, keys: dict[str, str]) -> None:
    ec2 = aws.client("ec2", US)
    ec2.enable_ebs_encryption_by_default()
    safe = ec2.create_volume(AvailabilityZone="us-east-1a", Size=50, Encrypted=True, KmsKeyId=keys["good"], TagSpecifications=name("volume", "orders"))["VolumeId"]
    kept = ec2.create_snapshot(VolumeId=safe, Description="orders, nightly", TagSpecifications=name("snapshot", "orders"))["SnapshotId"]
    open_volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=20, TagSpecifications=name("volume", "old-data"))["VolumeId"]
    shared = ec2.create_snapshot(VolumeId=open_volume, Description="demo data", TagSpecifications=name("snapshot", "demo"))["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": kept, "VolumeSize": 20}}]
    for called, public in (("shop-base", False), ("shop-demo", True)):
        made = ec2.register_image(Name=called, Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=disk)["ImageId"]
        aws.age("image", region=US, id=made, created="now-60d")
        if public:
            ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})


def partner(aws: Aws, ids: dict[str, str]) -> None:
    """A partner's VPC behind a peering connection, whose groups may name ours; and everyone behind a prefix list."""
    eu = aws.client("ec2", EU)
    other = Aws(int(aws.url.rsplit(":", 1)[1]), PARTNER).client("ec2", EU)
    theirs = other.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    peering = eu.create_vpc_peering_connection(VpcId=ids["eu_vpc"], PeerVpcId=theirs, PeerOwnerId=PARTNER)
    other.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    halves = [{"Cidr": cidr, "Description": "anywhere"} for cidr in ("0.0.0.0/1", "128.0.0.0/1")]
    made = eu.create_managed_prefix_list(PrefixListName="anywhere", MaxEntries=5, AddressFamily="IPv4", Entries=halves)
    group(eu, ids["eu_vpc"], "windows-admins", "remote management", [("tcp", 5985, 5986, made["PrefixList"]["PrefixListId"])])


def connections(aws: Aws, ids: dict[str, str]) -> None:
    """Peering, transit gateways, VPN, an endpoint service: a tight and a loose one of each where moto has them."""
    us = aws.client("ec2", US)
    other = us.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=name("vpc", "reporting"))["Vpc"]["VpcId"]
    close_default_group(us, other)
    peering = us.create_vpc_peering_connection(VpcId=ids["vpc"], PeerVpcId=other)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    us.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    us.create_route(RouteTableId=ids["inside"], DestinationCidrBlock="10.40.3.0/24", VpcPeeringConnectionId=peering)
    eu = aws.client("ec2", EU)
    second = eu.create_vpc(CidrBlock="10.50.0.0/16", TagSpecifications=name("vpc", "test"))["Vpc"]["VpcId"]
    # A worker without a way out, and without an endpoint to reach the services that it needs.
    inner = eu.create_subnet(VpcId=second, CidrBlock="10.50.10.0/24", TagSpecifications=name("subnet", "private"))["Subnet"]["SubnetId"]
    worker = launch(aws, EU, inner, [close_default_group(eu, second)], "test-worker", profile="shop-web")
    aws.age("instance", region=EU, id=worker, launched="now-50d")
    peering = eu.create_vpc_peering_connection(VpcId=ids["eu_vpc"], PeerVpcId=second)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    eu.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    eu.create_route(RouteTableId=ids["eu_table"], DestinationCidrBlock="10.50.0.0/16", VpcPeeringConnectionId=peering)

    us.create_transit_gateway(Description="shop", Options={"AutoAcceptSharedAttachments": "disable"})
    eu.create_transit_gateway(Description="legacy", Options={"AutoAcceptSharedAttachments": "enable"})
    partner(aws, ids)
