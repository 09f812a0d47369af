"""People and programs, with passwords and keys of every age."""

from typing import Any

from accounts.acme import ACCOUNT, EU, US
from accounts.common import AWS_POLICY, Aws, allow, policy

#: Groups and users carry policies of the account.
AFTER = ["iam"]


def fill(aws: Aws, _: dict) -> None:
    iam = aws.client("iam")
    for called, attached, inline in (
        ("admins", ["AdministratorAccess"], {}),
        ("developers", ["ReadOnlyAccess", "AWSCloudShellFullAccess"], {}),
        ("deployers", [f"arn:aws:iam::{ACCOUNT}:policy/acme-deploy"], {}),
        ("interns", [], {"everything-in-s3": policy(allow("s3:*"))}),
    ):
        iam.create_group(GroupName=called)
        for one in attached:
            iam.attach_group_policy(GroupName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
        for title, document in inline.items():
            iam.put_group_policy(GroupName=called, PolicyName=title, PolicyDocument=document)

    def user(called: str, groups: list[str], password: str | None = None, mfa: str | None = None, age: str = "now-900d") -> None:
        """`password`: when it was last used. `mfa`: "fido" or "virtual"."""
        iam.create_user(UserName=called)
        for one in groups:
            iam.add_user_to_group(GroupName=one, UserName=called)
        if password:
            iam.create_login_profile(UserName=called, Password="Example-Passw0rd-only-for-tests", PasswordResetRequired=False)
        aws.age("user", name=called, created=age, password_last_used=password, password_last_changed="now-60d" if password else None)
        if mfa:
            serial = f"arn:aws:iam::{ACCOUNT}:u2f/user/{called}/security-key-EXAMPLE"
            if mfa == "virtual":
                serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=called)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(UserName=called, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")

    def access_key(of: str, **ages: Any) -> None:
        made = iam.create_access_key(UserName=of)["AccessKey"]["AccessKeyId"]
        aws.age("access_key", id=made, **ages)

    user("ada", ["admins"], password="now-1d", mfa="fido")
    user("ben", ["admins"], password="now-3d", mfa="virtual")
    user("cleo", ["developers"], password="now-2d")
    user("dan", ["developers"], password="now-200d", mfa="virtual")
    user("eve", ["developers", "deployers"], password="now-5d", mfa="virtual", age="now-20d")
    user("backup-job", [])
    user("ci-runner", ["deployers"])
    user("report-export", [])
    user("bedrock-notebook", [])
    user("bedrock-service", ["developers"])

    access_key("backup-job", created="now-800d", last_used="now-1d", service="s3", region=EU)
    access_key("ci-runner", created="now-30d", last_used="now-2d", service="sts", region=US)
    access_key("report-export", created="now-300d", last_used=None)
    access_key("report-export", created="now-40d", last_used="now-9d", service="dynamodb", region=US)
    access_key("eve", created="now-20d", last_used=None)
    aws.age("service_access", arn=aws.arn("user", "backup-job"), services={"s3": "now-1d", "glacier": None})
    aws.age("service_access", arn=aws.arn("user", "ci-runner"), services={"sts": "now-2d", "iam": None, "lambda": None})
    aws.age("service_access", arn=aws.arn("user", "report-export"), services={"dynamodb": "now-9d"})
    for called in ("ada", "ben", "cleo", "dan", "eve"):
        aws.age("service_access", arn=aws.arn("user", called), services={"iam": "now-1d", "ec2": "now-1d", "rds": "now-100d" if called == "ben" else "now-7d"})

    iam.attach_user_policy(UserName="backup-job", PolicyArn=AWS_POLICY + "AdministratorAccess")
    iam.put_user_policy(UserName="report-export", PolicyName="read-orders", PolicyDocument=policy(
        allow(["dynamodb:Query", "dynamodb:GetItem"], f"arn:aws:dynamodb:{US}:{ACCOUNT}:table/orders")))  # fmt: skip
    iam.put_user_policy(UserName="bedrock-notebook", PolicyName="all-models", PolicyDocument=policy(allow("bedrock:*")))
