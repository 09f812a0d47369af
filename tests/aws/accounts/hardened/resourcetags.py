"""Everything that keeps data is tagged with its class, its owner, its environment and the stack that made it. moto keeps tags per service; here the
tagging API tells them for all, so that no other service's answers change."""

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["s3", "dynamodb", "efs", "rds"]

TAGS = [{"Key": "data-classification", "Value": "confidential"}, {"Key": "owner", "Value": "ledger"}, {"Key": "environment", "Value": "production"}]
MADE_BY = {"Key": "aws:cloudformation:stack-id", "Value": "arn:aws:cloudformation:us-east-1:444455556666:stack/prod-ledger/1f0a"}


def fill(aws: Aws, _: dict) -> None:
    s3 = aws.client("s3", REGIONS[0])
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    places = {name: s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1" for name in buckets}
    for region in REGIONS:
        arns = [f"arn:aws:s3:::{name}" for name, place in places.items() if place == region]
        tables = aws.client("dynamodb", region).list_tables()["TableNames"]
        arns += [f"arn:aws:dynamodb:{region}:{aws.account}:table/{name}" for name in tables]
        arns += [one["FileSystemArn"] for one in aws.client("efs", region).describe_file_systems()["FileSystems"]]
        rds = aws.client("rds", region)
        arns += [one["DBInstanceArn"] for one in rds.describe_db_instances()["DBInstances"]]
        arns += [one["DBClusterArn"] for one in rds.describe_db_clusters()["DBClusters"]]
        listed = [{"ResourceARN": arn, "Tags": [*TAGS, MADE_BY]} for arn in sorted(arns)]
        aws.control("overlay", [{
            "account": aws.account, "region": region, "service": "resourcegroupstaggingapi", "operation": "GetResources",
            "answer": {"ResourceTagMappingList": listed, "PaginationToken": ""},
        }])  # fmt: skip
