"""The scripts of a recorded account, in an order in which each finds what it builds on.

An account is a folder. In its `__init__.py` stand ACCOUNT (its number), REGIONS (what is scanned), ROLE (who scans) and, if need be, SCAN (more
arguments of the scan). Every other module is a script: `fill(aws, made)` makes what one service holds, or a part of it, as `ec2_network.py` does;
AFTER names the scripts that it builds on, and `made` holds what these returned. SERVICE.overlay.json has the answers that are given: a script
adds them with `aws.overlay`, and where there is no script they are added by themselves.
"""

import datetime
import importlib
import pathlib
import pkgutil
from types import ModuleType
from typing import Any

from accounts.aws import Aws

HERE = pathlib.Path(__file__).resolve().parent

#: Every recorded account, by name.
NAMES = sorted(folder.parent.name for folder in HERE.glob("*/__init__.py"))


def account(name: str) -> ModuleType:
    return importlib.import_module(f"accounts.{name}")


def fill(name: str, url: str, now: datetime.datetime) -> None:
    """Runs every script of an account against the emulator at `url`."""
    folder = HERE / name
    aws = Aws(url, account(name).ACCOUNT, folder, now)
    scripts = {found.name: importlib.import_module(f"accounts.{name}.{found.name}") for found in pkgutil.iter_modules([str(folder)])}
    made: dict[str, Any] = {}
    for one in ordered({called: getattr(script, "AFTER", []) for called, script in scripts.items()}):
        made[one] = scripts[one].fill(aws, {other: made[other] for other in getattr(scripts[one], "AFTER", [])})
    for overlay in sorted(folder.glob("*.overlay.json")):
        service = overlay.name.removesuffix(".overlay.json")
        if service not in scripts:
            aws.overlay(service)


def ordered(after: dict[str, list[str]]) -> list[str]:
    """By name, but each after those that it names."""
    done: list[str] = []

    def add(one: str, path: tuple[str, ...]) -> None:
        if one not in after:
            raise SystemExit(f"{path[-1]}.py is AFTER {one}, and there is no {one}.py")
        if one in path:
            raise SystemExit(f"scripts that wait for each other: {' -> '.join((*path, one))}")
        for other in sorted(after[one]):
            add(other, (*path, one))
        if one not in done:
            done.append(one)

    for one in sorted(after):
        add(one, ())
    return done
