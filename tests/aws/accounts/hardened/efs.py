"""A file system with files in each region."""

from accounts.common import Aws
from accounts.hardened import ACCOUNT, REGIONS


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        efs = aws.client("efs", region)
        efs.create_file_system(CreationToken="ledger", Encrypted=True, Tags=[{"Key": "Name", "Value": "ledger"}])
        systems = efs.describe_file_systems()["FileSystems"]
        for one in systems:
            one.update(SizeInBytes={"Value": 5_368_709_120}, CreationTime=one["CreationTime"].isoformat())
        aws.control("overlay", {
            "account": ACCOUNT, "region": region, "service": "efs", "operation": "DescribeFileSystems", "answer": {"FileSystems": systems}})  # fmt: skip
