"""A table that only the event data store of us-east-1 records, and one in eu-west-1 that nothing does."""

from accounts.acme import EU, US
from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    key = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    for region, called in ((US, "orders"), (EU, "sessions")):
        aws.client("dynamodb", region).create_table(TableName=called, BillingMode="PAY_PER_REQUEST", **key)
