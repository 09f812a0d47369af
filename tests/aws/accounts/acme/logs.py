"""us-east-1: groups that keep, encrypt and mask. eu-west-1: one that forgets after a week, and policies that let everyone write."""

import json

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws, allow, policy

AFTER = ["kms", "s3"]
WRITE = ["logs:CreateLogStream", "logs:PutLogEvents"]


def fill(aws: Aws, made: dict) -> None:
    logs = aws.client("logs", US)
    logs.create_log_group(logGroupName="/acme/shop", kmsKeyId=made["kms"]["good"])
    logs.put_retention_policy(logGroupName="/acme/shop", retentionInDays=400)
    dns = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    logs.put_resource_policy(policyName="dns", policyDocument=policy(allow(WRITE, "*", Principal={"Service": "route53.amazonaws.com"}, Condition=dns)))

    logs = aws.client("logs", EU)
    logs.create_log_group(logGroupName="/acme/orders")
    logs.put_retention_policy(logGroupName="/acme/orders", retentionInDays=7)
    # Somebody began with one group.
    logs.create_log_group(logGroupName="/acme/payments")
    cards = ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"]
    both = [{"Audit": {"FindingsDestination": {}}}, {"Deidentify": {"MaskConfig": {}}}]
    document = {"Name": "cards", "Version": "2021-06-01", "Statement": [{"DataIdentifier": cards, "Operation": one} for one in both]}
    logs.put_data_protection_policy(logGroupIdentifier="/acme/payments", policyDocument=json.dumps(document))
    logs.put_resource_policy(policyName="delivery", policyDocument=policy(allow(WRITE, "*", Principal="*")))
    logs.put_destination(
        destinationName="partners", targetArn=f"arn:aws:kinesis:{EU}:{ACCOUNT}:stream/partners", roleArn=aws.arn("role", "config-recorder")
    )
    partners = f"arn:aws:logs:{EU}:{ACCOUNT}:destination:partners"
    logs.put_destination_policy(destinationName="partners", accessPolicy=policy(allow("logs:PutSubscriptionFilter", partners, Principal={"AWS": "*"})))
    aws.overlay("logs")
