"""The WSGI application: control endpoint, call log, faults, overlay, corrections, and moto behind them."""

import importlib
import io
import json
import logging
import pathlib
import pkgutil
import threading
import traceback
from typing import Any, Iterable
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from emulator import corrections, faults, overlay, state
from emulator.call import Call, Refused, identify
from emulator.corrections.s3 import guard
from emulator.identifiers import Identifiers

HERE = pathlib.Path(__file__).resolve().parent
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}

Response = tuple[int, dict[str, str], Iterable[bytes]]


class Emulator:
    def __init__(self, frozen: bool) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.moto.debug = True  # type: ignore[attr-defined]
        self.lock = threading.RLock()  # moto's state is not made for threads
        self.calls: list[dict[str, Any]] = []
        self.identifiers = Identifiers() if frozen else None
        self.faults = faults.Faults()
        self.overlay = overlay.Overlay()
        for file in sorted((HERE / "defaults").glob("*.json")):
            self.overlay.load(file)
        for module in pkgutil.iter_modules(corrections.__path__):
            importlib.import_module(f"emulator.corrections.{module.name}")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = read_body(environ)
        try:
            if environ["PATH_INFO"].startswith("/_control/"):
                status, headers, chunks = self.control(environ, body or b"")
            else:
                status, headers, chunks = self.aws(environ, body)
        except Exception:  # noqa: BLE001 a bug here must be seen by the test that met it
            traceback.print_exc()
            status, headers, chunks = 500, {"Content-Type": "text/plain"}, [traceback.format_exc().encode()]
        start_response(f"{status} {REASONS.get(status, 'Status')}", list(headers.items()))
        return chunks

    def aws(self, environ: dict[str, Any], body: bytes | None) -> Response:
        with self.lock:
            call = identify(environ, body)
        if call is None:
            with self.lock:
                return self.inner(environ)
        self.calls.append(
            {
                "account": call.account,
                "region": call.region,
                "service": call.service,
                "operation": call.operation,
                "params": json.loads(json.dumps(call.params, default=str)),
            }
        )
        fault = self.faults.take(call)
        if fault is None:
            return whole(self.true_answer(call, environ))
        try:
            faults.refuse(call, fault)
        except Refused as refused:
            return whole(call.refuse(refused))
        true = self.true_answer(call, environ) if faults.spoils(fault) else (200, {}, b"")
        return faults.body(call, fault, *true)

    def true_answer(self, call: Call, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        with self.lock:
            if self.identifiers:
                self.identifiers.of(call)
            try:
                return self.layered(call, environ)
            except Refused as refused:
                return call.refuse(refused)

    def layered(self, call: Call, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """moto's answer, corrected; over it the overlay. Only what is needed is asked."""
        if call.service == "s3" and call.operation != "CreateBucket":
            guard(call)
        entries = self.overlay.find(call)
        given = [i for i, e in enumerate(entries) if "merge" not in e]
        if given:
            result = overlay.respond(call, entries[given[-1]])
            entries = entries[given[-1] + 1 :]
        else:
            answers = corrections.ANSWERS.get((call.service, call.operation))
            corrects = corrections.CORRECTS.get((call.service, call.operation))
            if answers is not None:
                result = answers(call)
            else:
                status, headers, chunks = self.inner(environ)
                raw = b"".join(chunks)
                if status == 500 and b"NotImplementedError" in raw or status == 501:
                    missing = f"{call.service}:{call.operation} is not implemented by the emulator: give an overlay"
                    raise Refused("UnsupportedOperation", missing, 400)
                if status >= 300 or (corrects is None and not entries):
                    return status, headers, call.rooted(raw) if status < 300 else raw
                result = call.parse(status, headers, raw)
                if corrects is not None:
                    result = corrects(call, result)
        for entry in entries:
            result = overlay.merged(result, overlay.fill(entry["merge"], call))
        return call.answer(result)

    def inner(self, environ: dict[str, Any]) -> Response:
        caught: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            caught.update(status=int(status.split()[0]), headers=dict(headers))
            return lambda data: None

        try:
            chunks = self.moto(environ, start_response)
        except NotImplementedError as missing:
            return 501, {}, [str(missing).encode()]
        return caught["status"], caught["headers"], list(chunks)

    def control(self, environ: dict[str, Any], body: bytes) -> Response:
        what = environ["PATH_INFO"].removeprefix("/_control/")
        query = {k: v[-1] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        given = json.loads(body) if body.strip() else {}
        try:
            if what == "calls":
                answer: Any = [c for c in self.calls if query.get("account", c["account"]) == c["account"]]
            elif what == "overlay":
                self.overlay.add(given)
                answer = {}
            elif what == "fault":
                self.faults.add(given)
                answer = {}
            elif what == "age":
                with self.lock:
                    answer = state.change(given)
            elif what == "reset":
                answer = self.reset(given)
            else:
                return 404, {"Content-Type": "text/plain"}, [f"no such control: {what}\n".encode()]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            return 400, {"Content-Type": "text/plain"}, [f"{type(wrong).__name__}: {wrong}\n".encode()]
        text = json.dumps(answer).encode()
        return 200, {"Content-Type": "application/json", "Content-Length": str(len(text))}, [text]

    def reset(self, given: dict[str, Any]) -> dict[str, Any]:
        """{"account"?, "what"?: ["calls", "faults", "overlay"]}; by default the calls of every account."""
        account, what = given.get("account"), given.get("what", ["calls"])
        if "calls" in what:
            self.calls = [c for c in self.calls if account is not None and c["account"] != account]
        if "faults" in what:
            self.faults.reset(account)
        if "overlay" in what:
            self.overlay.reset(account)
        return {}


def whole(answer: tuple[int, dict[str, str], bytes]) -> Response:
    status, headers, body = answer
    headers = {k: v for k, v in headers.items() if k.lower() not in ("content-length", "status")}
    return status, headers, [body]


def read_body(environ: dict[str, Any]) -> bytes | None:
    """The body, put back for moto. A chunked upload stays unread: only objects are sent so."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return None if environ.get("HTTP_TRANSFER_ENCODING") else b""
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


class Handler(MotoRequestHandler):
    def log(self, *_: Any) -> None:
        pass


def serve(port: int, frozen: bool = False) -> BaseWSGIServer:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server("127.0.0.1", port, Emulator(frozen), threaded=True, request_handler=Handler)
