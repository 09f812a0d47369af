"""What the account scripts share: clients that act in an account, the control endpoint, and small builders."""

import collections
import datetime
import json
import pathlib
import re
import string
import sys
import urllib.error
import urllib.request
import uuid
from typing import Any

import boto3
from botocore.config import Config

AWS_POLICY = "arn:aws:iam::aws:policy/"


class Aws:
    """One account of the emulator, through a role of that account. `folder` is where its overlays lie, `now` the emulator's time."""

    def __init__(self, url: str, account: str, folder: pathlib.Path, now: datetime.datetime):
        self.url, self.account, self.folder, self.now = url, account, folder, now
        self._others: dict[str, Aws] = {}
        self._asked: collections.Counter[str] = collections.Counter()
        self._clients: dict[tuple[str, str], Any] = {}
        start = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1")
        sts = start.client("sts", endpoint_url=self.url)
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        got = sts.assume_role(RoleArn=role, RoleSessionName="fill")["Credentials"]
        self.session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], "us-east-1")

    def of(self, account: str) -> "Aws":
        """Another account."""
        if account not in self._others:
            self._others[account] = Aws(self.url, account, self.folder, self.now)
        return self._others[account]

    def client(self, service: str, region: str = "us-east-1") -> Any:
        if (service, region) not in self._clients:
            config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
            client = self.session.client(service, region, endpoint_url=self.url, config=config)
            if service == "s3control":  # its account prefix does not resolve on an IP address
                client.meta.events.register("before-send.s3-control", without_account_prefix)
            client.meta.events.register_first("before-parameter-build", self._token)
            self._clients[service, region] = client
        return self._clients[service, region]

    def _token(self, params: dict, model: Any, **_: Any) -> None:
        """A client token by what is asked, where boto3 would make one up: some are part of the answers."""
        text = f"{self.account} {model.name} {json.dumps(params, sort_keys=True, default=str)}"
        self._asked[text] += 1
        for member in model.idempotent_members:
            params.setdefault(member, str(uuid.uuid5(uuid.NAMESPACE_OID, f"{text} {self._asked[text]}")))

    def control(self, what: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/_control/{what}", json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as wrong:
            sys.exit(f"{what}: {wrong.read().decode()}")

    def age(self, kind: str, **members: Any) -> None:
        self.control("age", {"account": self.account, "kind": kind, **members})

    def overlay(self, service: str, **names: str) -> None:
        """Adds the entries of SERVICE.overlay.json beside the scripts; $NAME in it stands for what the script made."""
        text = (self.folder / f"{service}.overlay.json").read_text().replace("${", "\0")
        entries = json.loads(string.Template(text).substitute(names).replace("\0", "${"))
        for entry in entries:
            if set(entry) != {"//"}:
                entry.setdefault("account", self.account)
        self.control("overlay", entries)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iam::{self.account}:{kind}/{name}"


def without_account_prefix(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


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
