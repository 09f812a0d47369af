"""organization, 888899990000: the management account of an organization with three members, and what it sees of them.

The unit Workloads is guarded, the unit Sandbox is not; us-east-1 is watched, eu-west-1 is not. Of the members one lets nobody in (its role
refuses) and one is suspended. The third shares a bucket with its organization and another with a stranger.
"""

ACCOUNT = "888899990000"
US, EU = "us-east-1", "eu-west-1"
REGIONS = [US, EU]
ROLE = "inventory"
SCAN = ["--org", "--role-name", ROLE]
