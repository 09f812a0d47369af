"""CloudFormation: drift, which moto does not know."""

from emulator import state
from emulator.call import Call
from emulator.corrections import corrects


@corrects("cloudformation", "DescribeStacks")
def describe_stacks(call: Call, answer: dict) -> dict:
    """Every stack says whether it was checked, and whether it can be deleted."""
    drifts = state.account(call).drifts
    for stack in answer["Stacks"]:
        stack["DriftInformation"] = drifts.get(stack["StackId"], {"StackDriftStatus": "NOT_CHECKED"})
        stack.setdefault("EnableTerminationProtection", False)
    return answer
