"""Answers on the wire as moto's serializers write them, and as botocore's parsers read them."""

import base64
import datetime
import functools
import json
from typing import Any

from botocore.loaders import Loader
from botocore.parsers import create_parser
from moto.core.model import ServiceModel
from moto.core.serialize import get_serializer_class

from emulator.call import lower
from endpoints import folder

#: The protocols that the client speaks, by botocore's names.
SPOKEN = ("json", "rest-json", "query", "rest-xml")
Wire = tuple[int, dict[str, str], bytes]

#: moto makes one for each service, which lists botocore's thousand folders every time.
LOADER = Loader()


@functools.cache
def model_of(service: str) -> Any:
    return ServiceModel(LOADER.load_service_model(folder(service), "service-2"), folder(service))


@functools.cache
def operation_of(service: str, operation: str) -> Any:
    return model_of(service).operation_model(operation)


@functools.cache
def protocol_of(service: str) -> str:
    """The first protocol of a model that the client speaks; CBOR, which some name first, it does not."""
    metadata = model_of(service).metadata
    return next(p for p in [metadata["protocol"], *metadata.get("protocols", [])] if p in SPOKEN)


def write(service: str, operation: Any, value: Any) -> Wire:
    protocol = protocol_of(service)
    done = get_serializer_class(folder(service), protocol)(operation_model=operation).serialize(value)
    body = done["body"]
    body = body.encode() if isinstance(body, str) else body
    if protocol == "rest-xml" and not isinstance(value, Exception):
        body = rooted(operation, body)
    headers = {str(k): str(v) for k, v in done["headers"].items() if v is not None}
    if "json" in protocol:
        body = unescaped(operation, body)
    return done["status_code"], headers, body


def rooted(operation: Any, body: bytes) -> bytes:
    """The body under the root that AWS uses: the shape's own name, which moto does not know."""
    shape = operation.output_shape
    if not body or shape is None:
        return body
    payload = shape.serialization.get("payload")
    wrong = payload or f"{operation.name}Response"
    inner = shape.members[payload] if payload else shape
    right = inner.serialization.get("name") or inner.name
    head, tail = f"<{wrong}".encode(), f"</{wrong}>".encode()
    if not body.endswith(tail):
        raise ValueError(f"{operation.name}: the root is not {wrong}")
    body = body[: -len(tail)] + f"</{right}>".encode()
    return body.replace(head, f"<{right}".encode(), 1)


def unescaped(operation: Any, body: bytes) -> bytes:
    """Half of the services write letters as they are, half by their numbers."""
    if len(operation.name) % 2 or not body:
        return body
    return json.dumps(json.loads(body), ensure_ascii=False).encode()


def read(service: str, operation: Any, wire: Wire) -> Any:
    """What botocore makes of the bytes; raises what botocore raises."""
    status, headers, body = wire
    parsed = create_parser(protocol_of(service)).parse(
        {"status_code": status, "headers": lower(headers), "body": body}, operation.output_shape
    )
    parsed.pop("ResponseMetadata", None)
    return parsed


def tagged(value: Any) -> Any:
    """`value` as JSON, with what JSON lacks told: a moment in microseconds, bytes in base64, a double to its last digit."""
    if isinstance(value, dict):
        return {k: tagged(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [tagged(v) for v in value]
    if isinstance(value, datetime.datetime):
        delta = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return {"$moment": delta // datetime.timedelta(microseconds=1)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float):
        return {"$double": repr(value)}
    return value
