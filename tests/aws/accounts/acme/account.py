"""One person for everything; no security contact. Two opt-in regions: one holds a bucket, one nothing."""

from accounts.acme import AF
from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    account = aws.client("account")
    account.put_contact_information(
        ContactInformation={
            "FullName": "Acme Retail GmbH", "AddressLine1": "Industriestrasse 12", "City": "Hamburg", "PostalCode": "20095",
            "CountryCode": "DE", "PhoneNumber": "+49 40 5550 100",
        }  # fmt: skip
    )
    for kind in ("BILLING", "OPERATIONS"):
        account.put_alternate_contact(
            AlternateContactType=kind, Name="Jo Sand", Title="Head of IT", EmailAddress="it@acme.example", PhoneNumber="+49 40 5550 101"
        )
    for region in (AF, "eu-south-1"):
        account.enable_region(RegionName=region)
