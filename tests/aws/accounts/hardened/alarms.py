"""An alarm for each kind of event that somebody has to hear of, its topic, who is subscribed, and Insights."""

from accounts.common import Aws
from accounts.hardened import REGIONS, US

AFTER = ["cloudtrail", "kms"]


def names(source: str, *events: str) -> str:
    either = " || ".join(f"($.eventName = {event})" for event in events)
    return f"{{ ($.eventSource = {source}.amazonaws.com) && ({either}) }}"


def put_and_delete(*kinds: str) -> list[str]:
    return [f"{verb}{kind}" for kind in kinds for verb in ("Put", "Delete")]


#: Filter name and pattern, each written as somebody might.
PATTERNS = {
    "root-usage": '{ $.eventType != "AwsServiceEvent" && $.userIdentity.invokedBy NOT EXISTS && $.userIdentity.type = "Root" }',
    "refused": '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    "no-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")\n  && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    "failed-sign-ins": '{ $.eventName = ConsoleLogin && $.errorMessage = "Failed authentication" }',
    "iam": "{ $.eventSource = iam.amazonaws.com && ($.eventName = *Policy || $.eventName = *PolicyVersion) && $.readOnly IS FALSE }",
    "organization": '{ $.eventSource = "organizations.amazonaws.com" && $.readOnly IS FALSE }',
    "trail": names("cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    "config": names("config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
    "keys": names("kms", "DisableKey", "ScheduleKeyDeletion"),
    "buckets": names("s3", "PutBucketAcl", *put_and_delete("BucketPolicy", "BucketCors", "BucketLifecycle", "BucketReplication")),
    "security-groups": "{ $.eventName = *SecurityGroup || $.eventName = AuthorizeSecurityGroup* || $.eventName = RevokeSecurityGroup* }",
    "network-acls": "{ $.eventName = %^[CDR][a-z]+NetworkAcl% }",
    "gateways": "{ $.eventName = *CustomerGateway || $.eventName = *InternetGateway }",
    "routes": "{ $.eventName = %Route% }",
    "vpcs": "{ $.eventName = *Vpc || $.eventName = *VpcPeeringConnection || $.eventName = ModifyVpcAttribute }",
}


def fill(aws: Aws, made: dict) -> None:
    topics = {region: topic(aws, region, made["kms"][region]["data"]) for region in REGIONS}
    logs, cloudwatch = aws.client("logs", US), aws.client("cloudwatch", US)
    for called, pattern in PATTERNS.items():
        counted = [{"metricName": called, "metricNamespace": "Trail", "metricValue": "1"}]
        logs.put_metric_filter(logGroupName="/hardened/trail", filterName=called, filterPattern=pattern, metricTransformations=counted)
        cloudwatch.put_metric_alarm(
            AlarmName=f"trail-{called}", Namespace="Trail", MetricName=called, Statistic="Sum", Period=300, EvaluationPeriods=1,
            Threshold=20 if called in ("refused", "failed-sign-ins") else 1, ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching", AlarmActions=[topics[US]],
        )  # fmt: skip
    both = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
    aws.client("cloudtrail", US).put_insight_selectors(TrailName="data-events", InsightSelectors=both)


def topic(aws: Aws, region: str, key: str) -> str:
    sns = aws.client("sns", region)
    arn = sns.create_topic(Name="security-alerts", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    for protocol, endpoint in (("https", "https://paging.example.com/sns"), ("email", "soc@example.com")):
        sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
        sns.confirm_subscription(TopicArn=arn, Token=endpoint)
    return arn
