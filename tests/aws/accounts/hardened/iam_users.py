"""One user is left for emergencies, and one program outside AWS has a fresh key."""

from accounts.common import AWS_POLICY, Aws
from accounts.hardened import ACCOUNT

AFTER = ["iam"]


def fill(aws: Aws, made: dict) -> None:
    iam = aws.client("iam")
    iam.create_group(GroupName="break-glass")
    iam.attach_group_policy(GroupName="break-glass", PolicyArn=AWS_POLICY + "ReadOnlyAccess")
    iam.create_user(UserName="break-glass-1", Tags=[{"Key": "break-glass-use", "Value": "INC-41"}])
    iam.add_user_to_group(GroupName="break-glass", UserName="break-glass-1")
    iam.create_login_profile(UserName="break-glass-1", Password="Example-Passw0rd-only-for-tests", PasswordResetRequired=False)
    serial = f"arn:aws:iam::{ACCOUNT}:u2f/user/break-glass-1/security-key-EXAMPLE"
    iam.enable_mfa_device(UserName="break-glass-1", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    aws.age("user", name="break-glass-1", created="now-80d", password_last_used="now-10d", password_last_changed="now-30d")
    iam.create_group(GroupName="gateways")
    iam.attach_group_policy(GroupName="gateways", PolicyArn=made["iam"]["read"])
    iam.create_user(UserName="factory-gateway")
    iam.add_user_to_group(GroupName="gateways", UserName="factory-gateway")
    aws.age("user", name="factory-gateway", created="now-80d")
    made = iam.create_access_key(UserName="factory-gateway")["AccessKey"]["AccessKeyId"]
    aws.age("access_key", id=made, created="now-40d", last_used="now-1d", service="sts")
    aws.age("service_access", arn=aws.arn("user", "factory-gateway"), services={"sts": "now-1d"})
    iam.enable_mfa_device(
        UserName="factory-gateway", SerialNumber="GAHT12345678", AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
