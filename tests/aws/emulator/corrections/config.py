"""AWS Config: the members that recorders, their status and rules always carry."""

from emulator.call import Call
from emulator.corrections import corrects


@corrects("config", "DescribeConfigurationRecorders")
def recorders(call: Call, answer: dict) -> dict:
    for recorder in answer.get("ConfigurationRecorders", []):
        group = recorder.setdefault("recordingGroup", {})
        group.setdefault("allSupported", True)
        group.setdefault("includeGlobalResourceTypes", False)
        group.setdefault("resourceTypes", [])
        strategy = "ALL_SUPPORTED_RESOURCE_TYPES" if group["allSupported"] else "INCLUSION_BY_RESOURCE_TYPES"
        group.setdefault("exclusionByResourceTypes", {"resourceTypes": []})
        group.setdefault("recordingStrategy", {"useOnly": strategy})
        recorder.setdefault("recordingMode", {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []})
        recorder.setdefault("recordingScope", "PAID")
        recorder.setdefault("arn", f"arn:aws:config:{call.region}:{call.account}:configuration-recorder/{recorder['name']}/a1b2c3d4e5f6g7h8")
    return answer


@corrects("config", "DescribeConfigurationRecorderStatus")
def recorder_status(call: Call, answer: dict) -> dict:
    """moto says PENDING for ever: a recorder that was started has delivered."""
    for status in answer.get("ConfigurationRecordersStatus", []):
        if status.get("recording"):
            status["lastStatus"] = "SUCCESS"
        status.setdefault("arn", f"arn:aws:config:{call.region}:{call.account}:configuration-recorder/{status['name']}/a1b2c3d4e5f6g7h8")
    return answer
