"""KMS: the default key policy, rotation details, usage, and the metadata that AWS always sends."""

import json
from datetime import timedelta

from moto.kms.models import kms_backends

from emulator import state
from emulator.call import Call
from emulator.corrections import answers, corrects

USAGE_OF = {"RSA": "ENCRYPT_DECRYPT", "ECC": "SIGN_VERIFY", "HMAC": "GENERATE_VERIFY_MAC"}


def key_of(call: Call) -> object:
    backend = kms_backends[call.account][call.region]
    return backend.describe_key(call.params["KeyId"])


@answers("kms", "GetKeyPolicy")
def key_policy(call: Call) -> dict:
    """PolicyName is optional, and a key that was made without a policy has AWS's default one."""
    policy = key_of(call).policy or json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{call.account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    )
    return {"Policy": policy, "PolicyName": "default"}


@corrects("kms", "GetKeyRotationStatus")
def rotation_status(call: Call, answer: dict) -> dict:
    key = key_of(call)
    answer["KeyId"] = key.arn
    if answer["KeyRotationEnabled"]:
        days = answer.setdefault("RotationPeriodInDays", 365)
        answer.setdefault("NextRotationDate", state.aware(key.creation_date) + timedelta(days=days))
    return answer


@corrects("kms", "DescribeKey")
def describe_key(call: Call, answer: dict) -> dict:
    metadata = answer["KeyMetadata"]
    metadata.setdefault("KeyUsage", USAGE_OF.get(metadata["KeySpec"].split("_")[0], "ENCRYPT_DECRYPT"))
    metadata.setdefault("MultiRegion", False)
    if any(alias.startswith("alias/aws/") for alias in key_of(call).aliases):
        metadata["KeyManager"] = "AWS"  # a service made it for itself
    for algorithms in ("EncryptionAlgorithms", "SigningAlgorithms", "MacAlgorithms"):
        if metadata.get(algorithms) == []:
            del metadata[algorithms]
    return answer


@answers("kms", "GetKeyLastUsage")
def last_usage(call: Call) -> dict:
    """When the key was last used for cryptography; a key that never was has no KeyLastUsage."""
    key = key_of(call)
    made = state.aware(key.creation_date)
    answer = {"KeyId": key.arn, "KeyCreationDate": made, "TrackingStartDate": max(made, state.when("now-400d"))}
    used = state.account(call).key_usage.get(key.id)
    if used:
        answer["KeyLastUsage"] = {"Operation": "Decrypt", "Timestamp": used, "KmsRequestId": "0a1b2c3d-1111-4222-8333-444455556666"}
    return answer
