"""Buckets as they should be in us-east-1; each of the others is wrong in its own way."""

from accounts.acme import ACCOUNT, EU, PARTNER, STRANGER, US
from accounts.common import OPEN_DOORS, Aws, allow, bucket, cloudtrail_may_write, good_bucket, logs_may_arrive, policy

AFTER = ["kms"]


def fill(aws: Aws, made: dict) -> None:
    tidy(aws, made["kms"])
    old(aws)
    press_kit(aws)
    names(aws)


def tidy(aws: Aws, keys: dict[str, str]) -> None:
    good_bucket(aws, "acme-access-logs", US, keys["good"], "acme-access-logs", logs_may_arrive("acme-access-logs", ACCOUNT))
    good_bucket(aws, "acme-shop-assets", US, keys["good"], "acme-access-logs")
    good_bucket(aws, "acme-trail-archive", US, keys["trail"], "acme-access-logs", cloudtrail_may_write("acme-trail-archive", ACCOUNT))
    tag(aws, US, "acme-shop-assets", "internal")


def old(aws: Aws) -> None:
    """eu-west-1: made before 2023, when ACLs were on and nothing was blocked."""
    eu = aws.client("s3", EU)
    for called in ("acme-website", "acme-partner-drop", "acme-customer-exports", "acme-legacy-trail"):
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
    for called in ("acme-website", "acme-partner-drop", "acme-customer-exports", "acme-legacy-trail"):
        aws.age("bucket", name=called, created="2021-05-06T07:08:09Z")


def press_kit(aws: Aws) -> None:
    """A bucket that leaves the decision to its access points, which let everyone in."""
    kit, s3 = bucket(aws, "acme-press-kit", EU), aws.client("s3", EU)
    s3.put_public_access_block(Bucket=kit, PublicAccessBlockConfiguration=OPEN_DOORS)
    through = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    s3.put_bucket_policy(Bucket=kit, Policy=policy(allow("s3:GetObject", f"arn:aws:s3:::{kit}/*", Principal="*", Condition=through)))


def names(aws: Aws) -> None:
    """Names that AWS services take for granted: one is ours, another was taken by a stranger."""
    bucket(aws, f"aws-glue-assets-{ACCOUNT}-{US}", US)
    bucket(aws.of(STRANGER), f"aws-glue-assets-{ACCOUNT}-{EU}", EU)


def tag(aws: Aws, region: str, called: str, classification: str) -> None:
    tags = [{"Key": "data-classification", "Value": classification}, {"Key": "owner", "Value": "shop"}]
    aws.client("s3", region).put_bucket_tagging(Bucket=called, Tagging={"TagSet": tags})
