"""Systems Manager, alike in both regions: the instance is patched by a policy, runbooks are practised, sessions are logged."""

import json

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["ec2"]

PREFERENCES = {
    "schemaVersion": "1.0", "description": "Preferences for sessions", "sessionType": "Standard_Stream",
    "inputs": {"s3BucketName": "", "s3EncryptionEnabled": True, "cloudWatchLogGroupName": "/hardened/sessions", "cloudWatchEncryptionEnabled": True},
}  # fmt: skip


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        ssm = aws.client("ssm", region)
        for called, api in (("rotate-app", "RebootInstances"), ("isolate-instance", "ModifyInstanceAttribute")):
            ssm.create_document(Name=called, DocumentType="Automation", DocumentFormat="JSON", Content=runbook(api))
        ssm.create_document(Name="SSM-SessionManagerRunShell", DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(PREFERENCES))
        ssm.put_parameter(Name="/app/db/password", Type="SecureString", Value="not in this file")
        found = aws.client("ec2", region).describe_instances(Filters=[{"Name": "tag:Name", "Values": ["app"]}])
        aws.overlay("ssm", region=region, app=found["Reservations"][0]["Instances"][0]["InstanceId"])


def runbook(api: str) -> str:
    step = {"name": "step", "action": "aws:executeAwsApi", "inputs": {"Service": "ec2", "Api": api, "InstanceIds": ["{{ InstanceId }}"]}}
    return json.dumps({"schemaVersion": "0.3", "parameters": {"InstanceId": {"type": "String"}}, "mainSteps": [step]}, indent=1)
