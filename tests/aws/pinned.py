"""The pinned Python environment that the emulator runs in.

`ensure()` builds it once, below `target/`, in a directory named after the hash of requirements.txt: a changed pin
makes a new environment and an unchanged one is reused. Nothing but the standard library is imported here, so that any
Python 3 can start the emulator; the environment itself needs 3.11 or later and takes it from the PATH if need be.
`server.py` and `record.py` call `enter()` first, which replaces the process by the same script under that interpreter.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parent.parent / "target")

#: What the pinned packages need.
OLDEST = (3, 11)


def place() -> pathlib.Path:
    """The environment's directory: target/moto-venv-<first 12 hex digits of the SHA-256 of requirements.txt>."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return TARGET / f"moto-venv-{digest}"


def ensure() -> pathlib.Path:
    """The Python of the pinned environment; built first when it is not there. Safe to call from many processes."""
    venv = place()
    python = venv / "bin" / "python"
    done = venv / ".complete"
    if done.exists():
        return python
    TARGET.mkdir(parents=True, exist_ok=True)
    with open(TARGET / ".moto-venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return python
        print(f"building {venv} (once)", file=sys.stderr)
        if venv.exists():
            shutil.rmtree(venv)
        create(venv)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input"]
        subprocess.run([*pip, "-r", REQUIREMENTS], check=True, stdout=sys.stderr)
        done.touch()
    return python


def interpreter() -> str:
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(14, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    sys.exit(f"the AWS emulator needs Python {OLDEST[0]}.{OLDEST[1]} or later; this is {sys.version.split()[0]}")


def create(venv: pathlib.Path) -> None:
    """`python -m venv`; some distributions leave ensurepip out, then pip is put in by the pip outside."""
    python = interpreter()
    made = subprocess.run([python, "-m", "venv", venv], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if made.returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", venv], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [python, "-m", "pip", "--python", venv / "bin" / "python", "install", "--quiet", "pip"], check=True
    )


def enter() -> None:
    """Go on in the pinned environment: does not return unless this process already runs there."""
    if pathlib.Path(sys.prefix).resolve() == place().resolve():
        return
    python = ensure()
    os.execv(python, [str(python), *sys.argv])


if __name__ == "__main__":
    print(ensure())
