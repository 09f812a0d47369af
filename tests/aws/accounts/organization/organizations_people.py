"""Management policies, a unit that nobody thought of, and a root mailbox at a public provider.

Workloads has what the organization recommends, Payments nothing; nobody gets into its one account.
"""

import json
from typing import Any

from accounts.common import Aws
from accounts.organization import ACCOUNT, ROLE

AFTER = ["organizations"]

NONE = {"@@operators_allowed_for_child_policies": ["@@none"]}


def fill(aws: Aws, made: dict) -> dict[str, str]:
    """The account of the new unit."""
    client = aws.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    units = {one["Name"]: one["Id"] for one in client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]}
    for kind in ("AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "DECLARATIVE_POLICY_EC2", "GUARDDUTY_POLICY", "TAG_POLICY"):
        client.enable_policy_type(RootId=root, PolicyType=kind)
    attach(client, "AISERVICES_OPT_OUT_POLICY", "opt-out", root, {"services": {"default": {"opt_out_policy": {**NONE, "@@assign": "optOut"}}}})
    attach(client, "GUARDDUTY_POLICY", "detectors", root, {"guardduty": {}})
    for kind, called, document in recommended():
        attach(client, kind, called, units["Workloads"], document)
    payments = client.create_organizational_unit(ParentId=root, Name="Payments")["OrganizationalUnit"]["Id"]
    status = client.create_account(AccountName="payroll", Email="payroll@organization.example", Tags=[{"Key": "environment", "Value": "production"}])
    payroll = status["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=payroll, SourceParentId=root, DestinationParentId=payments)
    role = f"arn:aws:iam::{payroll}:role/{ROLE}"
    aws.control("fault", {"account": ACCOUNT, "service": "sts", "operation": "AssumeRole", "fault": "denied", "match": {"RoleArn": role}})
    accounts = [{**one, "JoinedTimestamp": "${now-400d}"} for one in client.list_accounts()["Accounts"]]
    for one in accounts:
        if one["Id"] == ACCOUNT:
            one["Email"] = "organization.root@gmail.com"
    aws.control("overlay", {"account": ACCOUNT, "service": "organizations", "operation": "ListAccounts", "answer": {"Accounts": accounts}})
    return {"payroll": payroll}


def recommended() -> list[tuple[str, str, Any]]:
    def assign(value: Any) -> dict:
        return {"@@assign": value}

    rules = {"daily": {"schedule_expression": assign("cron(0 5 ? * * *)"), "target_backup_vault_name": assign("Default")}}
    selected = {"tags": {"data": {"iam_role_arn": assign("arn:aws:iam::$account:role/Backup"), "tag_key": assign("backup"), "tag_value": assign(["daily"])}}}
    plan = {"regions": assign(["us-east-1"]), "rules": rules, "selections": selected}
    return [
        ("BACKUP_POLICY", "daily", {"plans": {"daily": plan}}),
        ("TAG_POLICY", "tags", {"tags": {"owner": {"tag_key": assign("Owner")}, "class": {"tag_key": assign("DataClassification")}}}),
        ("DECLARATIVE_POLICY_EC2", "ec2", {"ec2_attributes": {
            "instance_metadata_defaults": {"http_tokens": assign("required")},
            "serial_console_access": {"status": assign("disabled")},
            "image_block_public_access": {"state": assign("block_new_sharing")},
            "snapshot_block_public_access": {"state": assign("block_all_sharing")},
            "vpc_block_public_access": {"internet_gateway_block": {"mode": assign("block_ingress"), "exclusions_allowed": assign("enabled")}}}}),
    ]  # fmt: skip


def attach(client: Any, kind: str, called: str, target: str, document: Any) -> None:
    made = client.create_policy(Name=called, Description=called, Type=kind, Content=json.dumps(document))["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=made, TargetId=target)
