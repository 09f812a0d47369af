"""IAM: the credential report as AWS writes it, the root user, authorization details in pages, last-accessed reports."""

import json
import uuid
from typing import Any
from urllib.parse import quote, unquote

from cryptography import x509
from moto.iam.models import iam_backends

from emulator import state
from emulator.call import Call, Refused
from emulator.corrections import answers, corrects

COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info"
).split(",")


def backend(call: Call) -> Any:
    return iam_backends[call.account]["aws"]


# --- the credential report


@answers("iam", "GenerateCredentialReport")
def generate_credential_report(call: Call) -> dict:
    """STARTED at first, COMPLETE when asked again; a report that is younger than four hours is not made anew."""
    account = state.account(call)
    if account.report is None:
        account.report = state.when("now")
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}
    return {"State": "COMPLETE"}


@answers("iam", "GetCredentialReport")
def credential_report(call: Call) -> dict:
    account = state.account(call)
    if account.report is None:
        raise Refused("ReportNotPresent", "No report exists. Use GenerateCredentialReport to create one.", 410)
    rows = [root_row(call)] + [user_row(call, u) for u in sorted(backend(call).users.values(), key=lambda u: u.name)]
    lines = [",".join(COLUMNS)] + [",".join(str(row.get(c, "N/A")) for c in COLUMNS) for row in rows]
    return {"Content": "\n".join(lines).encode(), "ReportFormat": "text/csv", "GeneratedTime": account.report}


def stamp(at: Any) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def flag(value: bool) -> str:
    return "true" if value else "false"


def root_row(call: Call) -> dict:
    """The root user's row is what the account's root state says, see state.Root."""
    root = state.account(call).root
    row = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{call.account}:root",
        "user_creation_time": stamp(state.when(root.created)),
        "password_enabled": root.password_enabled,
        "password_last_used": used(root.password_last_used, "no_information"),
        "password_last_changed": "not_supported",
        "password_next_rotation": "not_supported",
        "mfa_active": flag(root.mfa is not None),
        "cert_1_active": flag(root.signing_certificate),
        "cert_2_active": "false",
    }
    for n, key in ((1, root.access_key_1), (2, root.access_key_2)):
        row[f"access_key_{n}_active"] = flag(key is not None)
        if key is not None:
            row[f"access_key_{n}_last_rotated"] = stamp(state.when(key["created"]))
            if key.get("last_used"):
                row[f"access_key_{n}_last_used_date"] = stamp(state.when(key["last_used"]))
                row[f"access_key_{n}_last_used_region"] = "us-east-1"
                row[f"access_key_{n}_last_used_service"] = key.get("service", "sts")
    return row


def used(text: str | None, never: str) -> str:
    return stamp(state.when(text)) if text else never


def user_row(call: Call, user: Any) -> dict:
    changed = state.account(call).passwords.get(user.name)
    row = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": stamp(user.create_date),
        "password_enabled": flag(bool(user.password)),
        "mfa_active": flag(bool(user.mfa_devices)),
    }
    if user.password:
        row["password_last_used"] = stamp(user.password_last_used) if user.password_last_used else "no_information"
        row["password_last_changed"] = stamp(changed or user.create_date)
    for n in (1, 2):
        key = user.access_keys[n - 1] if len(user.access_keys) >= n else None
        row[f"access_key_{n}_active"] = flag(key is not None and key.status == "Active")
        if key is None:
            continue
        row[f"access_key_{n}_last_rotated"] = stamp(key.create_date)
        if key.last_used:
            row[f"access_key_{n}_last_used_date"] = stamp(key.last_used.timestamp)
            row[f"access_key_{n}_last_used_region"] = key.last_used.region
            row[f"access_key_{n}_last_used_service"] = key.last_used.service
    certificates = list(user.signing_certificates.values())
    for n in (1, 2):
        certificate = certificates[n - 1] if len(certificates) >= n else None
        row[f"cert_{n}_active"] = flag(certificate is not None and certificate.status == "Active")
        if certificate is not None:
            row[f"cert_{n}_last_rotated"] = stamp(certificate.upload_date)
    return row


# --- the root user


@corrects("iam", "GetAccountSummary")
def account_summary(call: Call, answer: dict) -> dict:
    root = state.account(call).root
    answer["SummaryMap"] |= {
        "AccountMFAEnabled": int(root.mfa is not None),
        "AccountAccessKeysPresent": int(bool(root.access_key_1 or root.access_key_2)),
        "AccountSigningCertificatesPresent": int(root.signing_certificate),
        "AccountPasswordPresent": int(root.password_enabled == "true"),
    }
    return answer


@corrects("iam", "ListVirtualMFADevices")
def virtual_mfa_devices(call: Call, answer: dict) -> dict:
    root = state.account(call).root
    devices = answer.get("VirtualMFADevices", [])
    if root.mfa == "virtual" and call.params.get("AssignmentStatus") != "Unassigned":
        devices.insert(
            0,
            {
                "SerialNumber": f"arn:aws:iam::{call.account}:mfa/root-account-mfa-device",
                "EnableDate": state.when(root.created),
                "User": {
                    "Path": "/",
                    "UserName": "",
                    "UserId": call.account,
                    "Arn": f"arn:aws:iam::{call.account}:root",
                    "CreateDate": state.when(root.created),
                },
            },
        )
    return {**answer, "VirtualMFADevices": devices}


@answers("iam", "ListOrganizationsFeatures")
def organizations_features(call: Call) -> dict:
    """Accounts here belong to no organization unless an overlay says so."""
    raise Refused("OrganizationNotFoundException", "The request was rejected because no organization is associated with your account.", 400)


# --- authorization details


@answers("iam", "GetAccountAuthorizationDetails")
def authorization_details(call: Call) -> dict:
    """Everything in pages of MaxItems (100), documents percent-encoded; of AWS's own policies those that are attached."""
    wanted = set(call.params.get("Filter") or ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"])
    b = backend(call)
    entities: list[tuple[str, dict]] = []
    if "User" in wanted:
        entities += [("UserDetailList", user_detail(b, u)) for u in b.users.values()]
    if "Group" in wanted:
        entities += [("GroupDetailList", group_detail(g)) for g in b.groups.values()]
    if "Role" in wanted:
        entities += [("RoleDetailList", role_detail(r)) for r in b.roles.values()]
    for policy in b.managed_policies.values():
        aws = policy.arn.split(":")[4] == "aws"
        if (aws and "AWSManagedPolicy" in wanted and attachments(b, policy.arn)) or (not aws and "LocalManagedPolicy" in wanted):
            entities.append(("Policies", policy_detail(b, policy)))
    start, size = int(call.params.get("Marker") or 0), int(call.params.get("MaxItems") or 100)
    answer: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    for kind, detail in entities[start : start + size]:
        answer[kind].append(detail)
    answer["IsTruncated"] = start + size < len(entities)
    if answer["IsTruncated"]:
        answer["Marker"] = str(start + size)
    return answer


def encoded(document: Any) -> str:
    """Policy documents travel percent-encoded (RFC 3986)."""
    return document if document.startswith("%7B") else quote(document, safe="")


def named(policies: dict[str, Any]) -> list[dict]:
    return [{"PolicyName": n, "PolicyDocument": encoded(d)} for n, d in policies.items()]


def attached(entity: Any) -> list[dict]:
    return [{"PolicyName": p.name, "PolicyArn": p.arn} for p in entity.managed_policies.values()]


def boundary(arn: str | None) -> dict:
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}} if arn else {}


def tags(entity: Any) -> dict:
    """moto keeps tags as a list or as a dictionary, by entity."""
    found = getattr(entity, "tags", None) or []
    pairs = found.values() if isinstance(found, dict) else found
    return {"Tags": [{"Key": t["Key"], "Value": t["Value"]} for t in pairs]} if pairs else {}


def prefixed(kind: str, id: str) -> str:
    """IAM's unique ids tell what they are of; moto's are only random."""
    return id if id.startswith(kind) else kind + id.upper()[:17]


def user_detail(b: Any, user: Any) -> dict:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": prefixed("AIDA", user.id),
        "Arn": user.arn,
        "CreateDate": user.create_date,
        **({"UserPolicyList": named(user.policies)} if user.policies else {}),
        "GroupList": [g.name for g in b.groups.values() if user in g.users],
        "AttachedManagedPolicies": attached(user),
        **boundary(getattr(user, "permissions_boundary_arn", None)),
        **tags(user),
    }


def group_detail(group: Any) -> dict:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": prefixed("AGPA", group.id),
        "Arn": group.arn,
        "CreateDate": group.create_date,
        "GroupPolicyList": named(group.policies),
        "AttachedManagedPolicies": attached(group),
    }


def role_detail(role: Any) -> dict:
    last = {"LastUsedDate": role.last_used, "Region": role.last_used_region or "us-east-1"} if role.last_used else {}
    profiles = [
        {
            "Path": p.path,
            "InstanceProfileName": p.name,
            "InstanceProfileId": p.id,
            "Arn": p.arn,
            "CreateDate": p.create_date,
            "Roles": [role_stub(r) for r in p.roles],
        }
        for p in role.instance_profile_list
    ]
    return {
        **role_stub(role),
        "InstanceProfileList": profiles,
        "RolePolicyList": named(role.policies),
        "AttachedManagedPolicies": attached(role),
        "RoleLastUsed": last,
        **boundary(role.permissions_boundary_arn),
        **tags(role),
    }


def role_stub(role: Any) -> dict:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": encoded(role.assume_role_policy_document),
    }


def attachments(b: Any, arn: str) -> int:
    entities = [*b.users.values(), *b.groups.values(), *b.roles.values()]
    return sum(any(p.arn == arn for p in e.managed_policies.values()) for e in entities)


def boundaries(b: Any, arn: str) -> int:
    entities = [*b.users.values(), *b.roles.values()]
    return sum(getattr(e, "permissions_boundary_arn", None) == arn for e in entities)


def policy_detail(b: Any, policy: Any) -> dict:
    return {
        "PolicyName": policy.name,
        "PolicyId": prefixed("ANPA", policy.id),
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": attachments(b, policy.arn),
        "PermissionsBoundaryUsageCount": boundaries(b, policy.arn),
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": [
            {
                "Document": encoded(v.document),
                "VersionId": v.version_id,
                "IsDefaultVersion": v.version_id == policy.default_version_id,
                "CreateDate": v.create_date,
            }
            for v in policy.versions
        ],
    }


@answers("iam", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary")
def user_boundary(call: Call) -> dict:
    backend(call).get_user(call.params["UserName"]).permissions_boundary_arn = call.params.get("PermissionsBoundary")
    return {}


@corrects("iam", "ListServerCertificates")
def server_certificates(call: Call, answer: dict) -> dict:
    """When a certificate ends is written in it."""
    for one in answer.get("ServerCertificateMetadataList", []):
        body = backend(call).get_server_certificate(one["ServerCertificateName"]).cert_body
        one.setdefault("UploadDate", state.when("now"))
        try:
            one["Expiration"] = x509.load_pem_x509_certificate(body.encode()).not_valid_after_utc
        except ValueError:
            one.setdefault("Expiration", state.when("now+365d"))
    return answer


# --- last-accessed reports


@answers("iam", "GenerateServiceLastAccessedDetails")
def generate_last_accessed(call: Call) -> dict:
    arn = call.params["Arn"]
    job = str(uuid.uuid5(uuid.NAMESPACE_URL, arn + call.params.get("Granularity", "SERVICE_LEVEL")))
    state.account(call).jobs[job] = (arn, call.params.get("Granularity", "SERVICE_LEVEL"))
    return {"JobId": job}


#: What a principal with all actions may call; AWS would list some hundreds.
EVERYTHING = ("cloudtrail", "dynamodb", "ec2", "iam", "kms", "lambda", "logs", "rds", "s3", "sts")


def granted(b: Any, arn: str) -> set[str]:
    """The service prefixes of the actions that a principal's policies allow."""
    found = [e for e in (*b.users.values(), *b.roles.values(), *b.groups.values()) if e.arn == arn]
    sources = found + [g for g in b.groups.values() if found and found[0] in g.users]
    documents = [d for e in sources for d in e.policies.values()]
    attached = [p for e in sources for p in e.managed_policies.values()]
    documents += [v.document for p in attached for v in p.versions if v.version_id == p.default_version_id]
    services: set[str] = set()
    for document in documents:
        statements = json.loads(unquote(document) if document.startswith("%7B") else document)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            if statement["Effect"] == "Allow":
                actions = statement.get("Action", "*")
                for action in actions if isinstance(actions, list) else [actions]:
                    services |= set(EVERYTHING) if ":" not in action else {action.split(":")[0].lower()}
    return services


@answers("iam", "GetServiceLastAccessedDetails")
def last_accessed(call: Call) -> dict:
    """The services that /_control/age gave for the ARN; else those that its policies name, none of them ever used."""
    job = state.account(call).jobs.get(call.params["JobId"])
    if job is None:
        raise Refused("NoSuchEntity", f"The job {call.params['JobId']} was not found.", 404)
    arn, kind = job
    services = []
    known = state.account(call).service_access.get(arn) or dict.fromkeys(granted(backend(call), arn))
    for namespace, last in sorted(known.items()):
        one = {"ServiceName": namespace.upper(), "ServiceNamespace": namespace, "TotalAuthenticatedEntities": int(last is not None)}
        if last is not None:
            one |= {"LastAuthenticated": state.when(last), "LastAuthenticatedEntity": arn, "LastAuthenticatedRegion": "us-east-1"}
        services.append(one)
    now = state.when("now")
    return {
        "JobStatus": "COMPLETED",
        "JobType": kind,
        "JobCreationDate": now,
        "JobCompletionDate": now,
        "ServicesLastAccessed": services,
        "IsTruncated": False,
    }
