"""Systems Manager: moto lists maintenance windows whether they are on or not."""

from emulator.call import Call
from emulator.corrections import corrects


@corrects("ssm", "DescribeMaintenanceWindows")
def describe_maintenance_windows(call: Call, answer: dict) -> dict:
    """The filter Enabled takes True or False."""
    for one in call.params.get("Filters", []):
        if one["Key"] == "Enabled":
            wanted = [value.lower() == "true" for value in one["Values"]]
            answer["WindowIdentities"] = [window for window in answer["WindowIdentities"] if window["Enabled"] in wanted]
    return answer
