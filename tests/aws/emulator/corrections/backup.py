"""AWS Backup: a vault has a type and a state, and a key also where nobody named one."""

from emulator.call import Call
from emulator.corrections import corrects


@corrects("backup", "ListBackupVaults")
def vaults(call: Call, answer: dict) -> dict:
    for vault in answer.get("BackupVaultList", []):
        vault.setdefault("VaultType", "BACKUP_VAULT")
        vault.setdefault("VaultState", "AVAILABLE")
        if not vault.get("EncryptionKeyArn"):
            # What AWS Backup makes for the account: aws/backup.
            vault["EncryptionKeyArn"] = f"arn:aws:kms:{call.region}:{call.account}:key/0a1b2c3d-0000-4000-8000-0000000b4c09"
    return answer
