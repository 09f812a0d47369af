"""Backups: kept, copied and tried in us-east-1, a vault that a former contractor may write to beside them, and in eu-west-1 what the console made,
beside volumes that nobody backs up."""

from accounts.acme import EU, PARTNER, STRANGER, US
from accounts.common import Aws, policy

AFTER = ["ec2", "kms", "rds"]


def fill(aws: Aws, made: dict) -> None:
    backup = aws.client("backup", US)
    backup.create_backup_vault(BackupVaultName="daily", EncryptionKeyArn=made["kms"]["good"])
    backup.put_backup_vault_lock_configuration(BackupVaultName="daily", MinRetentionDays=30, MaxRetentionDays=365)
    backup.create_backup_vault(BackupVaultName="contractor", EncryptionKeyArn=made["kms"]["good"])
    kept = plan(aws, US, "daily", "daily", [{"DestinationBackupVaultArn": f"arn:aws:backup:{US}:{PARTNER}:backup-vault:acme"}])
    old = aws.client("backup", EU)
    old.create_backup_vault(BackupVaultName="Default")
    plan(aws, EU, "erp", "Default", [])
    for region, vault, points in ((US, "daily", 2), (US, "contractor", 1), (EU, "Default", 2)):
        aws.age("backup_vault", region=region, name=vault, points=points)
    volumes = aws.client("ec2", US).describe_volumes(Filters=[{"Name": "tag:Name", "Values": ["orders"]}])["Volumes"]
    for volume in aws.client("ec2", EU).describe_volumes()["Volumes"]:
        aws.age("volume", region=EU, id=volume["VolumeId"], created="now-400d")
    stranger = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"})
    aws.overlay("backup", plan=kept, volume=volumes[0]["VolumeId"], key=made["kms"]["good"], stranger=stranger.replace('"', '\\"'))


def plan(aws: Aws, region: str, called: str, vault: str, copies: list[dict]) -> str:
    rule = {"RuleName": called, "TargetBackupVaultName": vault, "ScheduleExpression": "cron(0 3 * * ? *)", "CopyActions": copies}
    return aws.client("backup", region).create_backup_plan(BackupPlan={"BackupPlanName": called, "Rules": [rule]})["BackupPlanId"]
