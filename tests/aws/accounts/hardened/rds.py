"""A database and a cluster in each region, encrypted like their snapshots."""

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["ec2"]


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        groups = aws.client("ec2", region).describe_security_groups(Filters=[{"Name": "group-name", "Values": ["database"]}])["SecurityGroups"]
        rds = aws.client("rds", region)
        admin = {"MasterUsername": "ledger", "MasterUserPassword": "made-up-1", "StorageEncrypted": True, "VpcSecurityGroupIds": [groups[0]["GroupId"]]}
        rds.create_db_instance(
            DBInstanceIdentifier="ledger", Engine="postgres", DBInstanceClass="db.t4g.medium", AllocatedStorage=20, **admin
        )
        rds.create_db_snapshot(DBInstanceIdentifier="ledger", DBSnapshotIdentifier="ledger-quarter")
        rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-postgresql", **admin)
        rds.create_db_cluster_snapshot(DBClusterIdentifier="shop", DBClusterSnapshotIdentifier="shop-quarter")
