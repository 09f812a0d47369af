"""small, 777788889999: a few resources and a few checks, whose whole reports a person can read: as text, as SARIF, as Markdown.

The checks are named, so that a new one changes nothing here.
"""

ACCOUNT = "777788889999"
US = "us-east-1"
REGIONS = [US]
ROLE = "inventory"
CHECKS = [
    "account_security_contact_registered", "cloudtrail_kms_encrypted", "iam_root_mfa_enabled", "kms_key_policy_not_public", "kms_key_rotation_enabled",
    "s3_bucket_not_public", "s3_bucket_versioning_enabled",
]  # fmt: skip
SCAN = [argument for check in CHECKS for argument in ("--check", check)]
