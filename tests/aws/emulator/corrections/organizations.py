"""Organizations: moto knows five types of policies; AWS has more, and botocore's model lists them."""

from typing import Any

import botocore.session
from moto.organizations import models, utils

KNOWN = {"AISERVICES_OPT_OUT_POLICY", "RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY"}


def every_type() -> list[str]:
    return botocore.session.get_session().get_service_model("organizations").shape_for("PolicyType").enum


def allow_every_type() -> None:
    """Policies of the other types are made, attached and listed as the ones that moto knows."""
    models.FakePolicy.SUPPORTED_POLICY_TYPES = models.FakeRoot.SUPPORTED_POLICY_TYPES = every_type()
    made = models.FakePolicy.__init__

    def init(self: Any, organization: Any, **members: Any) -> None:
        kind = members.get("Type", "")
        if kind in KNOWN or kind not in self.SUPPORTED_POLICY_TYPES:
            made(self, organization, **members)
            return
        made(self, organization, **{**members, "Type": "TAG_POLICY"})
        self.type = kind
        self._arn_format = utils.TAG_POLICY_ARN_FORMAT.replace("tag_policy", kind.lower())

    models.FakePolicy.__init__ = init


allow_every_type()
