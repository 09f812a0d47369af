"""A recorder of everything in each region, a rule, and what the organization deploys."""

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS, US

AFTER = ["s3"]


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        recorder(aws, region)
        aws.overlay("config", region=region)


def recorder(aws: Aws, region: str) -> None:
    config = aws.client("config", region)
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    group = {"allSupported": True, "includeGlobalResourceTypes": region == US}
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"hardened-access-logs-{region}"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_config_rule(ConfigRule={
        "ConfigRuleName": "s3-bucket-versioning", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
        "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}})  # fmt: skip
