"""A key that rotates, one that does not, and one that the scan may not ask about."""

from accounts.common import Aws, key
from accounts.small import ACCOUNT, US


def fill(aws: Aws, _: dict) -> None:
    kms = aws.client("kms", US)
    key(aws, US, "orders", "kms-admin", "shop")
    kms.create_key(Description="drafts", Tags=[{"TagKey": "owner", "TagValue": "shop"}])
    hidden = key(aws, US, "payroll", "kms-admin", "payroll")
    fault = {"account": ACCOUNT, "service": "kms", "operation": "GetKeyRotationStatus", "fault": "denied"}
    aws.control("fault", {**fault, "match": {"KeyId": hidden}})
