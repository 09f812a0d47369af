"""Holds an ASFF report against botocore's model of BatchImportFindings and the limits that AWS documents.

    python3 tests/aws/asff.py report.asff.json

Prints what Security Hub would refuse and ends with 1 if that is anything.
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import json
import sys

from emulator import asff


def main() -> None:
    with open(sys.argv[1]) as file:
        findings = json.load(file)
    shape = asff.model().operation_model("BatchImportFindings").input_shape
    problems = [f"{one['Id']}: {problem}" for one in findings for problem in asff.of_finding(one)]
    for start in range(0, len(findings), 100):
        problems.extend(asff.of_shape(findings[start : start + 100], shape))
    ids = [one["Id"] for one in findings]
    if len(set(ids)) != len(ids):
        problems.append("an Id comes twice")
    print(*problems[:50], sep="\n")
    print(f"{len(findings)} findings, {len(problems)} problems", file=sys.stderr)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
