"""Macie in each region: by itself in the one, by a weekly job in the other."""

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["s3"]


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        aws.client("macie2", region).enable_macie(status="ENABLED")
    aws.overlay("macie2")
