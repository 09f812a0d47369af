"""Stacks: in us-east-1 they deploy with a role, in eu-west-1 by hand."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws
from accounts.deployed import stack

ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-deploy"


def fill(aws: Aws, _: dict) -> None:
    stack(aws, US, "prod-shop", {"Url": "https://shop.example.com/", "DatabaseSecretArn": f"arn:aws:secretsmanager:{US}:{ACCOUNT}:secret:shop/database-a1b2c3"}, RoleARN=ROLE, EnableTerminationProtection=True)
    stack(aws, US, "security-baseline", {}, RoleARN=ROLE)
    aws.age("stack", region=US, name="security-baseline", drift="IN_SYNC", checked="now-3d")
    stack(aws, US, "guardrails-old", {}, RoleARN=ROLE)
    aws.age("stack", region=US, name="guardrails-old", drift="IN_SYNC", checked="now-200d")
    stack(aws, US, "CDKToolkit", {"BootstrapVersion": "30", "BucketName": f"cdk-hnb659fds-assets-{ACCOUNT}-{US}"}, RoleARN=ROLE)

    stack(aws, EU, "legacy-erp", {"DatabasePassword": "made-up-but-secret-1", "Endpoint": "erp.example.com"})
    stack(aws, EU, "legacy-prod", {"AdminUrl": "https://admin:made-up-2@erp.example.com/"})
    stack(aws, EU, "landing-zone-logs", {})
    aws.age("stack", region=EU, name="landing-zone-logs", drift="DRIFTED", checked="now-10d")
    stack(aws, EU, "CDKToolkit-erp", {"BootstrapVersion": "14", "BucketName": f"cdk-erp-assets-{ACCOUNT}-{EU}"})
