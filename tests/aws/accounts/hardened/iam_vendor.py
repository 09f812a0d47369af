"""A vendor that watches the graphs: known by its tag, with an external id, and without a look at the data."""

from accounts.common import Aws, allow, policy, trust

VENDOR = "888877776666"


def fill(aws: Aws, _: dict) -> None:
    iam = aws.client("iam")
    trusted = trust({"AWS": f"arn:aws:iam::{VENDOR}:root"}, StringEquals={"sts:ExternalId": "hardened-6d1f2c"})
    iam.create_role(RoleName="metrics-vendor", AssumeRolePolicyDocument=trusted, Tags=[{"Key": "vendor", "Value": "Example Metrics"}])
    graphs = policy(allow(["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], "*"))
    iam.put_role_policy(RoleName="metrics-vendor", PolicyName="graphs", PolicyDocument=graphs)
    aws.age("role", name="metrics-vendor", created="now-80d", last_used="now-1d")
    aws.age("service_access", arn=aws.arn("role", "metrics-vendor"), services={"cloudwatch": "now-1d"})
