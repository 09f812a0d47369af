"""The member locked lets nobody in."""

from accounts.common import Aws
from accounts.organization import ACCOUNT, ROLE

AFTER = ["organizations"]


def fill(aws: Aws, made: dict) -> None:
    role = f"arn:aws:iam::{made['organizations']['locked']}:role/{ROLE}"
    aws.control("fault", {"account": ACCOUNT, "service": "sts", "operation": "AssumeRole", "fault": "denied", "match": {"RoleArn": role}})
