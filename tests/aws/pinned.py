"""The pinned Python environment that the emulator runs in.

`ensure()` builds it once, below `target/`, in a directory named after the hash of requirements.txt: a changed pin
makes a new environment and an unchanged one is reused. Nothing but the standard library is imported here, so that any
Python 3 can start the emulator: `server.py`, `record.py` and the account scripts call `enter()` first, which replaces the
process by the same script under the pinned interpreter.
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


def create(venv: pathlib.Path) -> None:
    """`python -m venv`; some distributions leave ensurepip out, then pip is put in by the pip outside."""
    made = subprocess.run([sys.executable, "-m", "venv", venv], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if made.returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install", "--quiet", "pip"], check=True
    )


def enter() -> None:
    """Go on in the pinned environment: does not return unless this process already runs there."""
    if pathlib.Path(sys.prefix).resolve() == place().resolve():
        return
    python = ensure()
    os.execv(python, [str(python), *sys.argv])


if __name__ == "__main__":
    print(ensure())
