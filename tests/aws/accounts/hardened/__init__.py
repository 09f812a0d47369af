"""hardened, 444455556666: the management account of a small organization, kept as it should be. Nothing fails here.

Both regions are set up alike, and the regions' default VPCs are gone. What the log archive account holds is judged there.
"""

ACCOUNT = "444455556666"
US, EU = "us-east-1", "eu-west-1"
REGIONS = [US, EU]
ROLE = "security-audit"
ARCHIVE, SECURITY = "555566667777", "666677778888"
