"""The names that a fix in Terraform may have: types of the AWS provider, each with its arguments and blocks.

    npm pack @cdktf/provider-aws@VERSION          # made by HashiCorp from the provider's schema
    python3 tests/aws/terraform.py PACKAGE.tgz    # writes tests/it/terraform.txt anew

Only types that cards use are kept; `tests/it/fixes.rs` holds the cards against them.
"""

import pathlib
import re
import sys
import tarfile

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = REPO / "tests" / "it" / "terraform.txt"
LINK = re.compile(r"providers/hashicorp/aws/([\d.]+)/docs/(resources|data-sources)/(\w+)#(\w+)")


def used() -> set[tuple[str, str]]:
    """Kind and type of every block of cards, and of what their expressions refer to."""
    found = set()
    for card in (REPO / "checks").glob("*/*.md"):
        for block in re.findall(r"```hcl\n(.*?)```", card.read_text(), re.DOTALL):
            found |= set(re.findall(r'^\s*(resource|data) "aws_(\w+)"', block, re.MULTILINE))
            for data, name in re.findall(r"\b(data\.)?aws_(\w+)\.", block):
                found.add(("data" if data else "resource", name))
    return found


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    names, versions = {}, set()
    kinds = {"resources": "resource", "data-sources": "data"}
    with tarfile.open(sys.argv[1]) as package:
        for member in package:
            if re.fullmatch(r"package/lib/[^/]+/index(-structs\d*)?\.d\.ts|package/lib/[^/]+/.*\.d\.ts", member.name):
                for version, kind, name, argument in LINK.findall(package.extractfile(member).read().decode()):
                    versions.add(version)
                    names.setdefault((kinds[kind], name), set()).add(argument)
    wanted = used()
    lines = [f"# hashicorp/aws {' '.join(sorted(versions))}, made by tests/aws/terraform.py"]
    for kind, name in sorted(wanted & set(names)):
        lines.append(f"{kind} aws_{name}: {' '.join(sorted(names[kind, name]))}")
    for kind, name in sorted(wanted - set(names)):
        print(f"the provider has no {kind} aws_{name}")
    OUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
