"""An aggregator of the organization in the management account: Config is delegated to nobody."""

from accounts.common import Aws
from accounts.organization import ACCOUNT, US

AFTER = ["organizations"]


def fill(aws: Aws, _: dict) -> None:
    aws.client("config", US).put_configuration_aggregator(
        ConfigurationAggregatorName="organization",
        OrganizationAggregationSource={"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/config-aggregator", "AllAwsRegions": True},
    )
