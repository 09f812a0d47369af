"""The questions that botocore asks, for tests/it/models.rs to hold the model client against.

    python3 tests/aws/questions.py FILE      the operations of FILE (`service:Operation`, one a line)

For each operation of a service that goes through the model client an input with every member set is made up, and put on the wire by
botocore's serializers. One JSON object a line: service, operation, input, method, path, query, headers, body.
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import base64
import datetime
import json
import sys
import urllib.parse

import botocore.loaders
import botocore.model
import botocore.serialize
import endpoints
import models

LOADER = botocore.loaders.Loader()
MOMENT = datetime.datetime(2026, 11, 22, 9, 39, 19, tzinfo=datetime.timezone.utc)

#: Structures within structures are made up to here; models hold themselves.
DEEPEST = 4


def made_up(shape, depth: int = 0):
    """(what botocore takes, what the model client takes)"""
    kind = shape.type_name
    if kind == "structure":
        if getattr(shape, "is_document_type", False):
            return {"a": [1, "b"]}, {"a": [1, "b"]}
        members = shape.members.items()
        if getattr(shape, "is_tagged_union", False):
            members = list(members)[:1]
        pairs = {
            name: made_up(member, depth + 1)
            for name, member in members
            if depth < DEEPEST or name in shape.required_members
        }
        return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
    if kind == "list":
        pairs = [made_up(shape.member, depth + 1) for _ in range(2)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if kind == "map":
        pair = made_up(shape.value, depth + 1)
        return {"a key": pair[0]}, {"a key": pair[1]}
    if kind == "timestamp":
        return MOMENT, MOMENT.isoformat().replace("+00:00", "Z")
    if kind == "blob":
        return b"\x01\xff", base64.b64encode(b"\x01\xff").decode()
    scalar = {"boolean": True, "integer": 7, "long": 2**53 + 1, "float": 0.5, "double": 0.1}.get(kind, "a b/c:d")
    if shape.name in ("AccountId", "accountId"):
        scalar = endpoints.ACCOUNT
    return scalar, scalar


def question(service: str, operation: str) -> dict:
    folder = endpoints.folder(service)
    loaded = LOADER.load_service_model(folder, "service-2")
    offered = [loaded["metadata"]["protocol"], *loaded["metadata"].get("protocols", [])]
    protocol = next(one for one in offered if one in ("json", "rest-json", "query", "rest-xml"))
    model = botocore.model.ServiceModel(loaded, folder).operation_model(operation)
    theirs, ours = made_up(model.input_shape) if model.input_shape else ({}, {})
    said = botocore.serialize.create_serializer(protocol, False).serialize_to_request(theirs, model)
    path, _, fixed = said["url_path"].partition("?")
    query = urllib.parse.parse_qsl(fixed, keep_blank_values=True)
    given = said["query_string"] or {}
    given = urllib.parse.parse_qsl(given, keep_blank_values=True) if isinstance(given, str) else given.items()
    for name, value in given:
        query.extend((name, plain(one)) for one in (value if isinstance(value, list) else [value]))
    body = said["body"]
    if isinstance(body, dict):
        body = urllib.parse.urlencode(body)
    elif isinstance(body, bytes):
        body = body.decode()
    return {
        "service": service,
        "operation": operation,
        "input": ours,
        "method": said["method"],
        "path": path,
        "query": sorted(query),
        "headers": {name.lower(): plain(value) for name, value in said["headers"].items()},
        "body": body or "",
    }


def plain(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def main() -> None:
    for service, operations in sorted(models.listed(sys.argv[1]).items()):
        if service not in models.BY_CRATE:
            for operation in sorted(operations):
                print(json.dumps(question(service, operation)))


if __name__ == "__main__":
    main()
