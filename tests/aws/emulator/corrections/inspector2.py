"""Inspector: moto does not know accounts that never enabled it, and leaves out why a state is as it is."""

from emulator.call import Call
from emulator.corrections import corrects

KINDS = ("ec2", "ecr", "lambda", "lambdaCode", "codeRepository")


@corrects("inspector2", "BatchGetAccountStatus")
def account_status(call: Call, answer: dict) -> dict:
    """Each account that was asked for, the caller's own where none was; errors are empty where there is none."""
    known = {one["accountId"]: one for one in answer.get("accounts", [])}
    accounts = []
    for number in call.params.get("accountIds") or [call.account]:
        off = {"accountId": number, "state": {"status": "DISABLED"}, "resourceState": {}}
        one = known.get(number, off)
        for kind in KINDS:
            one["resourceState"].setdefault(kind, {"status": "DISABLED"})
        for state in (one["state"], *one["resourceState"].values()):
            state.setdefault("errorCode", "RESOURCE_NOT_FOUND" if state["status"] == "DISABLED" else "ALREADY_ENABLED")
            state.setdefault("errorMessage", "")
        accounts.append(one)
    return {"accounts": accounts, "failedAccounts": []}
