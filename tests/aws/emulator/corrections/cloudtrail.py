"""CloudTrail: default event selectors, a status without empty times, and the members that AWS always sends."""

from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from emulator import state
from emulator.call import Call, Refused
from emulator.corrections import answers, corrects

#: What a trail records before anybody chooses.
DEFAULT_SELECTORS = [
    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
]
TIMES = ("LatestDeliveryTime", "LatestCloudWatchLogsDeliveryTime", "LatestDigestDeliveryTime", "StartLoggingTime", "StopLoggingTime")


def trail_of(account: str, name: str) -> Any:
    for backend in cloudtrail_backends[account].values():
        for trail in backend.trails.values():
            if name in (trail.trail_name, trail.arn):
                return trail
    return None


@corrects("cloudtrail", "GetEventSelectors")
def event_selectors(call: Call, answer: dict) -> dict:
    """One kind of selectors is sent, never both; a trail that nobody configured records management events."""
    advanced = answer.get("AdvancedEventSelectors")
    if advanced:
        return {"TrailARN": answer["TrailARN"], "AdvancedEventSelectors": advanced}
    return {"TrailARN": answer["TrailARN"], "EventSelectors": answer.get("EventSelectors") or DEFAULT_SELECTORS}


@answers("cloudtrail", "GetInsightSelectors")
def insight_selectors(call: Call) -> dict:
    """A trail or an event data store that never had Insights on says so by an error."""
    trail = trail_of(call.account, call.params.get("TrailName", ""))
    if trail is None or not trail.insight_selectors:
        raise Refused("InsightNotEnabledException", "Insights is not enabled.", 400)
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


@corrects("cloudtrail", "GetTrailStatus")
def trail_status(call: Call, answer: dict) -> dict:
    """Deliveries as of their last time (state may set it, or a delivery error); CloudWatch Logs and digests when they are on."""
    trail = trail_of(call.account, call.params["Name"])
    kept = {k: v for k, v in answer.items() if v not in ("", None)}
    if "LatestDeliveryTime" in kept:
        if trail.cw_log_group_arn:
            kept["LatestCloudWatchLogsDeliveryTime"] = kept["LatestDeliveryTime"]
        if trail.log_validation:
            kept["LatestDigestDeliveryTime"] = kept["LatestDeliveryTime"]
    for member, value in state.account(call).trails.get(trail.arn, {}).items():
        if value is None:
            kept.pop(member, None)
        else:
            kept[member] = value
    if kept.get("LatestDeliveryError"):
        kept.pop("LatestDeliveryAttemptSucceeded", None)
    elif "LatestDeliveryTime" in kept:
        kept.setdefault("LatestDeliveryAttemptSucceeded", kept["LatestDeliveryAttemptTime"])
    return kept


@corrects("cloudtrail", "DescribeTrails")
def describe_trails(call: Call, answer: dict) -> dict:
    """trailNameList selects."""
    names = call.params.get("trailNameList")
    trails = answer.get("trailList", [])
    if names:
        trails = [t for t in trails if t["Name"] in names or t["TrailARN"] in names]
    return {"trailList": trails}


@corrects("cloudtrail", "ListTrails")
def list_trails(call: Call, answer: dict) -> dict:
    """The trails of all regions, not only those that reach this one."""
    trails = [t for backend in cloudtrail_backends[call.account].values() for t in backend.trails.values()]
    return {"Trails": [{"TrailARN": t.arn, "Name": t.trail_name, "HomeRegion": t.region_name} for t in trails]}
