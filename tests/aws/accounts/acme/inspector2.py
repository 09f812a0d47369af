"""Inspector: everything in us-east-1, only instances in eu-west-1, where findings pile up, and nothing in af-south-1."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws

AFTER = ["ec2"]


def fill(aws: Aws, _: dict) -> None:
    aws.client("inspector2", US).enable(accountIds=[ACCOUNT], resourceTypes=["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])
    aws.client("inspector2", EU).enable(accountIds=[ACCOUNT], resourceTypes=["EC2"])
    server = aws.client("ec2", EU).describe_instances(Filters=[{"Name": "tag:Name", "Values": ["legacy-erp"]}])
    aws.overlay("inspector2", server=server["Reservations"][0]["Instances"][0]["InstanceId"])
