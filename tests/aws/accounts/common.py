"""What the account scripts share: clients that act in an account, the control endpoint, and small builders."""

import json
import pathlib
import re
import string
import sys
import urllib.error
import urllib.request
from typing import Any

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent


class Aws:
    """One account of the emulator, through a role of that account."""

    def __init__(self, port: int, account: str):
        self.url, self.account = f"http://127.0.0.1:{port}", account
        self._clients: dict[tuple[str, str], Any] = {}
        start = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1")
        sts = start.client("sts", endpoint_url=self.url)
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        got = sts.assume_role(RoleArn=role, RoleSessionName="fill")["Credentials"]
        self.session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], "us-east-1")

    def client(self, service: str, region: str = "us-east-1") -> Any:
        if (service, region) not in self._clients:
            config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
            client = self.session.client(service, region, endpoint_url=self.url, config=config)
            if service == "s3control":  # its account prefix does not resolve on an IP address
                client.meta.events.register("before-send.s3-control", without_account_prefix)
            self._clients[service, region] = client
        return self._clients[service, region]

    def control(self, what: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/_control/{what}", json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as wrong:
            sys.exit(f"{what}: {wrong.read().decode()}")

    def age(self, kind: str, **members: Any) -> None:
        self.control("age", {"account": self.account, "kind": kind, **members})

    def overlay(self, file: str, **names: str) -> None:
        """Adds the entries of a JSON file beside the scripts; $NAME in it stands for what the script made."""
        text = (HERE / file).read_text().replace("${", "\0")
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
