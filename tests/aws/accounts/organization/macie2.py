"""Macie of the member security, which the management account administers: it may ask of itself only."""

from accounts.common import Aws
from accounts.organization import US

AFTER = ["organizations", "s3"]


def fill(aws: Aws, made: dict) -> None:
    member = made["organizations"]["security"]
    aws.of(member).client("macie2", US).enable_macie(status="ENABLED")
    aws.overlay("macie2", member=member)
