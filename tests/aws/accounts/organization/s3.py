"""Two buckets of the member security: one shared with its organization, one with a stranger's."""

from accounts.common import Aws, allow, bucket, policy, tls_only
from accounts.organization import ACCOUNT, US

AFTER = ["organizations"]


def fill(aws: Aws, made: dict) -> None:
    member, ours = aws.of(made["organizations"]["security"]), made["organizations"]["organization"]
    for called, id in (("organization-shared-data", ours), ("organization-leaked-data", "o-strangerorg")):
        bucket(member, called, US)
        everyone = allow("s3:GetObject", f"arn:aws:s3:::{called}/*", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": id}})
        neighbour = allow("s3:PutObject", f"arn:aws:s3:::{called}/*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        member.client("s3").put_bucket_policy(Bucket=called, Policy=policy(tls_only(called), everyone, neighbour))
