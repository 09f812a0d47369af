"""A file system of a shop that nobody backs up, and one that was never used."""

from accounts.acme import ACCOUNT, US
from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    efs = aws.client("efs", US)
    for called in ("uploads", "try-out"):
        efs.create_file_system(CreationToken=called, Encrypted=True, Tags=[{"Key": "Name", "Value": called}])
    systems = efs.describe_file_systems()["FileSystems"]
    for one in systems:
        size = 73_400_320 if one["Name"] == "uploads" else 6144
        one.update(SizeInBytes={"Value": size}, CreationTime=one["CreationTime"].isoformat())
    aws.control("overlay", {"account": ACCOUNT, "region": US, "service": "efs", "operation": "DescribeFileSystems", "answer": {"FileSystems": systems}})
