"""Answers that no scanner wants: denials, throttles, broken bodies. One is set per (account, region, service, operation, parameters)."""

import threading
import time
from typing import Any, Iterable

from emulator.call import Call, Refused
from emulator.overlay import fits, weight

KINDS = {"denied", "denied_by_scp", "throttled", "error500", "unavailable", "unsupported", "garbled", "empty", "cut", "hang", "expired"}
KEYS = {"account", "region", "service", "operation", "match", "fault", "times", "seconds", "code", "after"}

#: What each service answers when IAM says no; the others say AccessDeniedException (JSON) or AccessDenied (XML).
DENIED = {"ec2": ("UnauthorizedOperation", 403), "s3": ("AccessDenied", 403), "iam": ("AccessDenied", 403)}
THROTTLED = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503), "iam": ("Throttling", 400)}
UNSUPPORTED = {"ec2": ("UnsupportedOperation", 400), "kms": ("UnsupportedOperationException", 400)}


class Faults:
    def __init__(self) -> None:
        self._faults: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def add(self, faults: Any) -> None:
        for fault in faults if isinstance(faults, list) else [faults]:
            unknown = set(fault) - KEYS
            if unknown or fault.get("fault") not in KINDS:
                raise ValueError(f"a fault has the keys {sorted(KEYS)} and is one of {sorted(KINDS)}: {fault}")
            with self._lock:
                self._faults.append({"account": "*", "region": "*", "operation": "*", **fault})

    def reset(self, account: str | None) -> None:
        with self._lock:
            self._faults = [f for f in self._faults if account is not None and f["account"] != account]

    def take(self, call: Call) -> dict[str, Any] | None:
        """The fault for this call, if any; one that is limited in `times` is used up by it, one that comes `after` some calls lets these by."""
        with self._lock:
            fitting = [f for f in self._faults if fits(f, call) and f.get("times", 1) > 0]
            if not fitting:
                return None
            fault = max(fitting, key=weight)
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                return None
            if "times" in fault:
                fault["times"] -= 1
            return fault


def spoils(fault: dict[str, Any]) -> bool:
    """Whether the fault needs the true answer first."""
    return fault["fault"] in ("cut", "garbled")


def refuse(call: Call, fault: dict[str, Any]) -> None:
    """Raises `Refused` for the faults that are error answers."""
    kind, json = fault["fault"], call.protocol in ("json", "rest-json")
    action = f"{'s3' if call.service == 's3control' else call.service}:{call.operation}"
    if kind in ("denied", "denied_by_scp"):
        code, status = DENIED.get(call.service, ("AccessDeniedException", 400 if call.protocol == "json" else 403) if json else ("AccessDenied", 403))
        why = "with an explicit deny in a service control policy" if kind == "denied_by_scp" else "because no identity-based policy allows the action"
        message = f"User: {call.principal} is not authorized to perform: {action} on resource: * {why}"
        raise Refused(fault.get("code", code), message, status)
    if kind == "expired":
        code = {"json": "ExpiredTokenException", "rest-json": "ExpiredTokenException", "ec2": "RequestExpired"}.get(call.protocol, "ExpiredToken")
        raise Refused(fault.get("code", code), "The security token included in the request is expired", 400)
    if kind == "throttled":
        code, status = THROTTLED.get(call.service, ("ThrottlingException", 400))
        raise Refused(fault.get("code", code), "Rate exceeded", status)
    if kind == "error500":
        raise Refused(fault.get("code", "InternalError" if not json else "InternalServerError"), "We encountered an internal error.", 500)
    if kind == "unavailable":
        raise Refused(fault.get("code", "ServiceUnavailable"), "Service is unable to handle request.", 503)
    if kind == "unsupported":
        code, status = UNSUPPORTED.get(call.service, ("UnsupportedOperation", 400))
        raise Refused(fault.get("code", code), "The operation is not supported in this region.", status)


def body(call: Call, fault: dict[str, Any], status: int, headers: dict[str, str], true: bytes) -> tuple[int, dict[str, str], Iterable[bytes]]:
    """The faults that answer 200 with a body nobody can use."""
    kind = fault["fault"]
    if kind == "hang":
        time.sleep(fault.get("seconds", 3600))
        return 200, {}, [b""]
    if kind == "empty":
        return 200, {"Content-Type": headers.get("Content-Type", "text/xml")}, [b""]
    if kind == "garbled":
        garbage = b"\x00\xff<]garbled{" + true[: len(true) // 2][::-1]
        return 200, {**headers, "Content-Length": str(len(garbage))}, [garbage]
    # cut: the header promises everything, the connection ends half way
    return status, {**headers, "Content-Length": str(max(len(true), 2))}, [true[: len(true) // 2]]
