"""Security Hub: moto imports into regions that are not enabled, checks nothing, and ignores filters."""

import functools
from typing import Any

from moto.securityhub.models import securityhub_backends

from emulator import asff
from emulator.call import Call, Refused
from emulator.corrections import answers

#: What belongs to the users of Security Hub once a finding exists.
USERS = {"Note", "UserDefinedFields", "VerificationState", "Workflow", "Severity", "Types", "Confidence", "Criticality", "RelatedFindings"}


def enabled(call: Call) -> Any:
    backend = securityhub_backends[call.account][call.region]
    if not backend.enabled:
        raise Refused("InvalidAccessException", f"Account {call.account} is not subscribed to AWS Security Hub", 401)
    return backend


@answers("securityhub", "BatchImportFindings")
def batch_import_findings(call: Call) -> dict:
    """Findings of the caller's own account and region, within the limits of ASFF; a batch has 100 of them and 6 MB."""
    backend = enabled(call)
    findings = call.params["Findings"]
    problems = list(asff.of_shape(findings, shape()))
    if problems:
        raise Refused("InvalidInputException", "; ".join(problems)[:2000], 400)
    failed = []
    for finding in findings:
        own = f":securityhub:{call.region}:{call.account}:product/{call.account}/default"
        wrong = list(asff.of_finding(finding))
        if not finding["ProductArn"].endswith(own) or finding["AwsAccountId"] != call.account:
            wrong.append("the product is not that of the caller's account and region")
        if wrong:
            failed.append({"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "; ".join(wrong)})
            continue
        known = next((one for one in backend.findings if one.id == finding["Id"]), None)
        if known is not None:
            known.data.update({k: v for k, v in finding.items() if k not in USERS})
        else:
            backend.batch_import_findings([{**finding, "Region": call.region}])
    return {"FailedCount": len(failed), "SuccessCount": len(findings) - len(failed), "FailedFindings": failed}


@functools.cache
def shape() -> Any:
    return asff.model().operation_model("BatchImportFindings").input_shape


#: The member that a filter looks at.
FILTERS = {name: (name,) for name in ("ProductArn", "AwsAccountId", "GeneratorId", "RecordState", "Id", "Region", "ProductName", "CompanyName")}
FILTERS |= {"SeverityLabel": ("Severity", "Label"), "WorkflowStatus": ("Workflow", "Status")}


@answers("securityhub", "GetFindings")
def get_findings(call: Call) -> dict:
    """Filters are ANDed, the values of one ORed; pages of 100 at most."""
    backend = enabled(call)
    filters = call.params.get("Filters") or {}
    unknown = set(filters) - set(FILTERS)
    if unknown:
        raise Refused("InvalidInputException", f"the emulator does not filter by {sorted(unknown)}", 400)
    found = [one.as_dict() for one in backend.findings if all(fits(member(one.data, FILTERS[n]), f) for n, f in filters.items())]
    for order in call.params.get("SortCriteria") or []:
        found.sort(key=lambda one: one[order["Field"]], reverse=order["SortOrder"] == "desc")
    start, size = int(call.params.get("NextToken") or 0), int(call.params.get("MaxResults") or 100)
    answer: dict = {"Findings": [{**one, "ProductFields": {**one.get("ProductFields", {}), "aws/securityhub/FindingId": f"{one['ProductArn']}/{one['Id']}"}} for one in found[start : start + size]]}
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return answer


def member(finding: dict, path: tuple[str, ...]) -> str:
    """A finding is active, new and has a severity, whether or not it was imported with them."""
    for name in path:
        finding = finding.get(name, {})
    return finding or {"Status": "NEW", "Label": "INFORMATIONAL", "RecordState": "ACTIVE"}.get(path[-1], "")


def fits(value: str, filters: list[dict[str, str]]) -> bool:
    compare = {"EQUALS": lambda a, b: a == b, "PREFIX": str.startswith, "NOT_EQUALS": lambda a, b: a != b}
    return any(compare[one["Comparison"]](value, one["Value"]) for one in filters)
