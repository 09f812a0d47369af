"""Serves what `plan` makes up: a small server, because the test asks it fifteen thousand times.

The access key of a request says which answer is wanted, "service:Operation:case", for it is what a client repeats as it
was given. Whether the request is the right one is judged here too, by botocore.

    GET  /_proof/operation/<service>/<Operation>   inputs, values and cases of one operation
    POST /_proof/answer                            {"status", "headers", "body" in base64}: an answer of the test's own; {"case"} to ask it by
    GET  /_proof/differences                       every request of the case "input-<n>" that is not what botocore sends
"""

import base64
import json
import threading
import traceback
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from emulator.call import scope
from emulator.synthesis.plan import plan
from emulator.synthesis.requests import Request
from emulator.synthesis.wire import Wire

# moto warns of each error code that a model lacks, such as AccessDeniedException.
warnings.filterwarnings("ignore", module=r"moto\.core\.serialize")


class Store:
    """What requests leave behind."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.own: list[Wire] = []
        self.differences: dict[str, list[str]] = {}

    def keep(self, given: dict[str, Any]) -> str:
        with self.lock:
            self.own.append((given["status"], given["headers"], base64.b64decode(given["body"])))
            return f"own-{len(self.own) - 1}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other, and the second would wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    store = Store()

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path, _, query = self.path.partition("?")
        try:
            if path.startswith("/_proof/"):
                status, headers, answer = self.control(path.split("/")[2:], body)
            else:
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, headers, answer = self.aws(Request(self.command, path, query, headers, body))
        except Exception:  # noqa: BLE001 a bug here must be seen by the test that met it
            traceback.print_exc()
            status, headers, answer = 599, {"Content-Type": "text/plain"}, traceback.format_exc().encode()
        self.send_response_only(status)
        headers = {"Content-Length": str(len(answer)), **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        # An answer of the test's own may promise more than it has.
        self.close_connection |= headers["Content-Length"] != str(len(answer))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def aws(self, sent: Request) -> Wire:
        signed = scope({"HTTP_AUTHORIZATION": sent.headers.get("authorization", "")})
        if signed is None:
            raise ValueError("a request without a signature")
        service, operation, case = signed[0].split(":")
        asked = plan(service, operation)
        if case.startswith("input-"):
            wrong = asked.differences(case, sent)
            if wrong:
                with self.store.lock:
                    self.store.differences[signed[0]] = wrong
        if case.startswith("own-"):
            return self.store.own[int(case.removeprefix("own-"))]
        return asked.answer(case)

    def control(self, path: list[str], body: bytes) -> Wire:
        match path:
            case ["operation", service, operation]:
                told: Any = plan(service, operation).told()
            case ["answer"]:
                told = {"case": self.store.keep(json.loads(body))}
            case ["differences"]:
                told = self.store.differences
            case _:
                raise ValueError(f"no such control: {path}")
        return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    @property
    def port(self) -> int:
        return self.server_address[1]


def serve(port: int) -> Server:
    return Server(("127.0.0.1", port), Handler)
