"""Inspector, administered by this account: on in one region, where new accounts do not get the scan of code."""

from accounts.common import Aws
from accounts.organization import ACCOUNT, US


def fill(aws: Aws, _: dict) -> None:
    aws.client("inspector2", US).enable(accountIds=[ACCOUNT], resourceTypes=["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])
    aws.control("overlay", {
        "account": ACCOUNT, "region": US, "service": "inspector2", "operation": "DescribeOrganizationConfiguration",
        "answer": {"autoEnable": {"ec2": True, "ecr": True, "lambda": True, "lambdaCode": False}, "maxAccountLimitReached": False}})  # fmt: skip
