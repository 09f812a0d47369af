"""Systems Manager: us-east-1 is patched and has its runbooks, eu-west-1 has scripts that somebody shared, passwords in clear and a server that nobody patches."""

import json

from accounts.acme import EU, PARTNER, US
from accounts.common import Aws

AFTER = ["ec2", "ec2_connections"]

PREFERENCES = {
    "schemaVersion": "1.0", "description": "Preferences for sessions", "sessionType": "Standard_Stream",
    "inputs": {"s3BucketName": "acme-sessions", "s3KeyPrefix": "", "s3EncryptionEnabled": True, "cloudWatchLogGroupName": "", "cloudWatchEncryptionEnabled": True},
}  # fmt: skip


def fill(aws: Aws, _: dict) -> None:
    documents(aws)
    parameters(aws)
    window(aws)
    aws.overlay(
        "ssm", app=instance(aws, US, "shop-app"), router=instance(aws, US, "router"), erp=instance(aws, EU, "legacy-erp"), worker=instance(aws, EU, "test-worker")
    )


def instance(aws: Aws, region: str, called: str) -> str:
    found = aws.client("ec2", region).describe_instances(Filters=[{"Name": "tag:Name", "Values": [called]}])
    return found["Reservations"][0]["Instances"][0]["InstanceId"]


def script(*lines: str) -> str:
    step = {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": list(lines)}}
    return json.dumps({"schemaVersion": "2.2", "description": "a script", "mainSteps": [step]}, indent=1)


def runbook(api: str) -> str:
    step = {"name": "step", "action": "aws:executeAwsApi", "inputs": {"Service": "ec2", "Api": api, "InstanceIds": ["{{ InstanceId }}"]}}
    return json.dumps({"schemaVersion": "0.3", "parameters": {"InstanceId": {"type": "String"}}, "mainSteps": [step]}, indent=1)


def documents(aws: Aws) -> None:
    us, eu = aws.client("ssm", US), aws.client("ssm", EU)
    us.create_document(Name="restart-shop", DocumentType="Automation", DocumentFormat="JSON", Content=runbook("RebootInstances"))
    contain = [{"Key": "purpose", "Value": "containment"}]
    us.create_document(Name="pull-the-plug", DocumentType="Automation", DocumentFormat="JSON", Content=runbook("StopInstances"), Tags=contain)
    us.create_document(Name="SSM-SessionManagerRunShell", DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(PREFERENCES))
    password = "=".join(("export DB_PASSWORD", "orders2019!"))
    eu.create_document(Name="legacy-bootstrap", DocumentType="Command", DocumentFormat="JSON", Content=script("#!/bin/sh", password, "./install.sh"))
    eu.create_document(Name="vendor-setup", DocumentType="Command", DocumentFormat="JSON", Content=script("yum -y install vendor-agent"))
    eu.modify_document_permission(Name="legacy-bootstrap", PermissionType="Share", AccountIdsToAdd=["all"])
    eu.modify_document_permission(Name="vendor-setup", PermissionType="Share", AccountIdsToAdd=[PARTNER])


def parameters(aws: Aws) -> None:
    us, eu = aws.client("ssm", US), aws.client("ssm", EU)
    us.put_parameter(Name="/shop/db/password", Type="SecureString", Value="not in this file")
    us.put_parameter(Name="/shop/db/host", Type="String", Value="db.shop.internal")
    eu.put_parameter(Name="/legacy/erp/db-password", Type="String", Value="not in this file")


def window(aws: Aws) -> None:
    """On Sundays the shop is patched."""
    ssm = aws.client("ssm", US)
    made = ssm.create_maintenance_window(Name="sundays", Schedule="cron(0 3 ? * SUN *)", Duration=3, Cutoff=1, AllowUnassociatedTargets=False)["WindowId"]
    shop = [{"Key": "tag:Name", "Values": ["shop-app"]}]
    target = ssm.register_target_with_maintenance_window(WindowId=made, ResourceType="INSTANCE", Targets=shop)["WindowTargetId"]
    ssm.register_task_with_maintenance_window(
        WindowId=made, TaskArn="AWS-RunPatchBaseline", TaskType="RUN_COMMAND", Targets=[{"Key": "WindowTargetIds", "Values": [target]}],
        MaxConcurrency="1", MaxErrors="1",
    )  # fmt: skip
