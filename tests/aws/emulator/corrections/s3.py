"""S3 and S3 Control: paged bucket lists with regions, other accounts' buckets, the defaults of 2023, and what is public."""

import ipaddress
import json
from typing import Any

from moto.s3.models import PublicAccessBlock, s3_backends

from emulator.call import Call, Refused
from emulator.corrections import answers, corrects

OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"


def owner_of(bucket: str) -> str | None:
    known = s3_backends.bucket_accounts.get(bucket)
    return known[1] if known else None


def guard(call: Call) -> None:
    """What moto forgets to ask: whose bucket is it, and is that whom the caller expects?"""
    bucket = call.params.get("Bucket")
    owner = owner_of(bucket) if bucket else None
    if owner is None:
        return
    expected = call.params.get("ExpectedBucketOwner")
    stranger = owner != call.account and not may_read(owner, bucket, call)
    if stranger or (expected and expected != owner):
        region = s3_backends[owner]["aws"].buckets[bucket].region_name
        headers = {"x-amz-bucket-region": region} if call.operation == "HeadBucket" else {}
        raise Refused("AccessDenied", "Access Denied", 403, headers)


def may_read(owner: str, bucket: str, call: Call) -> bool:
    """Whether the bucket's policy names the account of a caller from elsewhere for this read; no more of IAM than that."""
    document = s3_backends[owner]["aws"].buckets[bucket].policy
    action = {"GetPublicAccessBlock": "GetBucketPublicAccessBlock", "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration"}
    wanted = f"s3:{action.get(call.operation, call.operation)}"
    for statement in json.loads(document)["Statement"] if document else []:
        principals = as_list(statement["Principal"].get("AWS")) if isinstance(statement["Principal"], dict) else []
        named = any(str(p).startswith(f"arn:aws:iam::{call.account}:") for p in principals)
        if statement["Effect"] == "Allow" and named and wanted in as_list(statement["Action"]):
            return True
    return False


@answers("s3", "ListBuckets")
def list_buckets(call: Call) -> dict:
    """Sorted, with their regions, paged by MaxBuckets; an account with a raised quota must page, so tests can too."""
    p = call.params
    buckets = sorted(s3_backends[call.account]["aws"].buckets.values(), key=lambda b: b.name)
    if p.get("Prefix"):
        buckets = [b for b in buckets if b.name.startswith(p["Prefix"])]
    if p.get("BucketRegion"):
        buckets = [b for b in buckets if b.region_name == p["BucketRegion"]]
    if p.get("ContinuationToken"):
        buckets = [b for b in buckets if b.name > p["ContinuationToken"]]
    size = int(p.get("MaxBuckets") or 10000)
    paged = p.get("MaxBuckets") or p.get("ContinuationToken") or p.get("BucketRegion") or p.get("Prefix")
    answer: dict[str, Any] = {"Owner": {"ID": OWNER}, "Buckets": [shown(b, bool(paged)) for b in buckets[:size]]}
    if len(buckets) > size:
        answer["ContinuationToken"] = buckets[size - 1].name
    if p.get("Prefix"):
        answer["Prefix"] = p["Prefix"]
    return answer


def shown(bucket: Any, paged: bool) -> dict:
    """The region is sent only to those who page, as AWS documents it."""
    one = {"Name": bucket.name, "CreationDate": bucket.creation_date}
    if paged:
        one |= {"BucketRegion": bucket.region_name, "BucketArn": f"arn:aws:s3:::{bucket.name}"}
    return one


@corrects("s3", "CreateBucket")
def create_bucket(call: Call, answer: dict) -> dict:
    """Since April 2023 a new bucket has ACLs disabled and blocks public access."""
    bucket = s3_backends[call.account]["aws"].buckets[call.params["Bucket"]]
    if not bucket.ownership_rule:
        bucket.ownership_rule = call.params.get("ObjectOwnership") or "BucketOwnerEnforced"
    if bucket.public_access_block is None:
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    return answer


@answers("s3", "GetBucketOwnershipControls")
def ownership(call: Call) -> dict:
    rule = bucket_of(call).ownership_rule
    if not rule:
        raise Refused("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", 404)
    if isinstance(rule, dict):  # as PutBucketOwnershipControls leaves it
        rule = rule["Rule"]["ObjectOwnership"] if "Rule" in rule else rule["ObjectOwnership"]
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": rule}]}}


@answers("s3", "GetBucketEncryption")
def encryption(call: Call) -> dict:
    """Every bucket is encrypted since January 2023, with SSE-S3 when nobody chose."""
    rules = []
    given = bucket_of(call).encryption or {}
    for rule in as_list(given.get("Rule")):
        by_default = rule.get("ApplyServerSideEncryptionByDefault", {})
        one = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": by_default.get("SSEAlgorithm", "AES256")}}
        if by_default.get("KMSMasterKeyID"):
            one["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] = by_default["KMSMasterKeyID"]
        one["BucketKeyEnabled"] = str(rule.get("BucketKeyEnabled", "false")).lower() == "true"
        rules.append(one)
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": rules or [default]}}


def as_list(value: Any) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


def bucket_of(call: Call) -> Any:
    bucket = s3_backends[call.account]["aws"].buckets.get(call.params["Bucket"])
    if bucket is None:
        raise Refused("NoSuchBucket", "The specified bucket does not exist", 404)
    return bucket


@answers("s3", "PutBucketLogging")
def put_logging(call: Call) -> dict:
    """moto stumbles over target bucket policies with the principal "*"."""
    given = call.params.get("BucketLoggingStatus", {}).get("LoggingEnabled")
    if given and owner_of(given["TargetBucket"]) != call.account:
        raise Refused("InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
    bucket_of(call).logging = given or {}
    return {}


@answers("s3", "GetBucketLogging")
def logging(call: Call) -> dict:
    given = bucket_of(call).logging
    return {"LoggingEnabled": {"TargetBucket": given["TargetBucket"], "TargetPrefix": given.get("TargetPrefix") or ""}} if given else {}


@answers("s3", "GetBucketPolicyStatus")
def policy_status(call: Call) -> dict:
    policy = bucket_of(call).policy
    if not policy:
        raise Refused("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
    return {"PolicyStatus": {"IsPublic": public(policy, call.account)}}


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of 'public'"
FIXING_KEYS = {
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn", "kms:calleraccount", "aws:sourceip",
}  # fmt: skip


def public(policy: Any, account: str) -> bool:
    """Whether an Allow admits everyone with no condition that fixes who."""
    document = json.loads(policy)
    return any(s.get("Effect") == "Allow" and everyone(s) and not fixed(s) for s in as_list(document.get("Statement")))


def everyone(statement: dict) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS")))


def fixed(statement: dict) -> bool:
    for operator, pairs in (statement.get("Condition") or {}).items():
        name = operator.lower().rsplit(":", 1)[-1]
        if name.endswith("ifexists") or name.removesuffix("ignorecase") not in ("stringequals", "stringlike", "arnequals", "arnlike", "ipaddress"):
            continue
        for key, values in pairs.items():
            if key.lower() in FIXING_KEYS and all(narrow(key.lower(), v) for v in as_list(values)):
                return True
    return False


def narrow(key: str, value: str) -> bool:
    """A fixed value: no wildcard but behind an account number, no network wider than /8 (IPv4) or /32 (IPv6)."""
    if key == "aws:sourceip":
        network = ipaddress.ip_network(value, strict=False)
        return network.prefixlen >= (8 if network.version == 4 else 32)
    if value.startswith("arn:"):
        parts = value.split(":", 5)
        return len(parts) == 6 and ("*" not in parts[4] and "?" not in parts[4]) and parts[4] != "" or "*" not in value and "?" not in value
    return "*" not in value and "?" not in value


@corrects("s3control", "GetAccessPoint")
def access_point(call: Call, answer: dict) -> dict:
    owner = owner_of(answer["Bucket"])
    if owner:
        answer.setdefault("BucketAccountId", owner)
    return answer


@corrects("s3control", "ListAccessPoints")
def access_points(call: Call, answer: dict) -> dict:
    """An access point lives in its bucket's region; moto lists all of them everywhere."""
    kept = []
    for point in answer.get("AccessPointList", []):
        owner = owner_of(point["Bucket"])
        bucket = s3_backends[owner]["aws"].buckets.get(point["Bucket"]) if owner else None
        if bucket is None or bucket.region_name == call.region:
            if owner:
                point.setdefault("BucketAccountId", owner)
            kept.append(point)
    return {**answer, "AccessPointList": kept}


@corrects("s3control", "ListMultiRegionAccessPoints")
def multi_region_access_points(call: Call, answer: dict) -> dict:
    return {**answer, "AccessPoints": answer.get("AccessPoints", [])}
