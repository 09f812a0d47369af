"""us-east-1: findings reach people and programs, and emergency access is watched. eu-west-1: a rule for one severity alone, and a bus that is open."""

import json

from accounts.acme import ACCOUNT, EU, PARTNER, US
from accounts.common import Aws, allow, policy

AFTER = ["iam"]


def fill(aws: Aws, _: dict) -> None:
    sns = aws.client("sns", US)
    topic = sns.create_topic(Name="acme-security")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@acme.example")
    sns.confirm_subscription(TopicArn=topic, Token="security@acme.example")
    serious = {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}}}
    rule(aws, US, "serious", topic, source=["aws.securityhub"], detail_type=["Security Hub Findings - Imported"], detail=serious)
    stolen = {"type": [{"prefix": "UnauthorizedAccess:IAMUser/"}]}
    rule(aws, US, "stolen-credentials", f"arn:aws:states:{US}:{ACCOUNT}:stateMachine:disable-key", source=["aws.guardduty"], detail=stolen)
    emergency = [{"wildcard": "*:role/break-glass*"}, {"suffix": ":role/emergency-operator"}]
    used = {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": emergency}}
    rule(aws, US, "break-glass", topic, source=["aws.sts"], detail=used)
    changes = {"eventName": [{"prefix": "Update"}, {"prefix": "Put"}, {"prefix": "Attach"}]}
    rule(aws, US, "deployments", topic, source=["aws.codepipeline", "aws.codebuild", "aws.iam"], detail=changes)
    named = aws.client("events", US).create_event_bus(Name="partners")["EventBusArn"]
    share(aws, US, named, {"AWS": f"arn:aws:iam::{PARTNER}:root"})

    rule(aws, EU, "eights", f"arn:aws:ssm:{EU}:{ACCOUNT}:opsitem", source=["aws.guardduty"], detail={"severity": [8, 8.0]})
    opened = aws.client("events", EU).create_event_bus(Name="partners")["EventBusArn"]
    share(aws, EU, opened, "*")


def rule(aws: Aws, region: str, called: str, target: str, **pattern: object) -> None:
    events = aws.client("events", region)
    events.put_rule(Name=called, EventPattern=json.dumps({key.replace("_", "-"): value for key, value in pattern.items()}))
    events.put_targets(Rule=called, Targets=[{"Id": "1", "Arn": target}])


def share(aws: Aws, region: str, bus: str, principal: object) -> None:
    statement = {"Sid": "partners", **allow("events:PutEvents", bus, Principal=principal)}
    aws.client("events", region).put_permission(EventBusName="partners", Policy=policy(statement))
