"""What a request asks: account, region, service, operation and parameters, by botocore's models.

moto carries routers and parsers for every AWS protocol; they are used for all services here, also for operations that
moto itself does not implement.
"""

import functools
import io
from dataclasses import dataclass, field
from typing import Any

from botocore.parsers import create_parser
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from

#: Signing names whose botocore service is called otherwise, or that several services share.
SIGNED_AS = {"access-analyzer": ["accessanalyzer"], "monitoring": ["cloudwatch"], "es": ["opensearch", "es"], "elasticfilesystem": ["efs"], "eventbridge": ["events"], "sso": ["sso-admin"], "tagging": ["resourcegroupstaggingapi"]}

#: Root elements of S3 that botocore does not need and therefore does not name.
ROOTS = {"GetBucketVersioning": "VersioningConfiguration"}


class Refused(Exception):
    """An AWS error answer. `message` is an attribute because moto's serializers look for it."""

    def __init__(self, code: str, message: str, status: int = 400, headers: dict[str, str] | None = None):
        super().__init__(message)
        self.code, self.message, self.status, self.headers = code, message, status, headers or {}


@dataclass
class Call:
    account: str
    region: str
    service: str
    operation: str
    params: dict[str, Any] = field(repr=False)
    principal: str
    model: Any = field(repr=False)
    protocol: str = field(repr=False)
    method: str = field(repr=False)

    def answer(self, result: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """`result`, in boto3's output shape, as the service would send it."""
        return self._serialize(result)

    def refuse(self, error: Refused) -> tuple[int, dict[str, str], bytes]:
        _, headers, body = self._serialize(error)
        if self.method == "HEAD":
            body = b""
        return error.status, {**headers, **error.headers}, body

    def _serialize(self, result: Any) -> tuple[int, dict[str, str], bytes]:
        serializer = get_serializer_class(self.service, self.protocol)
        done = serializer(operation_model=self.model).serialize(result)
        body = done["body"]
        headers = {str(k): str(v) for k, v in done["headers"].items() if v is not None}
        return done["status_code"], headers, self.rooted(body.encode() if isinstance(body, str) else body)

    def rooted(self, body: bytes) -> bytes:
        """The body under the root element that the service uses, which moto does not know for every operation."""
        shape = self.model.output_shape
        if self.protocol != "rest-xml" or shape is None or shape.serialization.get("payload"):
            return body
        right = shape.name if self.service == "s3control" else ROOTS.get(self.operation)
        wrong = f"{self.operation}Response".encode()
        return body.replace(b"<" + wrong, b"<" + right.encode(), 1).replace(b"</" + wrong + b">", b"</" + right.encode() + b">") if right else body

    def parse(self, status: int, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """The inverse of `answer`: what boto3 would make of this response."""
        parser = create_parser(self.protocol)
        parsed = parser.parse({"status_code": status, "headers": lower(headers), "body": body}, self.model.output_shape)
        parsed.pop("ResponseMetadata", None)
        return parsed


def lower(headers: dict[str, str]) -> Any:
    from botocore.compat import HTTPHeaders

    return HTTPHeaders.from_pairs(list(headers.items()))


def scope(environ: dict[str, Any]) -> tuple[str, str, str] | None:
    """(access key, region, signing name) from a SigV4 Authorization header."""
    auth = environ.get("HTTP_AUTHORIZATION", "")
    if "Credential=" not in auth:
        return None
    parts = auth.split("Credential=", 1)[1].split(",")[0].strip().split("/")
    return (parts[0], parts[2], parts[3].lower()) if len(parts) == 5 else None


def candidates(signing_name: str, path: str) -> list[str]:
    if signing_name == "s3" and path.startswith("/v20180820/"):
        return ["s3control"]
    return SIGNED_AS.get(signing_name, [signing_name])


def principal(account: str, access_key: str) -> str:
    """The ARN behind an access key, for error messages."""
    from moto.sts.models import sts_backends

    try:
        role = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
        if role is not None:
            return role.arn
    except Exception:  # noqa: BLE001 only a name for a message
        pass
    return f"arn:aws:iam::{account}:root"


def identify(environ: dict[str, Any], body: bytes | None) -> Call | None:
    """The call that a request makes; None when it is unsigned or fits no operation (then moto decides alone)."""
    signed = scope(environ)
    if signed is None:
        return None
    access_key, region, signing_name = signed
    # moto's own order: environment, header, access key. Each test so can have an account number without a role.
    account = environ.get("HTTP_X_MOTO_ACCOUNT_ID") or get_account_id_from(access_key)
    for service in candidates(signing_name, environ.get("PATH_INFO", "")):
        copy = dict(environ)
        if body is not None:
            copy["wsgi.input"] = io.BytesIO(body)
        request = Request(copy)
        try:
            model = get_service_model(service)
            protocol = determine_request_protocol(model, request.content_type)
            target = environ.get("HTTP_X_AMZ_TARGET")
            if protocol == "json" and target:  # SDKs write the prefix differently, long and short
                operation, uri_params = model.operation_model(target.rsplit(".", 1)[-1]), {}
            else:
                operation, uri_params = get_service_router(service).match(request)
        except Exception:  # noqa: BLE001 not this service's request
            continue
        params = parameters(request, operation, protocol, uri_params, body)
        who = principal(account, access_key)
        return Call(account, region, service, operation.name, params, who, operation, protocol, request.method)
    return None


def parameters(request: Request, operation: Any, protocol: str, uri_params: dict[str, Any], body: bytes | None) -> dict:
    try:
        parsed = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": body or b"",
                "url_path": request.path,
                "url_params": uri_params,
            }
        )
    except Exception:  # noqa: BLE001 an object's bytes are not parameters
        parsed = {}
    params = {**uri_params, **{k: v for k, v in dict(parsed).items() if k != "Body"}}
    return plain(params)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


@functools.cache
def operation_of(service: str, operation: str) -> Any:
    return get_service_model(service).operation_model(operation)
