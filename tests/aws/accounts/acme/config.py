"""Config: whole in us-east-1; in eu-west-1 it records three types with a role of its own."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws

AFTER = ["s3"]


def fill(aws: Aws, _: dict) -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config = aws.client("config", US)
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": linked, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "acme-access-logs"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    for region in (US, EU):
        aws.client("config", region).put_config_rule(ConfigRule={
            "ConfigRuleName": "s3-bucket-versioning", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
            "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}})  # fmt: skip
    config = aws.client("config", EU)
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": aws.arn("role", "config-recorder"),
        "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"]}})  # fmt: skip
    aws.overlay("config")
