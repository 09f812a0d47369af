"""codebuild: moto leaves out what AWS always says of a project, and knows neither webhooks nor public projects nor report groups."""

from moto.codebuild.models import codebuild_backends

from emulator.call import Call, Refused
from emulator.corrections import answers, corrects

#: Report groups by account and region, in the order of their making.
GROUPS: dict[tuple[str, str], dict[str, dict]] = {}


@corrects("codebuild", "BatchGetProjects")
def projects(call: Call, answer: dict) -> dict:
    known = [project["name"] for project in answer["projects"]]
    for project in answer["projects"]:
        project.setdefault("projectVisibility", "PRIVATE")
        project["environment"].setdefault("privilegedMode", False)
        project["environment"].setdefault("environmentVariables", [])
        if project["artifacts"]["type"] == "S3":
            project["artifacts"].setdefault("encryptionDisabled", False)
        logs = project.setdefault("logsConfig", {})
        logs.setdefault("cloudWatchLogs", {"status": "ENABLED"})
        logs.setdefault("s3Logs", {"status": "DISABLED", "encryptionDisabled": False})
    return answer | {"projectsNotFound": [name for name in call.params["names"] if name not in known]}


def project_of(call: Call, name: str) -> dict:
    made = codebuild_backends[call.account][call.region].codebuild_projects.get(name)
    if made is None:
        raise Refused("ResourceNotFoundException", f"Project cannot be found: {name}")
    return made.project_metadata


@answers("codebuild", "CreateWebhook", "UpdateWebhook")
def webhook(call: Call) -> dict:
    project = project_of(call, call.params["projectName"])
    kept = {member: value for member, value in call.params.items() if member != "projectName"}
    project["webhook"] = {"url": "https://api.github.com/repos/acme/app/hooks/1", "status": "ACTIVE"} | kept
    return {"webhook": project["webhook"]}


@answers("codebuild", "UpdateProjectVisibility")
def visibility(call: Call) -> dict:
    arn, wanted = call.params["projectArn"], call.params["projectVisibility"]
    project_of(call, arn.rpartition("/")[2])["projectVisibility"] = wanted
    return {"projectArn": arn, "projectVisibility": wanted}


@answers("codebuild", "CreateReportGroup")
def report_group(call: Call) -> dict:
    arn = f"arn:aws:codebuild:{call.region}:{call.account}:report-group/{call.params['name']}"
    group = {"arn": arn, "name": call.params["name"], "type": call.params["type"], "exportConfig": call.params["exportConfig"], "status": "ACTIVE"}
    GROUPS.setdefault((call.account, call.region), {})[arn] = group
    return {"reportGroup": group}


@answers("codebuild", "ListReportGroups")
def report_groups(call: Call) -> dict:
    return {"reportGroups": sorted(GROUPS.get((call.account, call.region), {}))}


@answers("codebuild", "BatchGetReportGroups")
def described_report_groups(call: Call) -> dict:
    groups, wanted = GROUPS.get((call.account, call.region), {}), call.params["reportGroupArns"]
    return {"reportGroups": [groups[arn] for arn in wanted if arn in groups], "reportGroupsNotFound": [arn for arn in wanted if arn not in groups]}
