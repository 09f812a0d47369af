"""Holds the `aws` commands of cards against botocore's models, by their letter.

    python3 tests/aws/commands.py [CARD…]     all cards of checks/ by default

prints what is wrong, a line each, and how many commands were read: services, operations and options that there are not, required
members that are missing, keys of structures (shorthand or JSON) that they do not have, words that an option does not take. The AWS CLI
derives its commands from the same models; what it adds or renames by hand is listed here.
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import json
import pathlib
import re
import sys

import botocore.exceptions
import botocore.loaders
import botocore.session
from botocore import xform_name

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
SESSION = botocore.session.Session()
LOADER = botocore.loaders.Loader()

#: The CLI's name of a service → botocore's, where they differ. <https://docs.aws.amazon.com/cli/latest/reference/>
SERVICES = {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"}

#: Commands that are the CLI's own: no operation stands behind them.
OWN = {
    ("s3", "cp"), ("s3", "ls"), ("s3", "sync"), ("s3", "rm"),
    ("configure", "set"), ("configure", "sso"), ("sso", "login"),
    ("ecr", "get-login-password"), ("cloudformation", "deploy"), ("cloudtrail", "validate-logs"),
    ("ssm", "start-session"), ("codeartifact", "login"), ("logs", "tail"),
}

#: Options of every command. <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html>
GLOBAL = {
    "debug", "endpoint-url", "no-verify-ssl", "no-paginate", "output", "query", "profile", "region", "version", "color", "no-sign-request",
    "ca-bundle", "cli-read-timeout", "cli-connect-timeout", "cli-binary-format", "no-cli-pager", "cli-auto-prompt", "cli-input-json",
    "cli-input-yaml", "generate-cli-skeleton", "max-items", "page-size", "starting-token",
}

#: Options that the CLI calls otherwise, most because a global one has their name.
RENAMED = {
    ("sns", "subscribe", "notification-endpoint"): "Endpoint",
    ("codepipeline", "get-pipeline", "pipeline-version"): "version",
    ("eks", "create-cluster", "kubernetes-version"): "version",
}

#: Options that the CLI adds to an operation, each with the members that it stands for.
ADDED = {
    ("ec2", "authorize-security-group-ingress"): {"protocol": [], "port": [], "cidr": [], "source-group": [], "group-owner": []},
    ("ec2", "authorize-security-group-egress"): {"protocol": [], "port": [], "cidr": [], "source-group": [], "group-owner": []},
    ("ec2", "revoke-security-group-ingress"): {"protocol": [], "port": [], "cidr": [], "source-group": [], "group-owner": []},
    ("ec2", "revoke-security-group-egress"): {"protocol": [], "port": [], "cidr": [], "source-group": [], "group-owner": []},
    ("ec2", "run-instances"): {"count": ["MinCount", "MaxCount"], "associate-public-ip-address": [], "no-associate-public-ip-address": []},
    ("ec2", "create-network-acl-entry"): {"ingress": ["Egress"]},
    ("ec2", "replace-network-acl-entry"): {"ingress": ["Egress"]},
    ("configservice", "put-configuration-recorder"): {"recording-group": []},
    ("iam", "create-virtual-mfa-device"): {"outfile": [], "bootstrap-method": []},
    ("lambda", "update-function-code"): {"zip-file": ["ZipFile"]},
}


def snake(name: str) -> str:
    return xform_name(name, "-")


def statements(text: str):
    """Every `aws …` of a script, as its words; quotes and continuations are honoured, what follows a pipe is another command."""
    text = text.replace("\\\n", " ")
    for match in re.finditer(r"(?:^|(?<=[\s(`|;&]))aws(?=\s)", text):
        if in_quotes_or_comment(text, match.start()):
            continue
        yield words(text, match.end())


def in_quotes_or_comment(text: str, end: int) -> bool:
    line = text[text.rfind("\n", 0, end) + 1 : end]
    comment = re.search(r"(?:^|\s)#", line)
    return bool(comment) or line.count("'") % 2 == 1


def words(text: str, at: int) -> list[str]:
    """The words up to the end of the command."""
    out, word, quote, depth = [], "", None, 0
    while at < len(text):
        char = text[at]
        if quote:
            if char == quote:
                quote = None
            elif char == "\\" and quote == '"' and at + 1 < len(text):
                at += 1
                word += text[at]
            else:
                word += char
        elif text.startswith("$(", at):
            depth += 1
            word += "$("
            at += 1
        elif depth:
            depth += {"(": 1, ")": -1}.get(char, 0)
            word += char
        elif char in "'\"":
            quote = char
            word += "\0" if not word else ""
        elif char.isspace():
            if word:
                out.append(word.replace("\0", ""))
                word = ""
            if char == "\n":
                break
        elif char in "|;&)>`" or (char == "#" and not word):
            break
        else:
            word += char
        at += 1
    if word:
        out.append(word.replace("\0", ""))
    return out


def operation_of(cli: str, command: str):
    """The operation, or why there is none."""
    service = SERVICES.get(cli, cli)
    if service not in SESSION.get_available_services() or (cli in SERVICES.values() and cli not in SERVICES and cli != service):
        raise LookupError(f"the CLI has no command `aws {cli}`")
    if cli == "s3" or (cli in SERVICES.values()):
        raise LookupError(f"the CLI has no command `aws {cli} {command}`; it calls the service {[k for k, v in SERVICES.items() if v == service][0]}")
    model = SESSION.get_service_model(service)
    for name in model.operation_names:
        if snake(name) == command:
            return model.operation_model(name)
    raise LookupError(f"`aws {cli}` has no command {command}")


def waiters(cli: str) -> set[str]:
    try:
        return {snake(name) for name in LOADER.load_service_model(SERVICES.get(cli, cli), "waiters-2")["waiters"]}
    except botocore.exceptions.UnknownServiceError:
        return set()


def options(parts: list[str]):
    """Each option with its values."""
    name, values = None, []
    for part in parts:
        if part.startswith("--"):
            if name:
                yield name, values
            name, equals, value = part[2:].partition("=")
            values = [value] if equals else []
        elif name is None:
            yield "", [part]
        else:
            values.append(part)
    if name:
        yield name, values


def check(parts: list[str]):
    """What is wrong with a command."""
    if len(parts) < 2:
        return
    cli, command, rest = parts[0], parts[1], parts[2:]
    if (cli, command) in OWN:
        return
    if "$" in cli + command:
        return
    if cli.startswith("-"):
        yield "global options stand before the service: put them behind it, so that this can be read"
        return
    if command == "wait":
        if not rest or rest[0] not in waiters(cli):
            yield f"`aws {cli} wait` has no {rest[:1]}"
        return
    try:
        operation = operation_of(cli, command)
    except LookupError as error:
        yield str(error)
        return
    shape = operation.input_shape
    members = dict(shape.members) if shape else {}
    known = {snake(name): name for name in members}
    added = ADDED.get((cli, command), {})
    given, whole = set(), False
    for option, values in options(rest):
        if option == "":
            if not (cli == "s3api" and command == "get-object") and not values[0].startswith("$"):
                yield f"aws {cli} {command}: {values[0]!r} belongs to no option"
            continue
        if option in added:
            given.update(added[option])
            continue
        if (cli, command, option) in RENAMED:
            given.add(RENAMED[cli, command, option])
            continue
        negated = option.removeprefix("no-")
        member = known.get(option) or (known.get(negated) if negated != option else None)
        if member is None:
            if option in GLOBAL:
                whole |= option.startswith("cli-input") or option == "generate-cli-skeleton"
                continue
            yield f"aws {cli} {command} has no option --{option}"
            continue
        given.add(member)
        target = flattened(members[member])
        if target.type_name == "boolean":
            if values and values not in (["true"], ["false"]):
                yield f"aws {cli} {command} --{option} is a switch and takes no {values[0]!r}"
            continue
        if option != snake(member):
            yield f"aws {cli} {command} has no option --{option}: {member} is no switch"
        if not values:
            yield f"aws {cli} {command} --{option} has no value"
        for value in values:
            for fault in wrong(target, value):
                yield f"aws {cli} {command} --{option}: {fault}"
        if target.type_name not in ("list", "structure", "map") and len(values) > 1:
            yield f"aws {cli} {command} --{option} takes one value, not {values}"
    tokens = {name for name, member in members.items() if member.metadata.get("idempotencyToken")}
    missing = [name for name in (shape.required_members if shape else []) if name not in given | tokens]
    if missing and not whole:
        yield f"aws {cli} {command} lacks {', '.join('--' + snake(name) for name in missing)}"


def flattened(shape):
    """EC2's structures around a single value are that value for the CLI."""
    if shape.type_name == "structure" and list(shape.members) == ["Value"]:
        return shape.members["Value"]
    return shape


def placeholder(value: str) -> bool:
    return bool(re.match(r"(file|fileb)://", value)) or "$" in value


def wrong(shape, value: str):
    """What of a value the shape does not take: keys that it does not have, words that it does not list."""
    if placeholder(value):
        return
    text = value.strip()
    if text[:1] in "{[" and shape.type_name in ("structure", "list", "map"):
        try:
            yield from wrong_json(shape, json.loads(text))
        except json.JSONDecodeError as error:
            yield f"no JSON: {error}: {text[:80]}"
        return
    if shape.type_name == "list":
        if shape.member.type_name == "structure":
            yield from wrong_shorthand(shape.member, text)
        elif shape.member.type_name == "string":
            for one in text.split(",") if shape.member.enum else []:
                yield from wrong_word(shape.member, one)
    elif shape.type_name == "structure":
        yield from wrong_shorthand(shape, text)
    elif shape.type_name in ("integer", "long") and not re.fullmatch(r"-?\d+|[A-Z_]+", text):
        yield f"{text!r} is no number"
    elif shape.type_name == "string":
        yield from wrong_word(shape, text)


def wrong_word(shape, text: str):
    # A word in capitals that the documentation's reader fills in is none of AWS's.
    if shape.enum and text not in shape.enum and not (re.fullmatch(r"[A-Z][A-Z_]*", text) and len(shape.enum) > 40):
        yield f"{text!r} is none of {', '.join(shape.enum[:12])}"


def wrong_shorthand(shape, text: str):
    """Keys of `Key=Value,Key={…}` at every depth. <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html>"""
    if "=" not in text:
        return
    depth, part, parts = 0, "", []
    for char in text:
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    for part in [*parts, part]:
        key, equals, value = part.partition("=")
        if not equals:
            continue
        member = shape.members.get(key.strip())
        if member is None:
            yield f"no key {key!r}; there are {', '.join(list(shape.members)[:15])}"
        elif value.startswith("{") and member.type_name == "structure":
            yield from wrong_shorthand(member, value[1:-1])
        elif value.startswith("[{") and member.type_name == "list" and member.member.type_name == "structure":
            yield from wrong_shorthand(member.member, value[2:-2])
        elif member.type_name == "string" and value and not placeholder(value):
            yield from wrong_word(member, value)


def wrong_json(shape, value):
    if shape.type_name == "structure":
        if shape.metadata.get("document") or getattr(shape, "is_document_type", False):
            return
        if not isinstance(value, dict):
            yield f"{value!r} is no object"
            return
        for key, inner in value.items():
            if key not in shape.members:
                yield f"no key {key!r}; there are {', '.join(list(shape.members)[:15])}"
            else:
                yield from wrong_json(shape.members[key], inner)
        missing = [name for name in shape.required_members if name not in value]
        if missing:
            yield f"lacks {', '.join(missing)}"
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield f"{value!r} is no list"
            return
        for inner in value:
            yield from wrong_json(shape.member, inner)
    elif shape.type_name == "map":
        for inner in value.values() if isinstance(value, dict) else []:
            yield from wrong_json(shape.value, inner)
    elif shape.type_name == "string" and isinstance(value, str) and not placeholder(value):
        yield from wrong_word(shape, value)


def main() -> None:
    cards = [pathlib.Path(arg) for arg in sys.argv[1:]] or sorted((REPO / "checks").glob("*/*.md"))
    count, faults = 0, []
    for card in cards:
        for block in re.findall(r"```(?:sh|text|bash)\n(.*?)```", card.read_text(), re.DOTALL):
            for parts in statements(block):
                count += 1
                faults += [f"{card.parent.name}/{card.name}: {fault}" for fault in check(parts)]
    for fault in faults:
        print(fault)
    print(f"{count} commands")


if __name__ == "__main__":
    main()
