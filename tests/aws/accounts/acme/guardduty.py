"""GuardDuty: tuned in us-east-1, as it was years ago in eu-west-1, and not on in af-south-1."""

from accounts.acme import EU, US
from accounts.common import Aws, guarded


def fill(aws: Aws, _: dict) -> None:
    here, there = guarded(aws, US), guarded(aws, EU, "DISABLED")
    scanner = {"type": {"Eq": ["Recon:EC2/Portscan"]}, "resource.instanceDetails.tags.value": {"Eq": ["scanner"]}}
    for region, detector, called, criterion in ((US, here, "portscan", scanner), (EU, there, "quiet-please", {"severity": {"Lt": 9}})):
        client = aws.client("guardduty", region)
        client.create_filter(DetectorId=detector, Name=called, Action="ARCHIVE", FindingCriteria={"Criterion": criterion})
    aws.overlay("guardduty")
