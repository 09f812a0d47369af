"""The units, their policies and their accounts, and the services that work across them."""

from typing import Any

from accounts.common import Aws, policy
from accounts.organization import EU, US


def fill(aws: Aws, _: dict) -> dict[str, str]:
    """The accounts by name, and the id of the organization."""
    members, organization = tree(aws)
    services(aws, members["security"])
    aws.overlay("organizations", security=members["security"])
    return {**members, "organization": organization}


def tree(aws: Aws) -> tuple[dict[str, str], str]:
    """The accounts by name, and the id of the organization."""
    client = aws.client("organizations")
    organization = client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        client.enable_policy_type(RootId=root, PolicyType=kind)
    members = {}
    for unit, names in (("Workloads", ["security"]), ("Sandbox", ["locked", "old"])):
        made = client.create_organizational_unit(ParentId=root, Name=unit)["OrganizationalUnit"]["Id"]
        for called in names:
            status = client.create_account(AccountName=called, Email=f"{called}@organization.example", Tags=[{"Key": "stage", "Value": unit.lower()}])
            members[called] = status["CreateAccountStatus"]["AccountId"]
            client.move_account(AccountId=members[called], SourceParentId=root, DestinationParentId=made)
        if unit == "Workloads":
            guard(client, made, organization)
    client.close_account(AccountId=members["old"])
    return members, organization


def guard(client: Any, unit: str, organization: str) -> None:
    abroad = {"StringNotEquals": {"aws:RequestedRegion": [US, EU]}, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform"}}
    strangers = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    watch = [
        "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder",
        "guardduty:DeleteDetector", "guardduty:UpdateDetector", "securityhub:DisableSecurityHub", "organizations:LeaveOrganization",
    ]  # fmt: skip
    for kind, called, document in (
        ("SERVICE_CONTROL_POLICY", "guardrails", policy(
            deny(watch), deny("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}))),
        ("SERVICE_CONTROL_POLICY", "regions", policy(
            {"Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "route53:*", "sts:*", "support:*"], "Resource": "*", "Condition": abroad})),
        ("RESOURCE_CONTROL_POLICY", "perimeter", policy(
            deny(["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:AssumeRole"], Principal="*", Condition=strangers))),
    ):  # fmt: skip
        made = client.create_policy(Name=called, Description=called, Type=kind, Content=document)["Policy"]["PolicySummary"]["Id"]
        client.attach_policy(PolicyId=made, TargetId=unit)


def deny(action: Any, **more: Any) -> dict:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


def services(aws: Aws, security: str) -> None:
    client = aws.client("organizations")
    for service in ("access-analyzer", "guardduty", "macie", "securityhub"):
        client.enable_aws_service_access(ServicePrincipal=f"{service}.amazonaws.com")
    client.register_delegated_administrator(AccountId=security, ServicePrincipal="macie.amazonaws.com")
