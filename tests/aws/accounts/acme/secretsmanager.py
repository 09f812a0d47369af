"""Secrets: in us-east-1 one that is looked after and one whose rotation fails, in eu-west-1 what people left there."""

from accounts.acme import EU, PARTNER, US
from accounts.common import Aws, allow, policy

AFTER = ["kms"]


def fill(aws: Aws, made: dict) -> None:
    secrets = aws.client("secretsmanager", US)
    kept = {"Name": "shop/database", "KmsKeyId": made["kms"]["good"], "Tags": [{"Key": "classification", "Value": "confidential"}]}
    secrets.create_secret(SecretString="made-up-1", **kept)
    secrets.rotate_secret(SecretId="shop/database", RotationRules={"AutomaticallyAfterDays": 30})
    aws.age("secret", region=US, name="shop/database", created="now-700d", changed="now-12d", rotated="now-12d", next="now+18d", read="now-1d")
    secrets.create_secret(Name="billing/api", SecretString="made-up-2", Tags=[{"Key": "classification", "Value": "pci"}])
    secrets.rotate_secret(SecretId="billing/api", RotationRules={"AutomaticallyAfterDays": 30})
    secrets.put_secret_value(SecretId="billing/api", SecretString="made-up-3", VersionStages=["AWSPENDING"])
    aws.age("secret", region=US, name="billing/api", created="now-500d", changed="now-70d", rotated="now-100d", next="now-70d", read="now-3d")
    secrets.create_secret(Name="rds!db-orders", SecretString="made-up-4", Tags=[{"Key": "aws:secretsmanager:owningService", "Value": "rds"}])
    aws.age("secret", region=US, name="rds!db-orders", created="now-400d", changed="now-5d", rotated="now-5d", read="now-1d")

    secrets = aws.client("secretsmanager", EU)
    secrets.create_secret(Name="smtp", SecretString="made-up-5")
    aws.age("secret", region=EU, name="smtp", created="now-1200d", changed="now-1200d")
    secrets.create_secret(Name="partner-feed", SecretString="made-up-6")
    partner = {"AWS": f"arn:aws:iam::{PARTNER}:root"}
    secrets.put_resource_policy(SecretId="partner-feed", ResourcePolicy=policy(allow("secretsmanager:GetSecretValue", Principal=partner)))
    aws.age("secret", region=EU, name="partner-feed", created="now-300d", changed="now-20d", read="now-2d")
    secrets.create_secret(Name="open-data", SecretString="made-up-7")
    secrets.put_resource_policy(SecretId="open-data", ResourcePolicy=policy(allow("secretsmanager:*", Principal="*")))
    aws.age("secret", region=EU, name="open-data", created="now-60d", changed="now-60d", read="now-30d")
