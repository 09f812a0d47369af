"""organization, 888899990000: the management account of an organization with three members, and what it sees of them.

The unit Workloads is guarded, the unit Sandbox is not; us-east-1 is watched, eu-west-1 is not. Of the members one lets nobody in (its role
refuses) and one is suspended. The third shares a bucket with its organization and another with a stranger.
"""

from typing import Any

from accounts.common import Aws, allow, bucket, policy, tls_only, without_default_vpc

ACCOUNT = "888899990000"
US, EU = "us-east-1", "eu-west-1"
ROLE = "inventory"


def fill(port: int) -> None:
    aws = Aws(port, ACCOUNT)
    members, name = tree(aws)
    for account in (aws, Aws(port, members["security"])):
        for region in (US, EU):
            without_default_vpc(account.client("ec2", region))
    shares(Aws(port, members["security"]), name)
    services(aws)
    aws.overlay("organization.overlay.json", security=members["security"])
    aws.control(
        "fault",
        {"account": ACCOUNT, "service": "sts", "operation": "AssumeRole", "fault": "denied",
         "match": {"RoleArn": f"arn:aws:iam::{members['locked']}:role/{ROLE}"}},
    )  # fmt: skip


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


def shares(aws: Aws, organization: str) -> None:
    for called, id in (("organization-shared-data", organization), ("organization-leaked-data", "o-strangerorg")):
        bucket(aws, called, US)
        everyone = allow("s3:GetObject", f"arn:aws:s3:::{called}/*", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": id}})
        neighbour = allow("s3:PutObject", f"arn:aws:s3:::{called}/*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        aws.client("s3").put_bucket_policy(Bucket=called, Policy=policy(tls_only(called), everyone, neighbour))


def services(aws: Aws) -> None:
    client = aws.client("organizations")
    for service in ("access-analyzer", "guardduty", "macie", "securityhub"):
        client.enable_aws_service_access(ServicePrincipal=f"{service}.amazonaws.com")
    security = next(one["Id"] for one in client.list_accounts()["Accounts"] if one["Name"] == "security")
    client.register_delegated_administrator(AccountId=security, ServicePrincipal="macie.amazonaws.com")
    for region in (US, EU):
        aws.client("guardduty", region).create_detector(Enable=True)
    aws.client("guardduty", US).enable_organization_admin_account(AdminAccountId=ACCOUNT)
