"""A contact of its own for each purpose."""

from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    client = aws.client("account")
    client.put_contact_information(
        ContactInformation={
            "FullName": "Harden Example AB", "AddressLine1": "Hamngatan 4", "City": "Stockholm", "PostalCode": "111 47", "CountryCode": "SE",
            "PhoneNumber": "+46 8 5550 100",
        }  # fmt: skip
    )
    for kind, person, mail, phone in (
        ("BILLING", "Accounts payable", "billing@hardened.example", "+46 8 5550 110"),
        ("OPERATIONS", "Platform team", "platform@hardened.example", "+46 8 5550 120"),
        ("SECURITY", "Security on call", "security@hardened.example", "+46 8 5550 130"),
    ):
        client.put_alternate_contact(AlternateContactType=kind, Name=person, Title=person, EmailAddress=mail, PhoneNumber=phone)
