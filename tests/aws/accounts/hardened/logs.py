"""Every log group is encrypted with the region's key, a policy of the account masks credentials, and Route 53 may write for the account alone."""

from accounts.common import Aws, allow, policy
from accounts.hardened import ACCOUNT, REGIONS

AFTER = ["cloudtrail", "ec2", "kms"]


def fill(aws: Aws, made: dict) -> None:
    for region in REGIONS:
        logs = aws.client("logs", region)
        for group in logs.describe_log_groups()["logGroups"]:
            logs.associate_kms_key(logGroupName=group["logGroupName"], kmsKeyId=made["kms"][region]["data"])
            logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=400)
        dns = allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"], "*", Principal={"Service": "route53.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        )  # fmt: skip
        logs.put_resource_policy(policyName="dns", policyDocument=policy(dns))
        aws.overlay("logs", region=region)
