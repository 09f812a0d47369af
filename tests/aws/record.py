"""Records the accounts in fixtures/ anew: a server, an account script, one scan each.

    python3 tests/aws/record.py POSTURE [NAME ...]      POSTURE: the built binary, such as target/debug/posture
    python3 tests/aws/record.py --fill NAME PORT        only fill a running server's account, to look at it by hand

The identifiers that moto makes are seeded, so that two recordings differ in their dates and little else.
"""

import contextlib
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request
from typing import Iterator

import pinned

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEED = 20241106

#: The regions that are scanned (a tape remembers them) and the role that scans.
ACCOUNTS = {
    "acme": (["us-east-1", "eu-west-1", "af-south-1"], "inventory"),
    "hardened": (["us-east-1", "eu-west-1"], "security-audit"),
    "organization": (["us-east-1", "eu-west-1"], "inventory"),
}

#: How more than the account itself is scanned.
MEMBERS = {"organization": ["--org", "--role-name", "inventory"]}


@contextlib.contextmanager
def server() -> Iterator[int]:
    command = [sys.executable, HERE / "server.py", "--port", "0", "--until-stdin-closes"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def record(posture: pathlib.Path, name: str) -> None:
    import boto3

    regions, role = ACCOUNTS[name]
    with server() as port:
        url = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/seed?a={SEED}", method="POST")).close()
        account = fill(name, port)
        sts = boto3.client("sts", "us-east-1", endpoint_url=url, aws_access_key_id="testing", aws_secret_access_key="testing")
        got = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="posture")["Credentials"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": got["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": got["SecretAccessKey"],
            "AWS_SESSION_TOKEN": got["SessionToken"],
            "AWS_REGION": regions[0],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        places = [argument for region in regions for argument in ("--region", region)]
        tape = ROOT / "fixtures" / name
        scan = [posture, "scan", *places, *MEMBERS.get(name, []), "--record", tape, "--fail-on", "never", "--output", f"json={os.devnull}"]
        shutil.rmtree(tape, ignore_errors=True)
        subprocess.run(scan, env=environment, check=True)
    for answers in tape.rglob("*.jsonl"):
        if "Traceback (most recent call last)" in answers.read_text():
            sys.exit(f"{answers}: the emulator broke; the tape is worth nothing")
    size = sum(f.stat().st_size for f in tape.rglob("*") if f.is_file())
    print(f"{tape.relative_to(ROOT)}: {size / 1024:.0f} KiB")


def fill(name: str, port: int) -> str:
    """Runs the account script; the account's number."""
    script = importlib.import_module(f"accounts.{name}")
    script.fill(port)
    return script.ACCOUNT


def main() -> None:
    pinned.enter()
    arguments = sys.argv[1:]
    if len(arguments) == 3 and arguments[0] == "--fill":
        fill(arguments[1], int(arguments[2]))
    elif arguments and not arguments[0].startswith("-"):
        for name in arguments[1:] or ACCOUNTS:
            record(pathlib.Path(arguments[0]).resolve(), name)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
