"""Security Hub in both regions: a standard, every service's findings, a rule, and tickets."""

from accounts.common import Aws
from accounts.hardened import REGIONS


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        aws.client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)
    aws.overlay("securityhub")
