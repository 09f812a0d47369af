"""Macie: on in us-east-1, where a job ran long ago; paused in eu-west-1 after the trial."""

from accounts.acme import EU, US
from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    aws.client("macie2", US).enable_macie(status="ENABLED")
    aws.client("macie2", EU).enable_macie(status="PAUSED")
    aws.overlay("macie2")
