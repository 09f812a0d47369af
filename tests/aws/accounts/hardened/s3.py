"""Buckets for access logs, data and trails in each region, and the organization's in the log archive account."""

from accounts.common import Aws, cloudtrail_may_write, good_bucket, key, logs_may_arrive
from accounts.hardened import ACCOUNT, ARCHIVE, REGIONS, US

AFTER = ["kms"]


def fill(aws: Aws, made: dict) -> None:
    log_archive(aws.of(ARCHIVE))
    for region in REGIONS:
        storage(aws, region, made["kms"][region])


def storage(aws: Aws, region: str, made: dict[str, str]) -> None:
    logs = f"hardened-access-logs-{region}"
    good_bucket(aws, logs, region, made["data"], logs, logs_may_arrive(logs, ACCOUNT))
    good_bucket(aws, f"hardened-data-{region}", region, made["data"], logs)
    trail = f"hardened-trail-{region}"
    good_bucket(aws, trail, region, made["trail"], logs, cloudtrail_may_write(trail, ACCOUNT))


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
