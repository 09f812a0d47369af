"""Values for a shape with every member set: the same for every run, no two alike, and hard to carry.

A list has two elements and a map two entries, an enumeration takes its own words in turn, and a structure comes at most
`deep` times in one path, for some contain themselves. A union has one member at a time, so an answer with unions is made up
several times over, until each member of each has been seen.
"""

import datetime
from typing import Any

#: More answers than any union in botocore's models needs.
ROUNDS = 12
EPOCH = datetime.datetime(2001, 9, 9, 1, 46, 40, tzinfo=datetime.timezone.utc)


class _Cut:
    """No value: the recursion ended here."""


CUT = _Cut()


class Synthesis:
    """One operation's values. What it hands out depends on the order of asking alone."""

    def __init__(self, deep: int = 2) -> None:
        self.deep = deep
        self.count = 0
        self.turns: dict[str, int] = {}
        self.unions: dict[str, int] = {}

    def rounds(self, shape: Any) -> list[dict[str, Any]]:
        """As many values of `shape` as it takes to see each member of each union."""
        if shape is None:
            return [{}]
        made = [self.of(shape)]
        while any(self.turns[name] < size for name, size in self.unions.items()):
            made.append(self.of(shape))
            if len(made) > ROUNDS:
                raise ValueError(f"{shape.name}: its unions are not seen within {ROUNDS} answers")
        return [{} if value is CUT else value for value in made]

    def of(self, shape: Any, above: tuple[str, ...] = ()) -> Any:
        self.count += 1
        make = getattr(self, f"_{shape.type_name}")
        return make(shape, above)

    def _structure(self, shape: Any, above: tuple[str, ...]) -> Any:
        if getattr(shape, "is_document_type", False):
            return {"any": [self.count, 0.5, True, None, {"<&\"é": " text "}], "empty": {}}
        if above.count(shape.name) >= self.deep:
            return CUT
        above = (*above, shape.name)
        if shape.is_tagged_union:
            return self._union(shape, above)
        made = {}
        for name, member in shape.members.items():
            value = self.of(member, above)
            if value is not CUT:
                made[name] = value
            elif name in shape.required_members:
                if member.type_name not in ("list", "map"):
                    return CUT
                made[name] = [] if member.type_name == "list" else {}
        return made

    def _union(self, shape: Any, above: tuple[str, ...]) -> Any:
        members = list(shape.members.items())
        self.unions[shape.name] = len(members)
        for _ in members:
            turn = self.turns.get(shape.name, 0)
            self.turns[shape.name] = turn + 1
            name, member = members[turn % len(members)]
            value = self.of(member, above)
            if value is not CUT:
                return {name: value}
        return CUT

    def _list(self, shape: Any, above: tuple[str, ...]) -> Any:
        elements = [self.of(shape.member, above) for _ in range(2)]
        return CUT if CUT in elements else elements

    def _map(self, shape: Any, above: tuple[str, ...]) -> Any:
        entries = [(self.of(shape.key, above), self.of(shape.value, above)) for _ in range(2)]
        return CUT if any(value is CUT for _, value in entries) else dict(entries)

    def _string(self, shape: Any, _: Any) -> str:
        words = shape.metadata.get("enum")
        if words:
            # Keys of a map must differ, so the turn is of the shape and not of the operation.
            turn = self.turns[f"enum {shape.name}"] = self.turns.get(f"enum {shape.name}", -1) + 1
            return words[turn % len(words)]
        location = shape.serialization.get("location")
        if shape.serialization.get("hostLabel"):
            return "111122223333"
        if location in ("header", "headers"):
            return f"token-{self.count}"
        if location == "uri":
            return f"a/b c+d%2F&<\"é?#{self.count}"
        return f"  {shape.name}-{self.count} <&>\"'é漢\n\t]]> &amp; \\u0041  "

    _character = _string

    def _boolean(self, *_: Any) -> bool:
        return self.count % 2 == 0

    def _integer(self, *_: Any) -> int:
        return (2**31 - 1, -(2**31), self.count, -self.count, 0)[self.count % 5]

    def _long(self, *_: Any) -> int:
        return (2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63))[self.count % 4] - (self.count if self.count % 4 in (1, 2) else -self.count)

    def _float(self, *_: Any) -> float:
        return self.count + 0.5

    def _double(self, *_: Any) -> float:
        return (self.count + 0.1, -1e-7 * self.count, 1e300, 1e21 + self.count * 1e6)[self.count % 4]

    def _timestamp(self, shape: Any, _: Any) -> datetime.datetime:
        # Whole milliseconds in binary: what a moment is worth is compared, not how its last bit is rounded.
        fraction = 0 if shape.serialization.get("timestampFormat") == "rfc822" else (0, 125, 500, 750)[self.count % 4]
        return EPOCH + datetime.timedelta(days=self.count, seconds=61 * self.count, milliseconds=fraction)

    def _blob(self, *_: Any) -> bytes:
        return bytes([0, 255, self.count % 256]) + b"<blob&" + str(self.count).encode()


def hollow(shape: Any, value: Any) -> Any:
    """`value` with its lists and maps empty and its texts blank: the other shape in which AWS answers."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        return {name: hollow(shape.members[name], inner) for name, inner in value.items()}
    if shape.type_name in ("list", "map"):
        return type(value)()
    if shape.type_name == "string" and not shape.metadata.get("enum") and not shape.serialization.get("location"):
        return ""
    return value


def bare(shape: Any, value: Any) -> Any:
    """`value` with nothing that is optional: what is mostly asked."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        needed = set(value) if shape.is_tagged_union else shape.required_members
        return {name: bare(shape.members[name], inner) for name, inner in value.items() if name in needed}
    if shape.type_name == "list":
        return [bare(shape.member, inner) for inner in value]
    return value
