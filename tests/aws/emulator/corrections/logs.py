"""CloudWatch Logs: the class that every group has, keys that are set later, and policies of single groups, of which moto has none."""

from typing import Any

from moto.logs.models import logs_backends

from emulator.call import Call
from emulator.corrections import answers, corrects


@answers("logs", "AssociateKmsKey")
def associate(call: Call) -> dict[str, Any]:
    logs_backends[call.account][call.region].groups[call.params["logGroupName"]].kms_key_id = call.params["kmsKeyId"]
    return {}


@corrects("logs", "DescribeLogGroups")
def classes(_: Call, answer: dict[str, Any]) -> dict[str, Any]:
    for group in answer.get("logGroups", []):
        group.setdefault("logGroupClass", "STANDARD")
    return answer


@corrects("logs", "DescribeResourcePolicies")
def scopes(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """moto keeps the account's policies only, and shows them whichever are asked for."""
    if call.params.get("policyScope") == "RESOURCE":
        return {"resourcePolicies": []}
    for policy in answer.get("resourcePolicies", []):
        policy.setdefault("policyScope", "ACCOUNT")
    return answer
