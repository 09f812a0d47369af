"""Backups in both regions: of everything, locked, copied to the log archive account, judged and tried."""

from accounts.common import Aws
from accounts.hardened import ACCOUNT, ARCHIVE, REGIONS

AFTER = ["dynamodb", "ec2", "efs", "kms", "rds"]


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        backup = aws.client("backup", region)
        backup.create_backup_vault(BackupVaultName="daily")
        backup.put_backup_vault_lock_configuration(BackupVaultName="daily", MinRetentionDays=35, MaxRetentionDays=400)
        aws.age("backup_vault", region=region, name="daily", points=1)
        copies = [{"DestinationBackupVaultArn": f"arn:aws:backup:{region}:{ARCHIVE}:backup-vault:copies"}]
        rule = {"RuleName": "daily", "TargetBackupVaultName": "daily", "ScheduleExpression": "cron(0 3 * * ? *)", "CopyActions": copies}
        backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [rule]})
        backup.create_report_plan(
            ReportPlanName="failed_jobs", ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
            ReportDeliveryChannel={"S3BucketName": f"hardened-access-logs-{region}", "Formats": ["CSV"]},
        )  # fmt: skip
        protected = [{"ResourceArn": arn, "LastBackupTime": "${now-1d}"} for arn in stores(aws, region)]
        aws.control("overlay", {
            "account": ACCOUNT, "region": region, "service": "backup", "operation": "ListProtectedResources", "answer": {"Results": protected}})  # fmt: skip
    aws.overlay("backup")


def stores(aws: Aws, region: str) -> list[str]:
    rds, arn = aws.client("rds", region), f"{region}:{ACCOUNT}"
    return [
        *(f"arn:aws:ec2:{arn}:volume/{one['VolumeId']}" for one in aws.client("ec2", region).describe_volumes()["Volumes"]),
        *(one["DBInstanceArn"] for one in rds.describe_db_instances()["DBInstances"]),
        *(one["DBClusterArn"] for one in rds.describe_db_clusters()["DBClusters"]),
        *(f"arn:aws:dynamodb:{arn}:table/{one}" for one in aws.client("dynamodb", region).list_tables()["TableNames"]),
        *(one["FileSystemArn"] for one in aws.client("efs", region).describe_file_systems()["FileSystems"]),
    ]
