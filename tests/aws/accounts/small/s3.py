"""A bucket that everyone may read, and one that is closed and keeps versions."""

from accounts.common import Aws, allow, bucket, policy
from accounts.small import US


def fill(aws: Aws, _: dict) -> None:
    s3 = aws.client("s3", US)
    bucket(aws, "small-pictures", US)
    s3.delete_public_access_block(Bucket="small-pictures")
    s3.put_bucket_policy(Bucket="small-pictures", Policy=policy(allow("s3:GetObject", "arn:aws:s3:::small-pictures/*", Principal="*")))
    bucket(aws, "small-orders", US)
    s3.put_bucket_versioning(Bucket="small-orders", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="small-orders", Tagging={"TagSet": [{"Key": "owner", "Value": "shop"}]})
