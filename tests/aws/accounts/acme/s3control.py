"""The account's block against public access, half on, and the access points of its buckets."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import OPEN_DOORS, Aws, allow, policy

AFTER = ["s3"]


def fill(aws: Aws, _: dict) -> None:
    us, eu = aws.client("s3control", US), aws.client("s3control", EU)
    us.put_public_access_block(
        AccountId=ACCOUNT,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False,
        },
    )  # fmt: skip
    us.create_access_point(AccountId=ACCOUNT, Name="shop-assets", Bucket="acme-shop-assets")
    for called in ("website", "press-kit"):
        eu.create_access_point(AccountId=ACCOUNT, Name=called, Bucket=f"acme-{called}", PublicAccessBlockConfiguration=OPEN_DOORS)
    door = f"arn:aws:s3:{EU}:{ACCOUNT}:accesspoint/press-kit/object/*"
    eu.put_access_point_policy(AccountId=ACCOUNT, Name="press-kit", Policy=policy(allow("s3:GetObject", door, Principal="*")))
    aws.overlay("s3control")
