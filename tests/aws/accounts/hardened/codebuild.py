"""A project that builds within the VPC: between two builds nothing but itself names its security group."""

from accounts.common import Aws, group
from accounts.hardened import REGIONS

AFTER = ["ec2", "iam"]


def fill(aws: Aws, _: dict) -> None:
    region = REGIONS[0]
    ec2 = aws.client("ec2", region)
    subnet = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["private-a"]}])["Subnets"][0]
    builds = group(ec2, subnet["VpcId"], "builds", "builds of the app", [], [("tcp", 443, 443, "10.60.0.0/16")])
    aws.client("codebuild", region).create_project(
        name="app", source={"type": "S3", "location": "hardened-source/app.zip"}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole=aws.arn("role", "app"),
        environment={
            "type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "STAGE", "value": "made-up-2", "type": "PLAINTEXT"}],
        },
        vpcConfig={"vpcId": subnet["VpcId"], "subnets": [subnet["SubnetId"]], "securityGroupIds": [builds]},
    )  # fmt: skip
