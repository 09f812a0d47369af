"""Clients that act in an account of the emulator, and its control endpoint."""

import collections
import datetime
import json
import pathlib
import re
import string
import sys
import urllib.error
import urllib.request
import uuid
from typing import Any

import boto3
from botocore.config import Config


class Aws:
    """One account of the emulator, through a role of that account. `folder` is where its overlays lie, `now` the emulator's time."""

    def __init__(self, url: str, account: str, folder: pathlib.Path, now: datetime.datetime):
        self.url, self.account, self.folder, self.now = url, account, folder, now
        self._others: dict[str, Aws] = {}
        self._asked: collections.Counter[str] = collections.Counter()
        self._clients: dict[tuple[str, str], Any] = {}
        start = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1")
        sts = start.client("sts", endpoint_url=self.url)
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        got = sts.assume_role(RoleArn=role, RoleSessionName="fill")["Credentials"]
        self.session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], "us-east-1")

    def of(self, account: str) -> "Aws":
        """Another account."""
        if account not in self._others:
            self._others[account] = Aws(self.url, account, self.folder, self.now)
        return self._others[account]

    def client(self, service: str, region: str = "us-east-1") -> Any:
        if (service, region) not in self._clients:
            config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
            client = self.session.client(service, region, endpoint_url=self.url, config=config)
            if service == "s3control":  # its account prefix does not resolve on an IP address
                client.meta.events.register("before-send.s3-control", without_account_prefix)
            client.meta.events.register_first("before-parameter-build", self._token)
            self._clients[service, region] = client
        return self._clients[service, region]

    def _token(self, params: dict, model: Any, **_: Any) -> None:
        """A client token by what is asked, where boto3 would make one up: some are part of the answers."""
        text = f"{self.account} {model.name} {json.dumps(params, sort_keys=True, default=str)}"
        self._asked[text] += 1
        for member in model.idempotent_members:
            params.setdefault(member, str(uuid.uuid5(uuid.NAMESPACE_OID, f"{text} {self._asked[text]}")))

    def control(self, what: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/_control/{what}", json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as wrong:
            sys.exit(f"{what}: {wrong.read().decode()}")

    def age(self, kind: str, **members: Any) -> None:
        self.control("age", {"account": self.account, "kind": kind, **members})

    def overlay(self, service: str, **names: str) -> None:
        """Adds the entries of SERVICE.overlay.json beside the scripts; $NAME in it stands for what the script made."""
        text = (self.folder / f"{service}.overlay.json").read_text().replace("${", "\0")
        entries = json.loads(string.Template(text).substitute(names).replace("\0", "${"))
        for entry in entries:
            if set(entry) != {"//"}:
                entry.setdefault("account", self.account)
        self.control("overlay", entries)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iam::{self.account}:{kind}/{name}"


def without_account_prefix(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)
