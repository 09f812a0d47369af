"""GuardDuty: a detector tells of every feature, filters are listed, and nobody is administered by itself."""

from moto.guardduty.models import guardduty_backends

from emulator.call import Call
from emulator.corrections import answers, corrects

#: What a new detector has on, and what it has not.
#: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html
FEATURES = {
    "CLOUD_TRAIL": "ENABLED",
    "DNS_LOGS": "ENABLED",
    "FLOW_LOGS": "ENABLED",
    "S3_DATA_EVENTS": "ENABLED",
    "EKS_AUDIT_LOGS": "ENABLED",
    "EBS_MALWARE_PROTECTION": "ENABLED",
    "RDS_LOGIN_EVENTS": "ENABLED",
    "LAMBDA_NETWORK_LOGS": "ENABLED",
    "EKS_RUNTIME_MONITORING": "DISABLED",
    "RUNTIME_MONITORING": "DISABLED",
}
AGENTS = {
    "EKS_RUNTIME_MONITORING": ["EKS_ADDON_MANAGEMENT"],
    "RUNTIME_MONITORING": ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"],
}


@corrects("guardduty", "GetDetector")
def get_detector(call: Call, answer: dict) -> dict:
    """moto tells only of what was set, and takes the foundation for switched off."""
    backend = guardduty_backends[call.account][call.region]
    told = {one["name"]: one for one in backend.get_detector(call.params["DetectorId"]).features}
    features = []
    for name, usual in FEATURES.items():
        own = told.get(name, {})
        feature: dict = {"Name": name, "Status": own.get("status", usual)}
        if name in AGENTS:
            agents = {one["name"]: one["status"] for one in own.get("additionalConfiguration", [])}
            feature["AdditionalConfiguration"] = [{"Name": agent, "Status": agents.get(agent, "DISABLED")} for agent in AGENTS[name]]
        features.append(feature)
    status = {feature["Name"]: feature["Status"] for feature in features}
    on = {"Status": "ENABLED"}
    old = {"CloudTrail": on, "DNSLogs": on, "FlowLogs": on, "S3Logs": {"Status": status["S3_DATA_EVENTS"]}}
    old["Kubernetes"] = {"AuditLogs": {"Status": status["EKS_AUDIT_LOGS"]}}
    volumes = {"EbsVolumes": {"Status": status["EBS_MALWARE_PROTECTION"]}}
    old["MalwareProtection"] = {"ScanEc2InstanceWithFindings": volumes}
    return {**answer, "Features": features, "DataSources": old}


@answers("guardduty", "ListFilters")
def list_filters(call: Call) -> dict:
    """moto makes and gets filters only."""
    detector = guardduty_backends[call.account][call.region].get_detector(call.params["DetectorId"])
    return {"FilterNames": sorted(detector.filters)}


@answers("guardduty", "GetAdministratorAccount")
def get_administrator_account(call: Call) -> dict:
    """moto says that the account which the organization chose administers the one that chose it."""
    guardduty_backends[call.account][call.region].get_detector(call.params["DetectorId"])
    return {}
