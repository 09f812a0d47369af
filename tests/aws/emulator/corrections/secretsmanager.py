"""Secrets Manager: when a secret was last read, and the members that AWS leaves out."""

from moto.secretsmanager.models import secretsmanager_backends

from emulator import state
from emulator.call import Call
from emulator.corrections import corrects


@corrects("secretsmanager", "ListSecrets")
def list_secrets(call: Call, answer: dict) -> dict:
    """What there is none of is left out; a secret with copies says that it is their primary."""
    reads = state.account(call).secrets_read
    known = secretsmanager_backends[call.account][call.region].secrets
    for one in answer["SecretList"]:
        if one["ARN"] in reads:
            one["LastAccessedDate"] = reads[one["ARN"]]
        if getattr(known.get(one["ARN"]), "replicas", None):
            one["PrimaryRegion"] = call.region
        for member in [member for member, value in one.items() if value is None]:
            del one[member]
    return answer
