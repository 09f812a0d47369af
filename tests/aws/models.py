"""Cuts the models of services out of the pinned botocore: only the operations that are used, only names and types.

    python3 tests/aws/models.py                               writes crates/estate/models/ anew
    python3 tests/aws/models.py --operations FILE --out DIR   the operations of FILE (`service:Operation`, one a line)

What is used is what cards declare in `calls`, so that read-only is a property of the data: a scan's client has no model
of an operation that no card names. `push` has a file of its own. The vocabulary is botocore's; a member that says no more
than its shape is just that shape, and a shape that says no more than its type is just that type. Endpoints are what
botocore's rules answer, as templates (see `endpoints.py`).
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import argparse
import collections
import json
import pathlib
import re
import tomllib

import botocore.exceptions
import botocore.loaders
import endpoints

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
MODELS = REPO / "crates" / "estate" / "models"



def by_crate() -> set[str]:
    """The services whose rows say `by aws_sdk_…`; every other one goes through the model client."""
    names = set()
    for path in (REPO / "crates" / "estate" / "src" / "services").rglob("*.rs"):
        text = path.read_text()
        if re.search(r"=> \w+ by aws_sdk_\w+", text):
            names.add(re.search(r'Service::\w+\(\s*"([^"]+)"', text)[1])
    return names


BY_CRATE = by_crate()

#: Asked to find the accounts of an organization, and declared by no card.
DISCOVERY = {"organizations": {"ListTagsForResource"}}

#: What `posture push` asks; what it writes with, a scan must not.
PUSH = {"securityhub": ["BatchImportFindings", "GetFindings"]}

#: Headers that AWS wants on every request of a service; its SDKs add them by hand.
HEADERS = {"apigateway": {"accept": "application/json"}, "glacier": {"x-amz-glacier-version": "2012-06-01"}}

#: Members of answers that the model requires and AWS leaves out where there is nothing to say: an account that nobody administers.
LEFT_OUT = {"guardduty": {"GetAdministratorAccountResponse": {"Administrator"}}}

#: Botocore's paginators lack some operations. These are the names of tokens in (left) and out (right).
TOKENS = [
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("Marker", "Marker"),
    ("NextMarker", "NextMarker"),
    ("PageToken", "NextPageToken"),
]

PRIMITIVES = {"string", "integer", "long", "boolean", "double", "float", "blob", "timestamp", "document"}
LOADER = botocore.loaders.Loader()


def declared() -> dict[str, set[str]]:
    """The operations that cards declare and discovery asks, by service, of services that go through the model client."""
    wanted = collections.defaultdict(set, {service: set(operations) for service, operations in DISCOVERY.items()})
    for card in sorted((REPO / "checks").glob("**/*.md")):
        fence = re.match(r"```toml\n(.*?)^```", card.read_text(), re.DOTALL | re.MULTILINE)
        for call in tomllib.loads(fence[1])["calls"] if fence else []:
            service, operation = call.split(":")
            if service not in BY_CRATE:
                wanted[service].add(operation)
    return wanted


def listed(path: str) -> dict[str, set[str]]:
    wanted = collections.defaultdict(set)
    for line in pathlib.Path(path).read_text().split():
        service, operation = line.split(":")
        wanted[service].add(operation)
    return wanted


class Cut:
    """One service, cut down to some operations."""

    def __init__(self, service: str, operations) -> None:
        folder = endpoints.folder(service)
        self.model = LOADER.load_service_model(folder, "service-2")
        self.paginators = paginators(folder)
        self.shapes: dict[str, dict] = {}
        self.left_out = LEFT_OUT.get(service, {})
        unknown = sorted(set(operations) - set(self.model["operations"]))
        if unknown:
            raise SystemExit(f"{service} has no operation {', '.join(unknown)}")
        self.operations = {name: self.operation(name) for name in sorted(operations)}
        metadata = self.model["metadata"]
        offered = [metadata["protocol"], *metadata.get("protocols", [])]
        self.head = {
            "service": service,
            "id": metadata["serviceId"],
            "protocol": next(one for one in offered if one in ("json", "rest-json", "query", "rest-xml")),
            "version": metadata["apiVersion"],
            "jsonVersion": metadata.get("jsonVersion"),
            "targetPrefix": metadata.get("targetPrefix"),
            "queryCompatible": "awsQueryCompatible" in metadata or None,
            "signingName": endpoints.signing_name(metadata),
            "headers": HEADERS.get(service),
        }
        self.endpoints = endpoints.rules(service, self.operations)
        self.absent = endpoints.absent(service)

    def operation(self, name: str) -> dict:
        operation = self.model["operations"][name]
        cut = {"method": operation["http"]["method"], "uri": operation["http"].get("requestUri", "/")}
        for side in ("input", "output"):
            if side in operation:
                cut[side] = self.shape(operation[side]["shape"])
        if "resultWrapper" in operation.get("output", {}):
            cut["resultWrapper"] = operation["output"]["resultWrapper"]
        pages = self.pages(name, operation)
        if pages:
            cut["pages"] = pages
        return cut

    def pages(self, name: str, operation: dict) -> dict | None:
        if name in self.paginators:
            said = self.paginators[name]
            pages = {
                "input": many(said["input_token"]),
                "output": many(said["output_token"]),
                "items": many(said["result_key"]),
                "more": said.get("more_results"),
            }
        else:
            members = lambda side: self.model["shapes"][operation[side]["shape"]]["members"] if side in operation else {}
            into, out = members("input"), members("output")
            token = next(((left, right) for left, right in TOKENS if left in into and right in out), None)
            if token is None:
                return None
            lists = [key for key, one in out.items() if self.model["shapes"][one["shape"]]["type"] == "list"]
            pages = {"input": [token[0]], "output": [token[1]], "items": lists}
        for path in [*pages["output"], *pages["items"], *many(pages.get("more"))]:
            if not re.fullmatch(r"\w+(\.\w+)*", path):
                raise SystemExit(f"{name} pages by {path!r}, which is no path of members: teach models.py and pages.rs")
        return {key: value for key, value in pages.items() if value}

    def shape(self, name: str) -> str:
        """Keeps a shape and all that it needs; gives its name, or its type where there is nothing else to say."""
        shape = self.model["shapes"][name]
        kind = {"character": "string"}.get(shape["type"], shape["type"])
        if kind == "structure" and shape.get("document"):
            return "document"
        if kind in PRIMITIVES and "timestampFormat" not in shape:
            return kind
        if name in self.shapes:
            return name
        if name in PRIMITIVES:
            raise SystemExit(f"a {kind} with the name {name}")
        cut = self.shapes[name] = {"type": kind}
        if kind == "structure":
            cut["members"] = {key: self.pointer(member) for key, member in shape["members"].items()}
            required = [member for member in shape.get("required", []) if member not in self.left_out.get(name, ())]
            for trait, value in (("required", required), ("payload", shape.get("payload")), ("locationName", shape.get("locationName"))):
                if value:
                    cut[trait] = value
        elif kind == "list":
            cut["member"] = self.pointer(shape["member"])
        elif kind == "map":
            cut["key"], cut["value"] = self.pointer(shape["key"]), self.pointer(shape["value"])
        for trait in ("flattened", "timestampFormat"):
            if shape.get(trait):
                cut[trait] = shape[trait]
        return name

    def pointer(self, member: dict):
        traits = {"shape": self.shape(member["shape"])}
        for trait in ("location", "locationName", "flattened", "xmlAttribute", "timestampFormat"):
            if trait in member:
                traits[trait] = member[trait]
        # As botocore has it: what a shape is called, every member is that points at it and has no name of its own.
        named = self.model["shapes"][member["shape"]].get("locationName")
        if named:
            traits.setdefault("locationName", named)
        return traits["shape"] if len(traits) == 1 else traits

    def text(self) -> str:
        head = [f'"{key}":{compact(value)}' for key, value in self.head.items() if value is not None]
        rules = "\n" + ",\n".join(compact(rule) for rule in self.endpoints) + "\n"
        tables = [f'"endpoints":[{rules}]', *([f'"absent":{compact(self.absent)}'] if self.absent else []), *(f'"{name}":{table(getattr(self, name))}' for name in ("operations", "shapes"))]
        return "{\n" + ",\n".join([*head, *tables]) + "\n}\n"


def paginators(folder: str) -> dict:
    try:
        return LOADER.load_service_model(folder, "paginators-1")["pagination"]
    except botocore.exceptions.UnknownServiceError:
        return {}


def many(value) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


def compact(value) -> str:
    return json.dumps(value, separators=(",", ":"))


def table(entries: dict) -> str:
    return "{\n" + ",\n".join(f'"{name}":{compact(entries[name])}' for name in sorted(entries)) + "\n}"


def write(wanted: dict, out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.json"):
        if old.stem not in wanted:
            old.unlink()
    for service, operations in sorted(wanted.items()):
        (out / f"{service}.json").write_text(Cut(service, operations).text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", help="instead of what cards declare: service:Operation, one a line")
    parser.add_argument("--out", type=pathlib.Path, default=MODELS)
    args = parser.parse_args()
    if args.operations:
        write({name: ops for name, ops in listed(args.operations).items() if name not in BY_CRATE}, args.out)
    else:
        write(declared(), args.out)
        write(PUSH, args.out / "push")


if __name__ == "__main__":
    main()
