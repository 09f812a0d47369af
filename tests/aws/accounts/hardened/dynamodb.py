"""A table in each region; the trail of the account records what is read from them and written to them."""

from accounts.common import Aws
from accounts.hardened import REGIONS


def fill(aws: Aws, _: dict) -> None:
    key = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    for region in REGIONS:
        aws.client("dynamodb", region).create_table(TableName="ledger", BillingMode="PAY_PER_REQUEST", **key)
