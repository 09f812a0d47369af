"""Answers that are given, not computed: for operations that moto lacks, and for errors.

An entry is AWS-CLI-shaped:

    {"account": "111122223333", "region": "*", "service": "ec2", "operation": "GetAllowedImagesSettings",
     "match": {...}, "answer": {...}}

`answer` replaces the answer, `merge` is laid over what moto (or a less specific entry) answers, `error` is
{"Code", "Message"} with an HTTP `status`. `match` are parameters that must be equal. Account and region may be "*"; the entry that names more
wins, among equals the later one. An entry that has only "//" is a comment. Every entry is held against botocore's output shape when it is added, so a misspelt key is an error then
and not a mystery later. Strings may hold ${account}, ${region} and ${now-40d} (units d, h, m, s; also +).
"""

import datetime
import json
import pathlib
import re
import threading
from typing import Any

from botocore.validate import ParamValidator

from emulator.call import Call, Refused, operation_of

KEYS = {"account", "region", "service", "operation", "match", "answer", "merge", "error", "status", "//"}
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
NOW = re.compile(r"\$\{now(?:([+-])(\d+)([dhms]))?\}")


class Overlay:
    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def load(self, path: pathlib.Path) -> None:
        self.add(json.loads(path.read_text()))

    def add(self, entries: Any) -> None:
        entries = entries if isinstance(entries, list) else [entries]
        checked = [checked_entry(e) for e in entries if set(e) != {"//"}]
        with self._lock:
            self._entries.extend(checked)

    def reset(self, account: str | None) -> None:
        """Forget what was added for `account` (None: for every one), never the defaults for all accounts."""
        with self._lock:
            self._entries = [
                e for e in self._entries if e["account"] == "*" or (account is not None and e["account"] != account)
            ]

    def find(self, call: Call) -> list[dict[str, Any]]:
        """Every entry that fits, the weakest first."""
        with self._lock:
            fitting = [(weight(e), i, e) for i, e in enumerate(self._entries) if fits(e, call)]
        return [e for _, _, e in sorted(fitting, key=lambda f: f[:2])]


def fits(entry: dict[str, Any], call: Call) -> bool:
    return (
        entry["service"] == call.service
        and entry["operation"] in ("*", call.operation)
        and entry["account"] in ("*", call.account)
        and entry["region"] in ("*", call.region)
        and all(call.params.get(k) == v for k, v in entry.get("match", {}).items())
    )


def weight(entry: dict[str, Any]) -> tuple[bool, bool, int]:
    return (entry["account"] != "*", entry["region"] != "*", len(entry.get("match", {})))


def respond(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry's answer for this call; raises `Refused` for an error."""
    if "error" in entry:
        error = fill(entry["error"], call)
        raise Refused(error["Code"], error.get("Message", ""), entry.get("status", 400))
    return fill(entry["answer"], call)


def merged(base: Any, top: Any) -> Any:
    if isinstance(base, dict) and isinstance(top, dict):
        return {**base, **{k: merged(base.get(k), v) for k, v in top.items()}}
    return top


def fill(value: Any, call: Call) -> Any:
    if isinstance(value, dict):
        return {k: fill(v, call) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, call) for v in value]
    if isinstance(value, str) and "${" in value:
        value = value.replace("${account}", call.account).replace("${region}", call.region)
        return NOW.sub(lambda m: when(m.group(0)).strftime("%Y-%m-%dT%H:%M:%SZ"), value)
    return value


def when(text: str) -> datetime.datetime:
    """`${now-40d}`, `now-40d` or an ISO 8601 time, as a time in UTC."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    short = re.fullmatch(r"(?:\$\{)?now(?:([+-])(\d+)([dhms]))?\}?", text)
    if not short:
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    sign, number, unit = short.groups()
    if sign is None:
        return now
    delta = datetime.timedelta(**{UNITS[unit]: int(number)})
    return now - delta if sign == "-" else now + delta


class _Sample:
    """Stands for a call while an entry is checked."""

    account, region = "111122223333", "us-east-1"


def checked_entry(entry: dict[str, Any]) -> dict[str, Any]:
    name = f"{entry.get('service')}:{entry.get('operation')}"
    unknown = set(entry) - KEYS
    if unknown:
        raise ValueError(f"overlay entry {name}: unknown keys {sorted(unknown)}")
    kinds = [k for k in ("answer", "merge", "error") if k in entry]
    if len(kinds) != 1:
        raise ValueError(f"overlay entry {name}: needs exactly one of answer, merge, error")
    entry = {"account": "*", "region": "*", **entry}
    if not re.fullmatch(r"\*|\d{12}", entry["account"]):
        raise ValueError(f"overlay entry {name}: account {entry['account']!r} is not a twelve-digit number or *")
    operation = operation_of(entry["service"], entry["operation"])
    known = operation.input_shape.members if operation.input_shape else {}
    for parameter in entry.get("match", {}):
        if parameter not in known:
            raise ValueError(f"overlay entry {name}: {parameter} is not a parameter of the operation")
    if kinds == ["error"]:
        if set(entry["error"]) - {"Code", "Message"} or "Code" not in entry["error"]:
            raise ValueError(f"overlay entry {name}: an error has Code and Message")
        return entry
    problems = Validator(partial=kinds == ["merge"]).validate(fill(entry[kinds[0]], _Sample), operation.output_shape)
    if problems.has_errors():
        raise ValueError(f"overlay entry {name}: {problems.generate_report()}")
    return entry


class Validator(ParamValidator):
    """botocore's validator of inputs, on outputs: what a merge leaves out is not missing, and lengths are AWS's affair."""

    def __init__(self, partial: bool):
        self.partial = partial

    def _validate_structure(self, params: Any, shape: Any, errors: Any, name: str) -> None:
        required = shape.metadata.get("required")
        if self.partial and required:
            shape.metadata["required"] = []
        try:
            super()._validate_structure(params, shape, errors, name)
        finally:
            if self.partial and required:
                shape.metadata["required"] = required
