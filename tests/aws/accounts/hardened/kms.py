"""Two keys in each region, for data and for trails."""

from accounts.common import Aws, key
from accounts.hardened import REGIONS


def fill(aws: Aws, _: dict) -> dict[str, dict[str, str]]:
    """The keys' ARNs, by region."""
    return {region: keys(aws, region) for region in REGIONS}


def keys(aws: Aws, region: str) -> dict[str, str]:
    made = {"data": key(aws, region, "data", "kms-admin", "app"), "trail": key(aws, region, "trail", "kms-admin", "cloudtrail-logs")}
    for one in made.values():
        aws.age("kms_key", region=region, id=one, created="now-300d", last_used="now-1d")
    aws.client("kms", region).create_alias(AliasName="alias/data", TargetKeyId=made["data"])
    return made
