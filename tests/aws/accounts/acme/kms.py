"""Keys as they should be in us-east-1, and what happens to keys that nobody owns in both regions."""

from accounts.acme import ACCOUNT, EU, US
from accounts.common import Aws, allow, key, key_policy, policy


def fill(aws: Aws, _: dict) -> dict[str, str]:
    kms = aws.client("kms", US)
    good = key(aws, US, "acme data", "kms-admin", "shop-web")
    aws.age("kms_key", region=US, id=good, created="now-600d", last_used="now-1d")
    kms.create_alias(AliasName="alias/acme-data", TargetKeyId=good)
    trail = key(aws, US, "acme trail", "kms-admin", "cloudtrail-logs")
    aws.age("kms_key", region=US, id=trail, created="now-600d", last_used="now-1d")
    # AWS's default policy: whoever has IAM rights administers and uses; no rotation.
    lax = kms.create_key(Description="acme orders")["KeyMetadata"]["Arn"]
    aws.age("kms_key", region=US, id=lax, created="now-1100d", last_used="now-400d")
    # Rotation does not apply to asymmetric keys.
    signing = key(aws, US, "acme release signing", "kms-admin", "github-shop", KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")
    aws.age("kms_key", region=US, id=signing, created="now-90d", last_used="now-4d")

    kms = aws.client("kms", EU)
    everyone = policy(
        allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        allow(["kms:Decrypt", "kms:Encrypt"], Principal={"AWS": "*"}, Condition={"StringEquals": {"kms:ViaService": f"s3.{EU}.amazonaws.com"}}),
    )
    public = kms.create_key(Description="shared with partners", Policy=everyone)["KeyMetadata"]["Arn"]
    aws.age("kms_key", region=EU, id=public, created="now-500d", last_used="now-10d")
    both = policy(allow(["kms:Put*", "kms:ScheduleKeyDeletion", "kms:Decrypt", "kms:Encrypt"], Principal={"AWS": aws.arn("role", "data-engineer")}))
    mixed = kms.create_key(Description="one role for everything", Policy=both)["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=mixed)
    aws.age("kms_key", region=EU, id=mixed, created="now-500d")
    leaving = kms.create_key(Description="old archive", Policy=key_policy(aws, "kms-admin", "shop-web"))["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=leaving, PendingWindowInDays=7)
    aws.age("kms_key", region=EU, id=leaving, created="now-500d", deletion="now+6d")
    return {"good": good, "trail": trail}
