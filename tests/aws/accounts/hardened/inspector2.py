"""Inspector scans everything in both regions, also of new accounts, and the instances against the benchmark."""

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS

AFTER = ["ec2"]


def fill(aws: Aws, _: dict) -> None:
    aws.overlay("inspector2")
    for region in REGIONS:
        aws.client("inspector2", region).enable(accountIds=[ACCOUNT], resourceTypes=["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])
        instances = [i for one in aws.client("ec2", region).describe_instances()["Reservations"] for i in one["Instances"]]
        names = sorted({tag["Value"] for i in instances for tag in i.get("Tags", []) if tag["Key"] == "Name"})
        if names:
            aws.control("overlay", {
                "account": ACCOUNT, "region": region, "service": "inspector2", "operation": "ListCisScanConfigurations", "answer": {"scanConfigurations": [
                    {"scanConfigurationArn": f"arn:aws:inspector2:{region}:{ACCOUNT}:owner/{ACCOUNT}/cis-configuration/11111111-2222-4333-8444-666666666666",
                     "ownerId": ACCOUNT, "scanName": "daily-baseline", "securityLevel": "LEVEL_2",
                     "schedule": {"daily": {"startTime": {"timeOfDay": "02:00", "timezone": "UTC"}}},
                     "targets": {"accountIds": [ACCOUNT], "targetResourceTags": {"Name": names[:5]}}}]}})  # fmt: skip
