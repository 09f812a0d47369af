"""On in both regions; the organization is managed from one."""

from accounts.common import Aws
from accounts.organization import ACCOUNT, REGIONS, US

AFTER = ["organizations"]


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        aws.client("guardduty", region).create_detector(Enable=True)
    aws.client("guardduty", US).enable_organization_admin_account(AdminAccountId=ACCOUNT)
    aws.overlay("guardduty")
