"""Only the root user, without MFA."""

from accounts.common import Aws


def fill(aws: Aws, _: dict) -> None:
    aws.age("root", created="2025-01-07T09:00:00Z", password_last_used="now-40d")
