"""Identity Center in eu-west-1: a directory that sends most users, a set for administrators that has spread, and one that nobody has."""

import uuid
from typing import Any

from accounts.common import AWS_POLICY, Aws, allow, policy
from accounts.organization import ACCOUNT, EU

AFTER = ["organizations"]

INSTANCE = "arn:aws:sso:::instance/ssoins-68041e2a3b4c5d6f"
STORE = "d-93671a2b3c"


def fill(aws: Aws, made: dict) -> None:
    client = aws.client("sso-admin", EU)
    instance = {"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "OwnerAccountId": ACCOUNT, "Status": "ACTIVE", "PrimaryRegion": EU}
    answer(aws, "sso-admin", "ListInstances", {"Instances": [instance]})
    security = made["organizations"]["security"]
    for name, hours, managed, inline, assigned in (
        ("Administrator", 8, "AdministratorAccess", None, [("GROUP", "platform"), ("GROUP", "support"), ("GROUP", "research"), ("USER", "ann")]),
        ("Auditor", 8, "SecurityAudit", None, [("GROUP", "security")]),
        ("Everything", 1, None, policy(allow("*", "*")), [("GROUP", "platform")]),
        ("TeamData", 12, None, policy(allow("s3:GetObject", "arn:aws:s3:::data/${aws:PrincipalTag/team}/*")), [("GROUP", "research")]),
        ("Unused", 1, "ReadOnlyAccess", None, []),
    ):  # fmt: skip
        made_here = client.create_permission_set(Name=name, InstanceArn=INSTANCE, SessionDuration=f"PT{hours}H")["PermissionSet"]["PermissionSetArn"]
        of = {"InstanceArn": INSTANCE, "PermissionSetArn": made_here}
        if managed:
            client.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=AWS_POLICY + managed)
        if inline:
            client.put_inline_policy_to_permission_set(**of, InlinePolicy=inline)
        for kind, who in assigned:
            client.create_account_assignment(**of, TargetId=security, TargetType="AWS_ACCOUNT", PrincipalType=kind, PrincipalId=principal(who))
    attributes = [{"Key": "team", "Value": {"Source": ["${path:enterprise.department}"]}}]
    answer(aws, "sso-admin", "DescribeInstanceAccessControlAttributeConfiguration", {
        "Status": "ENABLED", "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": attributes}})  # fmt: skip
    sent = [{"Issuer": "https://scim.eu-west-1.amazonaws.com/EXAMPLE/scim/v2", "Id": "00u1"}]
    answer(aws, "identitystore", "ListUsers", {"Users": [
        user("ann", ExternalIds=sent, DisplayName="Ann Example"),
        user("bob", DisplayName="Bob Example", Emails=[{"Value": "bob@organization.example", "Primary": True}]),
        user("eve", UserStatus="DISABLED"),
        user("break-glass-1")]})  # fmt: skip


def principal(name: str) -> str:
    return f"93671a2b3c-{uuid.uuid5(uuid.NAMESPACE_OID, name)}"


def user(name: str, **more: Any) -> dict:
    id = principal(name)
    arn = f"arn:aws:identitystore:::user/{id}"
    return {"IdentityStoreId": STORE, "UserId": id, "UserArn": arn, "Revision": "1", "UserName": name, "UserStatus": "ENABLED", **more}


def answer(aws: Aws, service: str, operation: str, given: Any) -> None:
    aws.control("overlay", {"account": ACCOUNT, "region": EU, "service": service, "operation": operation, "answer": given})
