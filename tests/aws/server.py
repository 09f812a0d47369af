"""The AWS that the tests and the recordings talk to: moto's server, corrected, with room for what moto lacks.

    python3 tests/aws/server.py --port 0 [--until-stdin-closes] [--now 2026-11-22T10:16:36Z]

prints the port that it bound as its first line and serves until it is stopped. See README.md beside this file.
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import argparse
import os
import pathlib
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent

# Read when moto is imported. AWS managed policies must exist to be attached; two thousand public AMIs need not.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_AMIS_PATH", str(HERE / "emulator" / "amis.json"))
os.environ.setdefault("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "true")
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)
# moto builds a boto3 session for its region lists; it must never look for real credentials.
os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1")
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)


def main() -> None:
    arguments = argparse.ArgumentParser(description="an AWS for tests")
    arguments.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    arguments.add_argument("--until-stdin-closes", action="store_true", help="stop when the parent is gone")
    arguments.add_argument("--now", metavar="TIME", help="stand still at this moment, and make the same identifiers of the same calls")
    arguments.add_argument("--synthesis", action="store_true", help="serve made-up answers, see emulator/synthesis")
    options = arguments.parse_args()
    if options.now:
        from emulator import clock

        clock.stop(options.now)

    if options.synthesis:
        from emulator.synthesis.server import serve
    else:
        from emulator.app import serve

    server = serve(options.port) if options.synthesis else serve(options.port, frozen=options.now is not None)
    os.environ["MOTO_PORT"] = str(server.port)
    print(server.port, flush=True)
    if options.until_stdin_closes:
        threading.Thread(target=stop_with_stdin, daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


def stop_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
