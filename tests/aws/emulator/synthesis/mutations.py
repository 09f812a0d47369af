"""Answers that say something else than the model: a member renamed, or of another type.

Each mutation says what a careful reader makes of it: `malformed`; or the answer without one member (`absent`, since
AWS adds members and a name that the model lacks is left unread); never another value.
"""

import contextlib
import json
from dataclasses import dataclass
from typing import Any, Iterator
from xml.etree import ElementTree

from emulator.synthesis.wire import Wire, protocol_of

MALFORMED = "malformed"

#: What stands in JSON where another type belongs.
JSON_WRONG: dict[str, list[Any]] = {
    "string": [7, {"x": "y"}, ["x"], True],
    "boolean": ["x", 1, {"x": True}, "true"],
    "integer": ["x", {"x": 1}, [1], True, 1.5],
    "double": ["x", {"x": 1.5}, [1.5], False],
    "timestamp": ["x", {"x": 1}, [1], True],
    "blob": [7, "***", {"x": "AA=="}, ["AA=="]],
    "structure": [[], "x", 7, [{}]],
    "list": [{}, "x", {"member": []}, 7],
    "map": [[], "x", 7, [{}]],
}
#: What stands in XML: text, or an element inside (TREE), or the element twice (TWICE).
TREE, TWICE = object(), object()
XML_WRONG: dict[str, list[Any]] = {
    "string": [TREE, TWICE],
    "boolean": ["x", TREE, "", "1x", TWICE],
    "integer": ["x", TREE, "", "1.5", TWICE],
    "double": ["x", TREE, "", TWICE],
    "timestamp": ["x", TREE, "", TWICE],
    "blob": ["***", TREE, TWICE],
    "structure": ["x", TWICE],
    "list": ["x", TREE],
    "map": ["x", TREE],
}
ALIKE = {"character": "string", "long": "integer", "float": "double"}


@dataclass
class Mutation:
    name: str
    expect: Any
    change: Any
    """A context manager that changes the tree and takes the change back."""


class Tree:
    """An answer's body as a tree that can be changed and written again."""

    def __init__(self, service: str, operation: Any, value: Any, wire: Wire) -> None:
        self.operation, self.value = operation, value
        self.status, self.headers, body = wire
        self.json = "json" in protocol_of(service)
        self.query = protocol_of(service) == "query"
        if self.json:
            self.root = json.loads(body) if body else {}
        else:
            self.root = ElementTree.fromstring(body) if body else None
            if self.root is not None:
                self._unqualify()
        self.sites = list(self._from_the_top())

    def _unqualify(self) -> None:
        """ElementTree would write prefixes, which AWS does not."""
        for node in self.root.iter():
            space, closed, name = node.tag.rpartition("}")
            node.tag = name
            if closed and node is self.root:
                node.set("xmlns", space[1:])

    def wire(self, mutation: Mutation) -> Wire:
        with mutation.change():
            return self.status, dict(self.headers), self.body()

    def body(self) -> bytes:
        if self.json:
            return json.dumps(self.root).encode()
        return b"" if self.root is None else ElementTree.tostring(self.root)

    def mutations(self, known: set[tuple[str, str]], at_most: int) -> list[Mutation]:
        """At most so many, of members (structure, name) that are not `known` yet; those at the top always."""
        made = list(self._frames())
        for turn, site in enumerate(self.sites):
            top = len(site.path) == 1
            if not top and (site.key in known or len(made) >= at_most):
                continue
            known.add(site.key)
            wrong = list(self._mistyped(site))
            if top:
                made.extend([*self._renamed(site), *wrong])
                continue
            # That an optional member is left unread is shown by `partly`, for all of them at once.
            made.extend(m for m in self._renamed(site) if m.expect == MALFORMED)
            made.extend(wrong[turn % len(wrong) :][:1] if wrong else [])
        return made

    def changed(self, how: str, number: int) -> Mutation:
        """One member under another name (`renamed`), or with a value of another type (`retyped`)."""
        site = self.sites[number]
        return next(self._renamed(site) if how == "renamed" else self._mistyped(site))

    def partly(self, half: int) -> bytes:
        """The body with every second optional member under a name that the model lacks."""
        with contextlib.ExitStack() as stack:
            for i, site in enumerate(self.sites):
                if i % 2 == half and not site.required and not site.owner.is_tagged_union:
                    stack.enter_context(site.renamed())
            return self.body()

    def nulls(self) -> bytes:
        """The body with every second optional member null; only JSON has it."""
        with contextlib.ExitStack() as stack:
            for i, site in enumerate(self.sites):
                if i % 2 and not site.required and not site.owner.is_tagged_union:
                    stack.enter_context(site.replaced(None))
            return self.body()

    def grown(self) -> bytes:
        """The body with members that the model does not know yet: AWS adds some every week."""
        with contextlib.ExitStack() as stack:
            for parent in {id(s.parent): s.parent for s in self.sites if not s.owner.is_tagged_union}.values():
                stack.enter_context(added(parent))
            return self.body()

    def _from_the_top(self) -> Iterator["Site"]:
        """Each member of each structure of the body, the outer first."""
        shape = self.operation.output_shape
        if shape is None or self.root is None:
            return
        node, target, value, path = self.root, shape, self.value, []
        if self.query:
            wrapper = shape.serialization.get("resultWrapper")
            node = self.root.find(wrapper) if wrapper else self.root
        if payload := shape.serialization.get("payload"):
            target, value, path = shape.members[payload], value[payload], [payload]
        yield from self._sites(target, value, node, path)

    def _frames(self) -> Iterator[Mutation]:
        """The root and the result's wrapper under another name."""
        if self.json or self.root is None:
            return
        yield Mutation("root renamed", MALFORMED, lambda: tag(self.root, self.root.tag + "X"))
        if self.query and self.operation.output_shape is not None:
            for child in self.root:
                if child.tag != "ResponseMetadata":
                    yield Mutation(f"{child.tag} renamed", MALFORMED, lambda c=child: tag(c, c.tag + "X"))

    def _sites(self, shape: Any, value: Any, node: Any, path: list[Any]) -> Iterator["Site"]:
        if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
            for name, member in shape.members.items():
                if name not in value or member.serialization.get("location"):
                    continue
                site = Site(self, shape, name, member, node, [*path, name])
                yield site
                yield from self._sites(member, value[name], site.node(), site.path)
        elif shape.type_name == "list":
            for i, inner in enumerate(value):
                yield from self._sites(shape.member, inner, node[i], [*path, i])
        elif shape.type_name == "map":
            for i, (key, inner) in enumerate(value.items()):
                if self.json:
                    child = node[key]
                else:
                    child = node[i].find(shape.value.serialization.get("name") or "value")
                yield from self._sites(shape.value, inner, child, [*path, key])

    def _renamed(self, site: "Site") -> Iterator[Mutation]:
        label = ".".join(map(str, site.path))
        expect = MALFORMED if site.required else {"absent": site.path}
        if site.owner.is_tagged_union:
            # A member that the model lacks is what botocore makes of it; an empty union is as honest.
            expect = {"absent": site.path, "or": MALFORMED}
        yield Mutation(f"{label} renamed", expect, site.renamed)
        if not self.json and site.member.type_name == "list" and not site.flat:
            yield Mutation(f"{label}: element renamed", MALFORMED, lambda: tag(site.node()[0], "ElementX"))

    def _mistyped(self, site: "Site") -> Iterator[Mutation]:
        kind = site.member.type_name
        if getattr(site.member, "is_document_type", False):
            return
        label = ".".join(map(str, site.path))
        for wrong in (JSON_WRONG if self.json else XML_WRONG)[ALIKE.get(kind, kind)]:
            if not self.json and site.flat:
                continue
            shown = {id(TREE): "a structure", id(TWICE): "twice"}.get(id(wrong)) or repr(wrong)
            yield Mutation(f"{label} ({kind}) is {shown}", MALFORMED, lambda w=wrong: site.replaced(w))


@dataclass
class Site:
    """A member in the tree."""

    tree: Tree
    owner: Any
    name: str
    member: Any
    parent: Any
    path: list[Any]

    @property
    def key(self) -> tuple[str, str]:
        return (self.owner.name, self.name)

    @property
    def required(self) -> bool:
        return self.name in self.owner.required_members

    @property
    def flat(self) -> bool:
        return bool(self.member.serialization.get("flattened"))

    @property
    def written(self) -> str:
        """The member's name on the wire."""
        if not self.tree.json and self.flat and self.member.type_name == "list":
            inner = self.member.member.serialization.get("name")
            if inner:
                return inner
        return self.member.serialization.get("name", self.name)

    def node(self) -> Any:
        if self.tree.json:
            return self.parent[self.written]
        found = self.parent.findall(self.written)
        return found if self.flat else found[0]

    @contextlib.contextmanager
    def renamed(self) -> Iterator[None]:
        if self.tree.json:
            self.parent[self.written + "X"] = kept = self.parent.pop(self.written)
            yield
            del self.parent[self.written + "X"]
            self.parent[self.written] = kept
        else:
            elements = self.parent.findall(self.written)
            for element in elements:
                element.tag += "X"
            yield
            for element in elements:
                element.tag = self.written

    @contextlib.contextmanager
    def replaced(self, wrong: Any) -> Iterator[None]:
        if self.tree.json:
            kept, self.parent[self.written] = self.parent[self.written], wrong
            yield
            self.parent[self.written] = kept
            return
        node, at = self.node(), list(self.parent).index(self.node())
        if wrong is TWICE:
            self.parent.insert(at, node)
            yield
            del self.parent[at]
            return
        other = ElementTree.Element(node.tag)
        if wrong is TREE:
            ElementTree.SubElement(other, "x").text = "1"
        else:
            other.text = wrong
        self.parent[at] = other
        yield
        self.parent[at] = node


@contextlib.contextmanager
def added(parent: Any) -> Iterator[None]:
    """An unknown structure before everything that `parent` holds."""
    if isinstance(parent, dict):
        parent["AddedLater"] = {"List": [1, {"a": None}], "Text": "<&"}
        yield
        del parent["AddedLater"]
        return
    new = ElementTree.Element("AddedLater")
    ElementTree.SubElement(ElementTree.SubElement(new, "member"), "Text").text = "<&"
    parent.insert(0, new)
    yield
    parent.remove(new)


@contextlib.contextmanager
def tag(node: Any, other: str) -> Iterator[None]:
    kept, node.tag = node.tag, other
    yield
    node.tag = kept
