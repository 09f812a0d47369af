"""acme, 111122223333: a company's first account, five years old, half cleaned up. Every check of the first wave fails here.

us-east-1 is where somebody tidied, eu-west-1 is where nobody looked, and af-south-1 was switched on and forgotten: what is set per region passes
in the first and fails in the others.
"""

ACCOUNT = "111122223333"
US, EU, AF = "us-east-1", "eu-west-1", "af-south-1"
REGIONS = [US, EU, AF]
ROLE = "inventory"
#: Accounts that are not acme's: an archive, a partner, and whoever was quicker with a bucket name.
PARTNER, STRANGER = "222233334444", "999988887777"
