"""What botocore would send, and in what a request differs from it: a wrong name on the wire asks another question."""

import datetime
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from botocore.serialize import create_serializer

from emulator.synthesis.wire import protocol_of

MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


def differences(service: str, operation: Any, given: dict[str, Any], sent: Request) -> list[str]:
    """Each part of `sent` that is not what botocore sends for the parameters `given`."""
    protocol = protocol_of(service)
    right = create_serializer(protocol, include_validation=False).serialize_to_request(given, operation)
    path, _, fixed = right["url_path"].partition("?")
    query = parse_qsl(fixed, keep_blank_values=True)
    for name, value in (right["query_string"] or {}).items():
        query.extend((name, str(one)) for one in (value if isinstance(value, list) else [value]))
    headers = {name.lower(): value for name, value in right["headers"].items()}
    pairs = [
        ("method", right["method"], sent.method),
        ("path", segments(path), segments(sent.path)),
        ("query", moments(sorted(query)), moments(sorted(parse_qsl(sent.query, keep_blank_values=True)))),
        ("body", body(protocol, right["body"]), body(protocol, sent.body)),
    ]
    for name, value in headers.items():
        media = name == "content-type"
        got = sent.headers.get(name)
        pairs.append((name, value.split(";")[0] if media else value, got and got.split(";")[0] if media else got))
    return [told(what, wanted, got) for what, wanted, got in pairs if wanted != got]


def told(what: str, wanted: Any, got: Any) -> str:
    """The difference in words, of lists only the elements that differ."""
    if isinstance(wanted, list) and isinstance(got, list) and what != "path":
        wanted, got = [one for one in wanted if one not in got], [one for one in got if one not in wanted]
    return f"{what}: botocore sends {wanted!r}, this is {got!r}"


def segments(path: str) -> list[str]:
    return [unquote(segment) for segment in path.split("/")]


def body(protocol: str, raw: Any) -> Any:
    """A body as what it says, not how it is written."""
    if protocol == "query":
        pairs = raw.items() if isinstance(raw, dict) else parse_qsl(raw.decode(), keep_blank_values=True)
        return moments(sorted((name, str(value)) for name, value in pairs))
    raw = raw.encode() if isinstance(raw, str) else raw
    if protocol == "rest-xml":
        return ElementTree.canonicalize(raw.decode(), strip_text=True) if raw else ""
    return moments(json.loads(raw)) if raw else {}


def moments(value: Any) -> Any:
    """Times to the microsecond, however many zeros they are written with; numbers of a text as they are."""
    if isinstance(value, dict):
        return {k: moments(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [moments(v) for v in value]
    found = MOMENT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    whole = datetime.datetime.fromisoformat(found[1] + "+00:00")
    return f"{int(whole.timestamp())}.{(found[2] or '').ljust(6, '0')[:6]}"
