"""Security Hub: us-east-1 is looked after; in eu-west-1 somebody switched it on in 2019 and nobody has read it since."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    for region in (US, EU):
        aws.client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)
    aws.client("securityhub", US).batch_import_findings(Findings=[
        finding(aws, US, "worked", "access key on a public page", days=30, Workflow={"Status": "RESOLVED"},
                Note={"Text": "key deleted, history rewritten, SEC-41", "UpdatedBy": "jo", "UpdatedAt": at(aws, 29)})])  # fmt: skip
    aws.client("securityhub", EU).batch_import_findings(Findings=[
        finding(aws, EU, "old", "database of legacy-erp answers to everyone", days=140),
        finding(aws, EU, "new", "root signed in without MFA", days=2),
        finding(aws, EU, "clicked-away", "bucket policy lets everyone write", days=90, Workflow={"Status": "RESOLVED"})])  # fmt: skip
    aws.overlay("securityhub")


def at(aws: Aws, days: int) -> str:
    import datetime

    return f"{aws.now - datetime.timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def finding(aws: Aws, region: str, called: str, title: str, days: int, **more: dict) -> dict:
    return {
        "SchemaVersion": "2018-10-08", "Id": f"acme/{called}", "GeneratorId": "acme-audit", "AwsAccountId": ACCOUNT, "Title": title, "Description": title,
        "ProductArn": f"arn:aws:securityhub:{region}:{ACCOUNT}:product/{ACCOUNT}/default", "CreatedAt": at(aws, days), "UpdatedAt": at(aws, days),
        "Types": ["Software and Configuration Checks"], "Severity": {"Label": "CRITICAL"},
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ACCOUNT}"}], **more,
    }  # fmt: skip
