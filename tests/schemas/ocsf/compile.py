"""Makes the JSON Schema of an OCSF class from the OCSF server's own export of the whole schema.

    python3 -m pip download --no-deps ocsf-json-schema==1.2.0 && unzip ocsf_json_schema-1.2.0-py3-none-any.whl
    python3 tests/schemas/ocsf/compile.py ocsf_json_schema/ocsf/1.8.0.json > tests/schemas/ocsf/compliance_finding-1.8.0.schema.json

The export (https://schema.ocsf.io/1.8.0/export/v2/schema) states more than the server's JSON Schema says: besides the
required attributes and the enumerations also the constraints `at_least_one` and `just_one`, lengths, ranges and patterns. All
of that is kept, and an attribute that the class or the object does not have is an error.
"""

import json
import sys

CLASS = "compliance_finding"
PROFILES = {"cloud"}
PRIMITIVES = {"boolean_t": "boolean", "integer_t": "integer", "long_t": "integer", "float_t": "number", "string_t": "string"}


def applies(attribute: dict) -> bool:
    profiles = attribute.get("profiles") or []
    return not profiles or bool(PROFILES & set(profiles))


def of_attribute(attribute: dict, types: dict, wanted: set) -> dict:
    name = attribute["type"]
    if name == "object_t":
        wanted.add(attribute["object_type"])
        value = {"$ref": f"#/$defs/{attribute['object_type'].replace('/', '_')}"}
    elif name == "json_t":
        value = {}
    else:
        scalar = types[name]
        value = {"type": PRIMITIVES[scalar.get("type", name)]}
        if attribute.get("enum"):
            keys = attribute["enum"]
            value["enum"] = sorted(int(key) for key in keys) if value["type"] == "integer" else sorted(keys)
        if "max_len" in scalar:
            value["maxLength"] = scalar["max_len"]
        if "range" in scalar:
            value["minimum"], value["maximum"] = scalar["range"]
        if "regex" in scalar:
            value["pattern"] = scalar["regex"]
    value = {"type": "array", "items": value} if attribute.get("is_array") else value
    return {**value, "deprecated": True} if attribute.get("@deprecated") else value


def of_item(item: dict, types: dict, wanted: set) -> dict:
    attributes = {name: one for name, one in item["attributes"].items() if applies(one)}
    schema: dict = {"type": "object"}
    if not attributes:
        return schema
    schema["properties"] = {name: of_attribute(one, types, wanted) for name, one in sorted(attributes.items())}
    schema["additionalProperties"] = False
    required = sorted(name for name, one in attributes.items() if one.get("requirement") == "required")
    if required:
        schema["required"] = required
    for constraint, keyword in (("at_least_one", "anyOf"), ("just_one", "oneOf")):
        names = [name for name in (item.get("constraints") or {}).get(constraint, []) if name in attributes]
        if names:
            schema[keyword] = [{"required": [name]} for name in names]
    return schema


def main() -> None:
    with open(sys.argv[1]) as file:
        export = json.load(file)
    types = export["dictionary"]["types"]["attributes"]
    wanted: set = set()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://schema.ocsf.io/schema/{export['version']}/classes/{CLASS}?profiles={','.join(sorted(PROFILES))}",
        **of_item(export["classes"][CLASS], types, wanted),
    }
    fixed = {"class_uid": export["classes"][CLASS]["uid"], "category_uid": export["classes"][CLASS]["category_uid"]}
    for name, value in fixed.items():
        schema["properties"][name]["const"] = value
    defs: dict = {}
    while missing := {name for name in wanted if name.replace("/", "_") not in defs}:
        for name in missing:
            defs[name.replace("/", "_")] = of_item(export["objects"][name], types, wanted)
    schema["$defs"] = {name: defs[name] for name in sorted(defs)}
    json.dump(schema, sys.stdout, separators=(",", ":"))
    print()


main()
