"""What Security Hub refuses: botocore's own shapes and patterns, and the limits that AWS documents in words.

https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html and asff-top-level-attributes.html
"""

import functools
import json
import re
from typing import Any, Iterator

import botocore.session
from botocore.validate import ParamValidator

LENGTHS = {
    "Id": 512, "ProductArn": 2048, "ProductName": 128, "CompanyName": 128, "GeneratorId": 512, "Title": 256, "Description": 1024,
    "AwsAccountName": 50,
}  # fmt: skip
NAMESPACES = ("Software and Configuration Checks", "TTPs", "Effects", "Unusual Behaviors", "Sensitive Data Identifications")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@functools.cache
def model() -> Any:
    return botocore.session.get_session().get_service_model("securityhub")


def of_shape(findings: list[dict[str, Any]], shape: Any) -> Iterator[str]:
    """Problems of a whole BatchImportFindings request."""
    report = ParamValidator().validate({"Findings": findings}, shape)
    if report.has_errors():
        yield report.generate_report()
    if not 1 <= len(findings) <= shape.members["Findings"].metadata.get("max", 100):
        yield f"{len(findings)} findings in a request"
    for finding in findings:
        for problem in patterns(finding, shape.members["Findings"].member, "Finding"):
            yield f"{finding.get('Id')}: {problem}"


def patterns(value: Any, shape: Any, path: str) -> Iterator[str]:
    """ParamValidator leaves patterns and enumerations to the service."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is no member"
            else:
                yield from patterns(inner, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, inner in enumerate(value):
            yield from patterns(inner, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from patterns(key, shape.key, f"{path} key")
            yield from patterns(inner, shape.value, f"{path}[{key!r}]")
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not fit {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {shape.enum}"


def of_finding(finding: dict[str, Any]) -> Iterator[str]:
    """Problems with the limits that the model does not state."""
    for name, most in LENGTHS.items():
        if len(finding.get(name, "")) > most:
            yield f"{name} has {len(finding[name])} characters, not {most} at most"
    if finding.get("SchemaVersion") != "2018-10-08":
        yield "SchemaVersion is not 2018-10-08"
    for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
        if name in finding and not TIME.fullmatch(finding[name]):
            yield f"{name} {finding[name]!r} is no time"
    types = finding.get("Types", []) + finding.get("FindingProviderFields", {}).get("Types", [])
    if any(one.split("/")[0] not in NAMESPACES or len(one.split("/")) > 3 for one in types):
        yield f"Types {types}"
    recommendation = finding.get("Remediation", {}).get("Recommendation", {})
    if len(recommendation.get("Text", "")) > 512 or not recommendation.get("Url", "https://").startswith("https://"):
        yield f"Recommendation {recommendation}"
    yield from of_map("ProductFields", finding.get("ProductFields", {}), 50, 128, 2048)
    yield from of_resources(finding.get("Resources", []))
    compliance = finding.get("Compliance", {})
    if len(compliance.get("RelatedRequirements", [])) > 32:
        yield "more than 32 RelatedRequirements"
    for reason in compliance.get("StatusReasons", []):
        if len(reason["ReasonCode"]) > 100 or len(reason.get("Description", "")) > 2048:
            yield f"StatusReason {reason}"
    if len(finding.get("Note", {}).get("Text", "")) > 512:
        yield "Note.Text has more than 512 characters"
    size = len(json.dumps(finding, ensure_ascii=False, separators=(",", ":")).encode())
    if size > 240_000:
        yield f"{size} bytes, not 240 KB at most"


def of_resources(resources: list[dict[str, Any]]) -> Iterator[str]:
    details = model().shape_for("ResourceDetails").members
    if not 1 <= len(resources) <= 32:
        yield f"{len(resources)} Resources"
    for resource in resources:
        if resource["Type"] not in ("AwsAccount", "Other") and resource["Type"] not in details:
            yield f"Resource.Type {resource['Type']}"
        if len(resource["Id"]) > 512 or len(resource.get("Region", "")) > 16:
            yield f"Resource {resource['Id']!r} in {resource.get('Region')!r}"
        yield from of_map("Tags", resource.get("Tags", {}), 50, 128, 256)
        yield from of_map("Details.Other", resource.get("Details", {}).get("Other", {}), 50, 127, 1023)


def of_map(name: str, given: dict[str, str], pairs: int, key: int, value: int) -> Iterator[str]:
    if len(given) > pairs:
        yield f"{name} has {len(given)} pairs, not {pairs} at most"
    for k, v in given.items():
        if len(k) > key or len(v) > value:
            yield f"{name}[{k!r}] is too long"
