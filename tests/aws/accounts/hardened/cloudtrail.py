"""The organization's trail into the archive account, one of our own that records data events, and a store in each region."""

from typing import Any

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS, US

AFTER = ["kms", "s3"]


def fill(aws: Aws, made: dict) -> None:
    aws.client("logs", US).create_log_group(logGroupName="/hardened/trail")
    trail = aws.client("cloudtrail", US)
    common: dict[str, Any] = {
        "IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True, "EnableLogFileValidation": True, "KmsKeyId": made["kms"][US]["data"],
        "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/hardened/trail:*",
        "CloudWatchLogsRoleArn": aws.arn("role", "cloudtrail-logs"),
    }  # fmt: skip
    trail.create_trail(Name="organization", S3BucketName="example-org-log-archive", IsOrganizationTrail=True, **common)
    trail.create_trail(Name="data-events", S3BucketName=f"hardened-trail-{US}", **common)

    def selector(called: str, **fields: list[str]) -> dict:
        return {"Name": called, "FieldSelectors": [{"Field": f.replace("_", "."), "Equals": v} for f, v in fields.items()]}

    management = selector("management", eventCategory=["Management"])
    data = [
        selector(kind, eventCategory=["Data"], resources_type=[kind])
        for kind in ("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::Bedrock::Model", "AWS::Bedrock::AgentAlias", "AWS::Bedrock::KnowledgeBase")
    ]
    network = [
        selector(source, eventCategory=["NetworkActivity"], eventSource=[f"{source}.amazonaws.com"])
        for source in ("s3", "dynamodb", "ec2", "ssm", "kms", "secretsmanager", "sts", "logs", "ecr", "bedrock", "monitoring", "cloudtrail", "ssmmessages", "ec2messages")
    ]
    trail.put_event_selectors(TrailName="organization", AdvancedEventSelectors=[management])
    trail.put_event_selectors(TrailName="data-events", AdvancedEventSelectors=[management, *data, *network])
    for called in ("organization", "data-events"):
        trail.start_logging(Name=called)
        aws.age("trail", name=called, StartLoggingTime="now-300d", TimeLoggingStarted="2026-01-26T08:00:00Z")
    for region in REGIONS:
        aws.overlay("cloudtrail", region=region, trail_key=made["kms"][region]["trail"])
