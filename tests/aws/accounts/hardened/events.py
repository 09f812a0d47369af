"""In each region serious findings become OpsItems, stolen credentials start an automation, and emergency access and deployments are watched."""

import json

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        item, automation = f"arn:aws:ssm:{region}:{ACCOUNT}:opsitem", f"arn:aws:ssm:{region}:{ACCOUNT}:automation-definition/DisableKey:$DEFAULT"
        serious = {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}}
        rule(aws, region, "serious", item, source=["aws.securityhub"], detail_type=["Security Hub Findings - Imported"], detail=serious)
        rule(aws, region, "stolen-credentials", automation, source=["aws.guardduty"], detail={"type": [{"prefix": "UnauthorizedAccess:IAMUser/"}]})
        used = {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [aws.arn("role", "break-glass")]}}
        rule(aws, region, "break-glass", item, source=["aws.sts"], detail=used)
        rule(aws, region, "break-glass-sign-in", item, source=["aws.signin"], detail={"userIdentity": {"userName": [{"prefix": "break-glass-"}]}})
        changes = {"eventName": [{"prefix": "Update"}, {"prefix": "Put"}, {"prefix": "Attach"}]}
        rule(aws, region, "deployments", item, source=["aws.codepipeline", "aws.codebuild", "aws.iam"], detail=changes)


def rule(aws: Aws, region: str, called: str, target: str, **pattern: object) -> None:
    events = aws.client("events", region)
    events.put_rule(Name=called, EventPattern=json.dumps({key.replace("_", "-"): value for key, value in pattern.items()}))
    events.put_targets(Rule=called, Targets=[{"Id": "1", "Arn": target}])
