"""Identifiers that depend on nothing but what was asked, so that a recording comes out the same again.

moto draws its identifiers from one random source, and a call more in one place changes what every later call makes. Here the source is seeded
anew for each call, from the call itself: neither the order of calls nor what another script made matters.
"""

import collections
import json
import os
from typing import Any, Callable

from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.kms.models import KmsBackend
from moto.moto_api._internal import mock_random


class Identifiers:
    """moto's random source, seeded by what it is used for."""

    def __init__(self) -> None:
        self.asked: collections.Counter[str] = collections.Counter()
        os.urandom = mock_random.randbytes
        apart(BackendDict, "__init__", lambda of, backend, service_name, *_, **__: service_name)
        apart(BackendDict, "_create_account_specific_backend", lambda of, account: account not in of.keys() and f"{of.service_name} {account}")
        apart(AccountSpecificBackend, "__getitem__", lambda of, region: region not in of.keys() and f"{of.service_name} {of.account_id} {region}")
        apart(KmsBackend, "_generate_default_keys", lambda of, alias: f"{alias} {of.account_id} {of.region_name}")

    def of(self, call: Any) -> None:
        """The same call a second time makes something else."""
        members = call.model.input_shape.members if call.model.input_shape else {}
        params = {k: v for k, v in call.params.items() if k in members and not members[k].metadata.get("idempotencyToken")}
        text = json.dumps([call.account, call.region, call.service, call.operation, params], sort_keys=True, default=str)
        self.asked[text] += 1
        mock_random.seed(f"{text} {self.asked[text]}")


def apart(owner: type, method: str, seed_of: Callable[..., str | bool]) -> None:
    """What comes into being by itself, in whichever call happens to be first, draws from a seed of its own."""
    plain = getattr(owner, method)

    def seeded(*arguments: Any, **named: Any) -> Any:
        seed = seed_of(*arguments, **named)
        if not seed:
            return plain(*arguments, **named)
        kept = mock_random.getstate()
        mock_random.seed(seed)
        try:
            return plain(*arguments, **named)
        finally:
            mock_random.setstate(kept)

    setattr(owner, method, seeded)
