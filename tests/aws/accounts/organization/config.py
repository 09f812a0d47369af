"""Config is administered by the account security, whose aggregator leaves a region out."""

from accounts.common import Aws
from accounts.organization import US

AFTER = ["organizations"]


def fill(aws: Aws, made: dict) -> None:
    security = made["organizations"]["security"]
    aws.client("organizations").register_delegated_administrator(AccountId=security, ServicePrincipal="config.amazonaws.com")
    aws.of(security).client("config", US).put_configuration_aggregator(
        ConfigurationAggregatorName="organization",
        OrganizationAggregationSource={"RoleArn": f"arn:aws:iam::{security}:role/config-aggregator", "AwsRegions": [US]},
    )
