#!/usr/bin/env python3
"""Prints the attachable AWS managed policies with their documents, as the emulator's package holds them.

    <venv>/bin/python tests/aws/managed_policies.py > policies.json
    MANAGED_POLICIES=policies.json cargo test -p posture-policy managed -- --ignored

The second line tells where crates/policy/src/data/managed.txt differs from what the crate says of them today.
"""
import json

from moto.iam.aws_managed_policies import aws_managed_policies_data

attachable = {}
for name, policy in json.loads(aws_managed_policies_data).items():
    path = policy.get("Path", "/")
    # Those are for service-linked roles only.
    if not path.startswith("/aws-service-role/"):
        attachable[path.lstrip("/") + name] = json.dumps(policy["Document"])
print(json.dumps(attachable, indent=0, sort_keys=True))
