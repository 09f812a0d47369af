"""Alarms on a trail that no longer delivers, alarms that do nothing, and topics: one as it should be, one open to all, one that nobody hears."""

import json

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws, allow, policy

AFTER = ["cloudtrail", "kms"]
ROOT = '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }'


def fill(aws: Aws, made: dict) -> None:
    sns = aws.client("sns", US)
    alerts = sns.create_topic(Name="acme-alerts", Attributes={"KmsMasterKeyId": made["kms"]["good"]})["TopicArn"]
    for address in ("ops@acme.example", "security@acme.example"):
        sns.subscribe(TopicArn=alerts, Protocol="email", Endpoint=address)
        sns.confirm_subscription(TopicArn=alerts, Token=address)
    counted = [{"metricName": "RootUsage", "metricNamespace": "Trail", "metricValue": "1"}]
    aws.client("logs", US).put_metric_filter(logGroupName="/acme/trail", filterName="root-usage", filterPattern=ROOT, metricTransformations=counted)
    alarm(aws, US, "root-usage", "Trail", "RootUsage", AlarmActions=[alerts])

    alarm(aws, EU, "orders-errors", "AWS/Lambda", "Errors", AlarmActions=[f"arn:aws:sns:{EU}:{ACCOUNT}:acme-orders"], ActionsEnabled=False)
    alarm(aws, EU, "orders-load", "AWS/EC2", "CPUUtilization")
    sns = aws.client("sns", EU)
    everyone = policy(allow(["sns:Publish", "sns:Subscribe"], f"arn:aws:sns:{EU}:{ACCOUNT}:acme-orders", Principal="*"))
    orders = sns.create_topic(Name="acme-orders", Attributes={"Policy": everyone})["TopicArn"]
    sns.subscribe(TopicArn=orders, Protocol="http", Endpoint="http://orders.acme.example/hook")
    sns.confirm_subscription(TopicArn=orders, Token="http://orders.acme.example/hook")
    # Somebody who has left was to confirm.
    findings = sns.create_topic(Name="acme-findings")["TopicArn"]
    sns.subscribe(TopicArn=findings, Protocol="email", Endpoint="jo@acme.example")
    events = aws.client("events", EU)
    events.put_rule(Name="findings", EventPattern=json.dumps({"source": ["aws.guardduty"]}), State="ENABLED")
    events.put_targets(Rule="findings", Targets=[{"Id": "topic", "Arn": findings}])
    aws.overlay("alarms")


def alarm(aws: Aws, region: str, called: str, namespace: str, metric: str, **more: object) -> None:
    aws.client("cloudwatch", region).put_metric_alarm(
        AlarmName=called, Namespace=namespace, MetricName=metric, Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching", **more,
    )  # fmt: skip
