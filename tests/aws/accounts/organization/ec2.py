"""Nothing runs here: the default VPCs are gone."""

from accounts.common import Aws, without_default_vpc
from accounts.organization import REGIONS

AFTER = ["organizations"]


def fill(aws: Aws, made: dict) -> None:
    for account in (aws, aws.of(made["organizations"]["security"])):
        for region in REGIONS:
            without_default_vpc(account.client("ec2", region))
