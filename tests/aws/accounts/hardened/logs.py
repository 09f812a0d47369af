"""Every log group is encrypted with the region's key, and a policy of the account masks credentials."""

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["cloudtrail", "ec2", "kms"]


def fill(aws: Aws, made: dict) -> None:
    for region in REGIONS:
        logs = aws.client("logs", region)
        for group in logs.describe_log_groups()["logGroups"]:
            logs.associate_kms_key(logGroupName=group["logGroupName"], kmsKeyId=made["kms"][region]["data"])
            logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=400)
        aws.overlay("logs", region=region)
