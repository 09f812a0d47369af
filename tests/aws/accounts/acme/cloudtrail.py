"""A trail of all regions that lost the right to write ten days ago, and an old one for one region that nobody protects."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws

AFTER = ["kms", "s3"]


def fill(aws: Aws, made: dict) -> None:
    trail = aws.client("cloudtrail", US)
    aws.client("logs", US).create_log_group(logGroupName="/acme/trail")
    trail.create_trail(
        Name="acme-all-regions", S3BucketName="acme-trail-archive", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True, KmsKeyId=made["kms"]["trail"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/acme/trail:*",
        CloudWatchLogsRoleArn=aws.arn("role", "cloudtrail-logs"),
    )  # fmt: skip
    trail.put_event_selectors(TrailName="acme-all-regions", EventSelectors=[
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]},
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])  # fmt: skip
    trail.start_logging(Name="acme-all-regions")
    aws.age("trail", name="acme-all-regions", StartLoggingTime="now-700d", LatestDeliveryTime="now-10d", LatestDeliveryError="AccessDenied",
            LatestCloudWatchLogsDeliveryTime="now-10d", LatestCloudWatchLogsDeliveryError="AccessDenied", LatestDigestDeliveryTime="now-10d",
            TimeLoggingStarted="2024-12-22T08:00:00Z")  # fmt: skip
    old = aws.client("cloudtrail", EU)
    old.create_trail(Name="legacy-audit", S3BucketName="acme-legacy-trail", IsMultiRegionTrail=False)
    old.put_event_selectors(TrailName="legacy-audit", EventSelectors=[
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True,
         "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-website/"]}]}])  # fmt: skip
    old.start_logging(Name="legacy-audit")
    aws.age("trail", name="legacy-audit", StartLoggingTime="now-1500d", TimeLoggingStarted="2022-10-14T08:00:00Z")
    aws.overlay("cloudtrail", trail_key=made["kms"]["trail"])
