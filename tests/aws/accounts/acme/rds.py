"""Databases: what somebody took care of in us-east-1, and what is older than the care in eu-west-1."""

from accounts.acme import EU, US
from accounts.common import Aws

AFTER = ["kms"]


def fill(aws: Aws, made: dict) -> None:
    rds = aws.client("rds", US)
    instance = {"DBInstanceClass": "db.t4g.medium", "AllocatedStorage": 20, "MasterUsername": "shop", "MasterUserPassword": "made-up-1"}
    key = made["kms"]["good"]
    rds.create_db_instance(DBInstanceIdentifier="orders", Engine="postgres", StorageEncrypted=True, KmsKeyId=key, **instance)
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-before-upgrade")
    cluster = {"MasterUsername": "shop", "MasterUserPassword": "made-up-1"}
    rds.create_db_cluster(DBClusterIdentifier="catalogue", Engine="aurora-mysql", StorageEncrypted=True, KmsKeyId=key, **cluster)
    rds.create_db_instance(DBInstanceIdentifier="catalogue-1", Engine="aurora-mysql", DBInstanceClass="db.r6g.large", DBClusterIdentifier="catalogue")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="catalogue", DBClusterSnapshotIdentifier="catalogue-yearly")

    rds = aws.client("rds", EU)
    rds.create_db_instance(DBInstanceIdentifier="legacy-erp", Engine="mysql", Tags=[{"Key": "team", "Value": "erp"}], **instance)
    rds.create_db_snapshot(DBInstanceIdentifier="legacy-erp", DBSnapshotIdentifier="legacy-erp-2021")
    rds.create_db_cluster(DBClusterIdentifier="reporting", Engine="aurora-postgresql", **cluster)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="reporting", DBClusterSnapshotIdentifier="reporting-2022")
