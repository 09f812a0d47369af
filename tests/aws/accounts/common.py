"""What the account scripts share: small builders of policies, networks, buckets and keys."""

import json
from typing import Any

from accounts.aws import Aws

AWS_POLICY = "arn:aws:iam::aws:policy/"


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> str:
    statement: dict = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return policy(statement)


def tls_only(bucket: str) -> dict:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def name(resource: str, text: str) -> list[dict]:
    return [{"ResourceType": resource, "Tags": [{"Key": "Name", "Value": text}]}]


#: The images of emulator/amis.json: of this year, and of 2023.
AMI, OLD_AMI = "ami-0a1b2c3d4e5f60001", "ami-0a1b2c3d4e5f60002"


def launch(aws: Aws, region: str, subnet: str, groups: list[str], called: str, image: str = AMI, **more: Any) -> str:
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


def without_default_vpc(ec2: Any) -> None:
    """What a careful owner does with the VPC that AWS made: nothing runs there, so it goes."""
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
        of = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=of)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=vpc["VpcId"])


def close_default_group(ec2: Any, vpc: str) -> str:
    of = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=of)["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    return group["GroupId"]


def group(ec2: Any, vpc: str, called: str, about: str, inbound: list[tuple], outbound: list[tuple] | None = None) -> str:
    """A security group; a rule is (protocol, from, to, source): a CIDR, an sg- or a pl- id. Without `outbound` all egress stays."""
    made = ec2.create_security_group(GroupName=called, Description=about, VpcId=vpc)["GroupId"]
    if inbound:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule(*r) for r in inbound])
    if outbound is not None:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=made, IpPermissions=everything)
        if outbound:
            ec2.authorize_security_group_egress(GroupId=made, IpPermissions=[rule(*r) for r in outbound])
    return made


def rule(protocol: str, low: int, high: int, other: str) -> dict:
    one: dict = {"IpProtocol": protocol, "FromPort": low, "ToPort": high}
    if other.startswith("sg-"):
        one["UserIdGroupPairs"] = [{"GroupId": other}]
    elif other.startswith("pl-"):
        one["PrefixListIds"] = [{"PrefixListId": other}]
    elif ":" in other:
        one["Ipv6Ranges"] = [{"CidrIpv6": other}]
    else:
        one["IpRanges"] = [{"CidrIp": other}]
    return one


def bucket(aws: Aws, called: str, region: str, lock: bool = False) -> str:
    s3 = aws.client("s3", region)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=called, ObjectLockEnabledForBucket=lock, **where)
    return called


#: A block against public access that blocks nothing.
OPEN_DOORS = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}

LIFECYCLE = {
    "Rules": [
        {
            "ID": "tier-and-expire",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
            "Expiration": {"Days": 730},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
}


def good_bucket(aws: Aws, called: str, region: str, key: str, logs_to: str | None, more: list[dict] | None = None) -> str:
    """A bucket as it should be: versioned and locked, KMS, TLS only, lifecycle, access logs."""
    bucket(aws, called, region, lock=True)
    s3 = aws.client("s3", region)
    s3.put_object_lock_configuration(
        Bucket=called,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}},
    )
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket=called, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_bucket_lifecycle_configuration(Bucket=called, LifecycleConfiguration=LIFECYCLE)
    s3.put_bucket_policy(Bucket=called, Policy=policy(tls_only(called), *(more or [])))
    if logs_to:
        target = {"TargetBucket": logs_to, "TargetPrefix": f"{called}/"}
        s3.put_bucket_logging(Bucket=called, BucketLoggingStatus={"LoggingEnabled": target})
    return called


def logs_may_arrive(bucket: str, account: str) -> list[dict]:
    """Server access logs of the account's buckets."""
    service = {"Service": "logging.s3.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": account}}
    return [{"Effect": "Allow", "Principal": service, "Action": ["s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": own}]


def cloudtrail_may_write(bucket: str, account: str) -> list[dict]:
    service = {"Service": "cloudtrail.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": account}}
    return [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}", "Condition": own},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/*", "Condition": own},
    ]


def key(aws: Aws, region: str, about: str, administrators: str, users: str, **more: Any) -> str:
    """A customer key with separate administrators and users and rotation; its ARN."""
    kms = aws.client("kms", region)
    made = kms.create_key(Description=about, Policy=key_policy(aws, administrators, users), **more)["KeyMetadata"]
    if not more:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return made["Arn"]


ADMINISTER = [
    "kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*", "kms:Disable*", "kms:Get*",
    "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
]  # fmt: skip
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def key_policy(aws: Aws, administrators: str, users: str) -> str:
    return policy(
        allow(ADMINISTER, Sid="Administration", Principal={"AWS": aws.arn("role", administrators)}),
        allow(USE, Sid="Use", Principal={"AWS": aws.arn("role", users)}),
    )


def guarded(aws: Aws, region: str, protections: str = "ENABLED") -> str:
    """The detector of a region, with its protections on or off."""
    agents = [{"Name": name, "Status": protections} for name in ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")]
    names = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")
    features = [{"Name": name, "Status": protections} for name in names]
    features.append({"Name": "RUNTIME_MONITORING", "Status": protections, "AdditionalConfiguration": agents})
    return aws.client("guardduty", region).create_detector(Enable=True, Features=features)["DetectorId"]
