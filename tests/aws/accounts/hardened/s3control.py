"""Public access is blocked for the whole account, and the data buckets have access points."""

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS

AFTER = ["s3"]


def fill(aws: Aws, _: dict) -> None:
    aws.client("s3control").put_public_access_block(
        AccountId=ACCOUNT,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
        },
    )  # fmt: skip
    for region in REGIONS:
        control = aws.client("s3control", region)
        control.create_access_point(AccountId=ACCOUNT, Name=f"data-{region}", Bucket=f"hardened-data-{region}")
