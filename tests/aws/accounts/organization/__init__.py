"""organization, 888899990000: the management account of an organization with four members, and what it sees of them.

The unit Workloads is guarded, the units Sandbox and Payments are not; us-east-1 is watched, eu-west-1 is not. Of the members two let nobody in
(their roles refuse) and one is suspended. The last shares a bucket with its organization and another with a stranger.
"""

ACCOUNT = "888899990000"
US, EU = "us-east-1", "eu-west-1"
REGIONS = [US, EU]
ROLE = "inventory"
SCAN = ["--org", "--role-name", ROLE]
