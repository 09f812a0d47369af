"""GuardDuty with all protections in each region, and detections of the company's own."""

from accounts.common import Aws, guarded
from accounts.hardened import REGIONS


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        guarded(aws, region)
    aws.overlay("guardduty")
