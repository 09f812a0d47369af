"""Records the accounts in fixtures/ anew: for each a server whose clock stands still, its scripts, one scan.

    python3 tests/aws/record.py POSTURE [--account NAME]... [--service NAME]...
    python3 tests/aws/record.py --fill NAME PORT        only fill a running server's account, to look at it by hand

POSTURE is the built binary, such as target/debug/posture. With --service only the files of these services (as a tape calls them) change on disk,
whatever else the scan would have recorded. Two recordings are the same to the byte.
"""

import argparse
import contextlib
import datetime
import filecmp
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Iterator

import pinned

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

#: When every recording was made: the emulator's time, and that of the tapes.
NOW = "2026-11-22T10:16:36Z"


def main() -> None:
    pinned.enter()
    from accounts import scripts

    parser = argparse.ArgumentParser(description="records the accounts in fixtures/", allow_abbrev=False)
    parser.add_argument("posture", nargs="?", type=pathlib.Path, help="the built binary")
    parser.add_argument("--account", action="append", choices=scripts.NAMES, help="only this one (may be given again)")
    parser.add_argument("--service", action="append", help="change the files of this service only (may be given again)")
    parser.add_argument("--fill", nargs=2, metavar=("NAME", "PORT"), help="only fill a running server's account")
    options = parser.parse_args()
    if options.fill:
        name, port = options.fill
        scripts.fill(name, f"http://127.0.0.1:{port}", datetime.datetime.now(datetime.timezone.utc))
    elif options.posture:
        for name in options.account or scripts.NAMES:
            with tempfile.TemporaryDirectory() as place:
                made = record(options.posture.resolve(), name, pathlib.Path(place) / name)
                keep(made, ROOT / "fixtures" / name, options.service)
    else:
        parser.error("give the built binary, or --fill")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address of a fresh one."""
    command = [sys.executable, HERE / "server.py", "--port", "0", "--until-stdin-closes", "--now", NOW]
    # moto goes through sets, whose order is that of the hashes.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def record(posture: pathlib.Path, name: str, tape: pathlib.Path) -> pathlib.Path:
    """The tape of the account, at `tape`."""
    import boto3

    from accounts import scripts

    account = scripts.account(name)
    with server() as url:
        scripts.fill(name, url, datetime.datetime.fromisoformat(NOW.replace("Z", "+00:00")))
        sts = boto3.client("sts", "us-east-1", endpoint_url=url, aws_access_key_id="testing", aws_secret_access_key="testing")
        got = sts.assume_role(RoleArn=f"arn:aws:iam::{account.ACCOUNT}:role/{account.ROLE}", RoleSessionName="posture")["Credentials"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": got["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": got["SecretAccessKey"],
            "AWS_SESSION_TOKEN": got["SessionToken"],
            "AWS_REGION": account.REGIONS[0],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        places = [argument for region in account.REGIONS for argument in ("--region", region)]
        scan = [posture, "scan", "--no-config", *places, *getattr(account, "SCAN", [])]
        scan += ["--record", tape, "--fail-on", "never", "--output", f"json={os.devnull}"]
        subprocess.run(scan, env=environment, check=True)
    for answers in tape.rglob("*.jsonl"):
        if "Traceback (most recent call last)" in answers.read_text():
            sys.exit(f"{answers}: the emulator broke; the tape is worth nothing")
    head = tape / "tape.json"
    # The scan's own clock runs; what it saw was of the emulator's time, and is judged as of that.
    head.write_text(re.sub(r'("recorded_at": )"[^"]*"', rf'\1"{NOW}"', head.read_text(), count=1))
    return tape


def keep(made: pathlib.Path, kept: pathlib.Path, services: list[str] | None) -> None:
    """Puts a tape in the place of the kept one, or only some services of it."""
    if services and not kept.exists():
        sys.exit(f"{kept.relative_to(ROOT)} is not there yet: record it without --service first")
    if not services:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(made, kept)
        size = sum(f.stat().st_size for f in kept.rglob("*") if f.is_file())
        print(f"{kept.relative_to(ROOT)}: {size / 1024:.0f} KiB")
        return
    head, new = (json.loads((tape / "tape.json").read_text()) for tape in (kept, made))
    for service in services:
        if service not in new["services"]:
            sys.exit(f"the scan of {kept.name} asked {service} nothing; it asked {', '.join(new['services'])}")
        for old in files(kept, service):
            (kept / old).unlink()
        for file in files(made, service):
            (kept / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made / file, kept / file)
    if not set(services) <= set(head["services"]):
        head["services"] = sorted({*head["services"], *services})
        (kept / "tape.json").write_text(json.dumps(head, indent=2, ensure_ascii=False) + "\n")
    for service in sorted({*head["services"], *new["services"]} - set(services)):
        digests = f"digests/{service}.json"
        if not all((tape / digests).exists() for tape in (made, kept)) or not filecmp.cmp(made / digests, kept / digests, shallow=False):
            print(f"{kept.relative_to(ROOT)}: {service} would change too; add --service {service} if it should")


def files(tape: pathlib.Path, service: str) -> list[pathlib.Path]:
    """A service's files in a tape."""
    found = [*tape.glob(f"*/*/{service}.jsonl"), *tape.glob(f"digests/{service}.json")]
    return [file.relative_to(tape) for file in found]


if __name__ == "__main__":
    main()
