"""CloudWatch Logs: the class that every group has, keys that are set later, and data protection policies of groups, of which moto has none."""

from typing import Any

from moto.logs.models import logs_backends

from emulator.call import Call
from emulator.corrections import answers, corrects


@answers("logs", "AssociateKmsKey")
def associate(call: Call) -> dict[str, Any]:
    logs_backends[call.account][call.region].groups[call.params["logGroupName"]].kms_key_id = call.params["kmsKeyId"]
    return {}


#: By account, Region and group.
MASKING: dict[tuple[str, str, str], str] = {}


@answers("logs", "PutDataProtectionPolicy")
def mask(call: Call) -> dict[str, Any]:
    group, document = call.params["logGroupIdentifier"], call.params["policyDocument"]
    MASKING[call.account, call.region, group] = document
    return {"logGroupIdentifier": group, "policyDocument": document}


@answers("logs", "GetDataProtectionPolicy")
def masking(call: Call) -> dict[str, Any]:
    group = call.params["logGroupIdentifier"]
    found = MASKING.get((call.account, call.region, group))
    return {"logGroupIdentifier": group, "policyDocument": found} if found else {"logGroupIdentifier": group}


@corrects("logs", "DescribeLogGroups")
def classes(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    for group in answer.get("logGroups", []):
        group.setdefault("logGroupClass", "STANDARD")
        if (call.account, call.region, group["logGroupName"]) in MASKING:
            group["dataProtectionStatus"] = "ACTIVATED"
    return answer


@corrects("logs", "DescribeResourcePolicies")
def scopes(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """moto keeps the account's policies only, and shows them whichever are asked for."""
    if call.params.get("policyScope") == "RESOURCE":
        return {"resourcePolicies": []}
    for policy in answer.get("resourcePolicies", []):
        policy.setdefault("policyScope", "ACCOUNT")
    return answer
