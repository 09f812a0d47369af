"""Stacks that a role deploys, with a baseline that was looked at."""

from accounts.common import Aws
from accounts.deployed import stack
from accounts.hardened import ACCOUNT, REGIONS

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        stack(aws, region, "prod-ledger", {"Url": "https://ledger.example.com/"}, RoleARN=ROLE, EnableTerminationProtection=True)
        stack(aws, region, "security-baseline", {}, RoleARN=ROLE, EnableTerminationProtection=True)
        aws.age("stack", region=region, name="security-baseline", drift="IN_SYNC", checked="now-3d")
        stack(aws, region, "CDKToolkit", {"BootstrapVersion": "30", "BucketName": f"cdk-hnb659fds-assets-{ACCOUNT}-{region}"}, RoleARN=ROLE)
