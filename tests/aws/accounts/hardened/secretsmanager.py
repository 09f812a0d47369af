"""A secret in each region that rotates, is read, and has a key of one's own."""

from accounts.common import Aws
from accounts.hardened import REGIONS

AFTER = ["kms"]


def fill(aws: Aws, made: dict) -> None:
    for region in REGIONS:
        secrets = aws.client("secretsmanager", region)
        kept = {"Name": "ledger/database", "KmsKeyId": made["kms"][region]["data"], "Tags": [{"Key": "classification", "Value": "restricted"}]}
        secrets.create_secret(SecretString="made-up-1", **kept)
        secrets.rotate_secret(SecretId="ledger/database", RotationRules={"AutomaticallyAfterDays": 30})
        aws.age("secret", region=region, name="ledger/database", created="now-700d", changed="now-12d", rotated="now-12d", next="now+18d", read="now-1d")
