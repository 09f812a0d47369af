"""What AWS knows and moto does not: the root user, when things were last used, and moto's dates, set back.

`change` serves POST /_control/age: {"account": N, "kind": KIND, …}, or a list of these. Times are ISO 8601 or relative: "now-120d".

    root                  password_enabled, password_last_used, mfa ("virtual" | "hardware" | null), created,
                          access_key_1, access_key_2 ({"created", "last_used"} | null), signing_certificate
    user                  name, created, password_last_used, password_last_changed
    access_key            id, created, last_used (null: never), service, region
    role                  name, created, last_used (null: never), region
    service_access        arn, services: {namespace: last used | null}
    trail                 name, and members of GetTrailStatus to set (null removes one): LatestDeliveryTime, LatestDeliveryError, …
    kms_key               region, id, created, last_used, deletion
    instance              region, id, launched, stopped (a time: state reason "User initiated (…)")
    image                 region, id, created, deprecated
    snapshot, volume      region, id, created
    backup_vault          region, name, points (how many recovery points it holds)
    bucket                name, created
    contact               members of ContactInformation, or null
    secret                region, name, created, changed, read, rotated, next
    stack                 region, name, drift ("DRIFTED", …), checked
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

from emulator.overlay import when

__all__ = ["account", "change", "when"]


@dataclass
class Root:
    created: str = "2021-03-04T09:00:00Z"
    password_enabled: str = "true"
    password_last_used: str | None = None
    mfa: str | None = None
    access_key_1: dict | None = None
    access_key_2: dict | None = None
    signing_certificate: bool = False


@dataclass
class Account:
    root: Root = field(default_factory=Root)
    report: datetime.datetime | None = None
    contact: dict | None = None
    passwords: dict[str, datetime.datetime] = field(default_factory=dict)
    service_access: dict[str, dict[str, str | None]] = field(default_factory=dict)
    jobs: dict[str, tuple[str, str]] = field(default_factory=dict)
    trails: dict[str, dict[str, Any]] = field(default_factory=dict)
    key_usage: dict[str, datetime.datetime] = field(default_factory=dict)
    deprecations: dict[str, str] = field(default_factory=dict)
    ebs_keys: dict[str, str] = field(default_factory=dict)
    secrets_read: dict[str, datetime.datetime] = field(default_factory=dict)
    drifts: dict[str, dict[str, Any]] = field(default_factory=dict)
    opted_in: set[str] = field(default_factory=set)


_accounts: dict[str, Account] = {}


def account(call: Any) -> Account:
    """The state of a call's account (or of an account number)."""
    number = call if isinstance(call, str) else call.account
    return _accounts.setdefault(number, Account())


def change(given: Any) -> dict:
    for one in given if isinstance(given, list) else [given]:
        one = dict(one)
        number, kind = one.pop("account"), one.pop("kind")
        if kind not in KINDS:
            raise ValueError(f"no such kind: {kind}; there are {sorted(KINDS)}")
        KINDS[kind](number, **one)
    return {}


def naive(at: datetime.datetime) -> datetime.datetime:
    """Some of moto's dates have no zone."""
    return at.replace(tzinfo=None)


def aware(at: Any) -> datetime.datetime:
    if isinstance(at, (int, float)):
        return datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    return at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)


def like(old: Any, text: str) -> Any:
    """A time in the form that the moto attribute already has."""
    at = when(text)
    if isinstance(old, str):
        return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(old, (int, float)):
        return type(old)(at.timestamp())
    return naive(at) if isinstance(old, datetime.datetime) and old.tzinfo is None else at


def iam(number: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[number]["aws"]


def ec2(number: str, region: str) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[number][region]


def root(number: str, **members: Any) -> None:
    target = account(number).root
    for name, value in members.items():
        if not hasattr(target, name):
            raise ValueError(f"the root user has no {name}")
        setattr(target, name, value)


def user(number: str, name: str, created: str | None = None, password_last_used: str | None = None, password_last_changed: str | None = None) -> None:
    found = iam(number).get_user(name)
    if created:
        found.create_date = like(found.create_date, created)
    if password_last_used:
        found.password_last_used = naive(when(password_last_used))
    if password_last_changed:
        account(number).passwords[name] = when(password_last_changed)


def access_key(number: str, id: str, created: str | None = None, last_used: str | None = "", service: str = "ec2", region: str = "us-east-1") -> None:
    from moto.iam.models import AccessKeyLastUsed

    for found in iam(number).users.values():
        for key in found.access_keys:
            if key.access_key_id == id:
                if created:
                    key.create_date = like(key.create_date, created)
                if last_used != "":
                    key.last_used = AccessKeyLastUsed(when(last_used), service, region) if last_used else None
                return
    raise ValueError(f"no access key {id} in {number}")


def role(number: str, name: str, created: str | None = None, last_used: str | None = "", region: str = "us-east-1") -> None:
    found = iam(number).get_role(name)
    if created:
        found.create_date = like(found.create_date, created)
    if last_used != "":
        found.last_used = like(found.create_date, last_used) if last_used else None
        found.last_used_region = region


def service_access(number: str, arn: str, services: dict[str, str | None]) -> None:
    account(number).service_access.setdefault(arn, {}).update(services)


def trail(number: str, name: str, **members: Any) -> None:
    from emulator.corrections.cloudtrail import trail_of

    found = trail_of(number, name)
    if found is None:
        raise ValueError(f"no trail {name} in {number}")
    times = ("LatestDeliveryTime", "LatestNotificationTime", "StartLoggingTime", "StopLoggingTime", "LatestCloudWatchLogsDeliveryTime", "LatestDigestDeliveryTime")
    known = account(number).trails.setdefault(found.arn, {})
    known.update({k: when(v) if k in times and v else v for k, v in members.items()})


def kms_key(number: str, region: str, id: str, created: str | None = None, last_used: str | None = None, deletion: str | None = None) -> None:
    from moto.kms.models import kms_backends

    found = kms_backends[number][region].describe_key(id)
    if created:
        found.creation_date = like(found.creation_date, created)
    if deletion:
        found.deletion_date = like(found.deletion_date, deletion)
    if last_used:
        account(number).key_usage[found.id] = when(last_used)


def instance(number: str, region: str, id: str, launched: str | None = None, stopped: str | None = None) -> None:
    found = ec2(number, region).get_instance(id)
    if launched:
        found.launch_time = like(found.launch_time, launched)
    if stopped:
        found._reason = f"User initiated ({when(stopped):%Y-%m-%d %H:%M:%S} UTC)"


def image(number: str, region: str, id: str, created: str | None = None, deprecated: str | None = None) -> None:
    found = ec2(number, region).amis[id]
    if created:
        found.creation_date = like(found.creation_date, created)
    if deprecated:
        account(number).deprecations[id] = when(deprecated).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def snapshot(number: str, region: str, id: str, created: str) -> None:
    found = ec2(number, region).snapshots[id]
    found.start_time = like(found.start_time, created)


def volume(number: str, region: str, id: str, created: str) -> None:
    found = ec2(number, region).volumes[id]
    found.create_time = like(found.create_time, created)


def bucket(number: str, name: str, created: str) -> None:
    from moto.s3.models import s3_backends

    found = s3_backends[number]["aws"].buckets[name]
    found.creation_date = like(found.creation_date, created)


def backup_vault(number: str, region: str, name: str, points: int) -> None:
    from moto.backup.models import backup_backends

    backup_backends[number][region].vaults[name].num_of_recovery_points = points


def contact(number: str, **members: Any) -> None:
    account(number).contact = members or None


def secret(number: str, region: str, name: str, read: str | None = None, **times: str) -> None:
    from moto.secretsmanager.models import secretsmanager_backends

    found = secretsmanager_backends[number][region].secrets[name]
    members = {"created": "created_date", "changed": "last_changed_date", "rotated": "last_rotation_date", "next": "next_rotation_date"}
    for kind, at in times.items():
        setattr(found, members[kind], int(when(at).timestamp()))
    if read:
        account(number).secrets_read[found.arn] = when(read)


def stack(number: str, region: str, name: str, drift: str, checked: str) -> None:
    from moto.cloudformation.models import cloudformation_backends

    found = cloudformation_backends[number][region].get_stack(name)
    account(number).drifts[found.stack_id] = {"StackDriftStatus": drift, "LastCheckTimestamp": when(checked)}


KINDS = {f.__name__: f for f in (root, user, access_key, role, service_access, trail, kms_key, instance, image, snapshot, volume, bucket, backup_vault, contact, secret, stack)}
