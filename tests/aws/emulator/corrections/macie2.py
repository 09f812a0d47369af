"""Macie says that it is off by the code of a denial, where moto says that something does not exist."""

from moto.macie2.models import macie2_backends

from emulator.call import Call, Refused
from emulator.corrections import answers


@answers("macie2", "GetMacieSession")
def get_macie_session(call: Call) -> dict:
    session = macie2_backends[call.account][call.region].macie_session
    if not session:
        raise Refused("AccessDeniedException", "Macie is not enabled.", 403)
    return dict(session)
