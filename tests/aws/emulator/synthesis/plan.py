"""All that is asked and answered for one operation in the proof of the model client."""

import functools
import re
import threading
from typing import Any
from xml.sax.saxutils import unescape

from emulator.call import Refused
from emulator.synthesis import wire
from emulator.synthesis.mutations import MALFORMED, Mutation, Tree
from emulator.synthesis.requests import Request, differences
from emulator.synthesis.values import Synthesis, bare, hollow

#: Mutations below the top of an answer, per operation; answers over LARGE bytes have fewer.
AT_MOST, FEW, LARGE = 24, 6, 100_000
MESSAGE = "  Rate <of> \"é\" & 'co' exceeded: User: arn:aws:iam::111122223333:user/x is not authorized  "
#: What may stand behind a whole document, and makes it none.
TAILS = (b"x", b"{}", b"<a/>", b"\x00", b"]", b"</a>")

_known: dict[str, set[tuple[str, str]]] = {}
_lock = threading.Lock()


@functools.cache
def plan(service: str, operation: str) -> "Plan":
    return Plan(service, operation)


class Plan:
    def __init__(self, service: str, operation: str) -> None:
        self.service = service
        self.model = wire.operation_of(service, operation)
        self.lock = threading.Lock()
        self.values: list[Any] = []
        self.answers: dict[str, wire.Wire] = {}
        self.expected: dict[str, Any] = {}
        self.mutations: list[Mutation] = []
        self.inputs = Synthesis().rounds(self.model.input_shape)
        if self.model.input_shape is not None:
            self.inputs.append(bare(self.model.input_shape, self.inputs[0]))
        with _lock:
            self._answers()
            self._errors()

    def _answers(self) -> None:
        shape = self.model.output_shape
        for i, value in enumerate(Synthesis().rounds(shape)):
            whole = wire.write(self.service, self.model, value)
            self._answer(f"full-{i}", whole)
            if self.values[-1] != value:
                raise ValueError(f"{self.model.name}: on the wire the answer {i} lost something")
            if shape is not None:
                self._answer(f"hollow-{i}", wire.write(self.service, self.model, hollow(shape, value)))
        self._variants()

    def _variants(self) -> None:
        """What is made of one answer, a shallow one, since there are many."""
        value = Synthesis(deep=1).of(self.model.output_shape) if self.model.output_shape else {}
        status, headers, body = whole = wire.write(self.service, self.model, value)
        self._answer("plain", whole)
        self.tree = tree = Tree(self.service, self.model, value, whole)
        bodies = {"half-0": tree.partly(0), "half-1": tree.partly(1), "grown": tree.grown()}
        if tree.json:
            bodies["nulls"] = tree.nulls()
        else:
            bodies["spaced"] = spaced(body)
            bodies["cdata"] = cdata(body)
        for name, changed in bodies.items():
            self._answer(name, (status, headers, changed))
        # CDATA is XML, and nothing that AWS sends: it may be refused, never misread.
        if "cdata" in self.expected:
            self.expected["cdata"]["or"] = MALFORMED
        known = _known.setdefault(self.service, set())
        self.mutations = tree.mutations(known, FEW if len(body) > LARGE else AT_MOST)

    def _answer(self, name: str, made: wire.Wire) -> None:
        self.answers[name] = made
        self.values.append(wire.read(self.service, self.model, made))
        self.expected[name] = {"value": len(self.values) - 1}

    def _errors(self) -> None:
        codes = [error.error_code for error in self.model.error_shapes[:2]]
        for code in ["AccessDeniedException", "ThrottlingException", *codes]:
            status = 403 if code.startswith("AccessDenied") else 400
            _, headers, body = wire.write(self.service, self.model, Refused(code, MESSAGE, status))
            made = (status, headers, body)
            error = wire.read(self.service, self.model, made)["Error"]
            name = f"error-{len(self.answers)}"
            self.answers[name] = made
            self.expected[name] = {"status": status, "code": error["Code"], "message": error.get("Message", "")}

    def told(self) -> dict[str, Any]:
        """What the test must know: the inputs, each case with its expectation, the values that they name."""
        cases = [{"case": name, "expect": expect} for name, expect in self.expected.items()]
        for i, mutation in enumerate(self.mutations):
            cases.append({"case": f"mutation-{i}", "name": mutation.name, "expect": mutation.expect})
        return {
            "bytes": len(self.answers["plain"][2]),
            "protocol": wire.protocol_of(self.service),
            "inputs": wire.tagged(self.inputs),
            "values": wire.tagged(self.values),
            "cases": cases,
            "members": [site.path for site in self.tree.sites],
        }

    def answer(self, case: str) -> wire.Wire:
        kind, _, number = case.partition("-")
        if kind == "mutation":
            with self.lock:
                return self.tree.wire(self.mutations[int(number)])
        if kind in ("renamed", "retyped"):
            with self.lock:
                return self.tree.wire(self.tree.changed(kind, int(number)))
        if kind == "cut":
            status, headers, body = self.answers["plain"]
            return status, headers, body[: int(number)]
        if kind == "tail":
            status, headers, body = self.answers["plain"]
            return status, headers, body + TAILS[int(number)]
        if kind == "input":
            return self.answers["plain"]
        return self.answers[case]

    def differences(self, case: str, sent: Request) -> list[str]:
        """Against botocore's request for the input of the case: that of `input-2` is the third."""
        given = self.inputs[int(case.removeprefix("input-"))]
        return differences(self.service, self.model, given, sent)


def spaced(body: bytes) -> bytes:
    """The same document with a prolog, indentation, comments, and letters by their numbers."""
    text = re.sub(r"^<\?xml[^>]*\?>\s*", "", body.decode())
    text = re.sub(r"><(?!/)", ">\n  <!-- a <note> & more -->\n  <", text)
    text = re.sub(r"></", ">\n</", text)
    text = "".join(c if ord(c) < 128 else f"&#{ord(c)};" if ord(c) % 2 else f"&#x{ord(c):X};" for c in text)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def cdata(body: bytes) -> bytes:
    """The same document with each text half in a CDATA section."""

    def section(found: re.Match[str]) -> str:
        text = unescape(found[1], {"&quot;": '"', "&apos;": "'"})
        if "]]>" in text:
            return found[0]
        return f"><![CDATA[{text}]]></"

    return re.sub(r">([^<>]+)</", section, body.decode()).encode()
