"""EC2: owners of snapshots and images, regions, and what moto leaves out."""

from moto.ec2.models import ec2_backends, elastic_ip_addresses
from moto.moto_api._internal import mock_random

from emulator import state
from emulator.call import Call
from emulator.corrections import answers, corrects

#: Regions that an account has to opt in to, of those that moto knows; AWS enabled every other one for all accounts.
OPT_IN = {
    "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
    "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}  # fmt: skip


def opt_in_status(call: Call, region: str) -> str:
    if region not in OPT_IN:
        return "opt-in-not-required"
    return "opted-in" if region in state.account(call).opted_in else "not-opted-in"


def enabled(status: str) -> bool:
    return status != "not-opted-in"


@corrects("ec2", "DescribeRegions")
def regions(call: Call, answer: dict) -> dict:
    """Only the regions that are on, unless AllRegions is set."""
    kept = []
    for region in answer.get("Regions", []):
        region["OptInStatus"] = opt_in_status(call, region["RegionName"])
        if enabled(region["OptInStatus"]) or call.params.get("AllRegions"):
            kept.append(region)
    return {"Regions": kept}


@corrects("ec2", "DescribeSnapshots")
def snapshots(call: Call, answer: dict) -> dict:
    """OwnerIds and RestorableByUserIds, which moto ignores."""
    backend = ec2_backends[call.account][call.region]
    kept = answer.get("Snapshots", [])
    owners = call.params.get("OwnerIds")
    if owners:
        ids = {call.account if o == "self" else o for o in owners}
        kept = [s for s in kept if s["OwnerId"] in ids or ("amazon" in ids and s.get("OwnerAlias") == "amazon")]
    users = call.params.get("RestorableByUserIds")
    if users:
        kept = [s for s in kept if restorable(backend.snapshots.get(s["SnapshotId"]), users, call.account)]
    return {**answer, "Snapshots": kept}


def restorable(snapshot: object, users: list[str], account: str) -> bool:
    """Whether every one of `users` may create volumes: "all" is everybody, "self" those given to us."""
    groups = getattr(snapshot, "create_volume_permission_groups", None) or []
    ids = getattr(snapshot, "create_volume_permission_userids", None) or []
    return any(("all" in groups) if u == "all" else ((account if u == "self" else u) in ids) for u in users)


@corrects("ec2", "DescribeImages")
def images(call: Call, answer: dict) -> dict:
    """Owners `self` means own; a deprecation time is sent when there is one; deprecated images of others stay hidden unless asked for."""
    owners = call.params.get("Owners")
    kept = answer.get("Images", [])
    if owners and "self" in owners and not set(owners) - {"self"}:
        kept = [i for i in kept if i["OwnerId"] == call.account]
    named = call.params.get("ImageIds") or call.params.get("IncludeDeprecated")
    now = state.when("now").strftime("%Y-%m-%dT%H:%M:%S.000Z")
    shown = []
    for image in kept:
        deprecation = state.account(call).deprecations.get(image["ImageId"]) or two_years_after(image)
        if deprecation:
            image["DeprecationTime"] = deprecation
        if named or image["OwnerId"] == call.account or not deprecation or deprecation > now:
            shown.append(image)
    return {**answer, "Images": shown}


def two_years_after(image: dict) -> str | None:
    """AWS deprecates public AMIs by itself two years after their creation."""
    if not image.get("Public") or not image.get("CreationDate"):
        return None
    created = image["CreationDate"]
    return f"{int(created[:4]) + 2}{created[4:]}"


@answers("ec2", "GetEbsDefaultKmsKeyId")
def default_kms_key(call: Call) -> dict:
    return {"KmsKeyId": state.account(call).ebs_keys.get(call.region, "alias/aws/ebs")}


@answers("ec2", "ModifyEbsDefaultKmsKeyId")
def modify_default_kms_key(call: Call) -> dict:
    state.account(call).ebs_keys[call.region] = call.params["KmsKeyId"]
    return {"KmsKeyId": call.params["KmsKeyId"]}


# --- instances and what hangs on them


#: Addresses for documentation (RFC 5737): public in form, nobody's in fact. moto hands out loopback addresses.
PUBLIC = [f"{net}.{host}" for net in ("203.0.113", "198.51.100", "192.0.2") for host in range(1, 255)]
elastic_ip_addresses.random_ip = lambda: PUBLIC[mock_random.randint(0, len(PUBLIC) - 1)]


@corrects("ec2", "DescribeInstances", "RunInstances")
def instances(call: Call, answer: dict) -> dict:
    """A stop carries its time in GMT, and that is all that AWS says about when. Nothing is sent empty, and the first interface's groups are the instance's."""
    for instance in [i for r in answer.get("Reservations", [answer]) for i in r["Instances"]]:
        reason = instance.get("StateTransitionReason")
        if reason:
            instance["StateTransitionReason"] = reason.replace(" UTC)", " GMT)")
        if not instance.get("StateReason", {}).get("Code"):
            instance.pop("StateReason", None)
        interfaces = instance.get("NetworkInterfaces", [])
        for interface in interfaces:
            without_empty_association(interface)
        first = next((i for i in interfaces if i.get("Attachment", {}).get("DeviceIndex") == 0), None)
        if first and not instance.get("SecurityGroups"):
            instance["SecurityGroups"] = first["Groups"]
    return answer


def without_empty_association(interface: dict) -> None:
    for one in (interface, *interface.get("PrivateIpAddresses", [])):
        if one.get("Association") == {}:
            del one["Association"]


@corrects("ec2", "DescribeVolumes")
def volumes(call: Call, answer: dict) -> dict:
    """Whether an attached volume goes with its instance."""
    backend = ec2_backends[call.account][call.region]
    for volume in answer.get("Volumes", []):
        for attachment in volume.get("Attachments", []):
            instance = backend.get_instance(attachment["InstanceId"])
            device = instance.block_device_mapping.get(attachment["Device"])
            attachment["DeleteOnTermination"] = bool(device and device.delete_on_termination)
    return answer


@corrects("ec2", "DescribeAddresses")
def addresses(call: Call, answer: dict) -> dict:
    """An address that nothing uses has no instance and no interface, rather than empty ones."""
    return {"Addresses": [{k: v for k, v in a.items() if v != ""} for a in answer.get("Addresses", [])]}


@corrects("ec2", "DescribeNetworkInterfaces")
def network_interfaces(call: Call, answer: dict) -> dict:
    """The interfaces of VPC endpoints are the service's, and say so; ours have no requester."""
    backend = ec2_backends[call.account][call.region]
    endpoints = {i: e for e in backend.vpc_end_points.values() for i in e.network_interface_ids or []}
    for interface in answer.get("NetworkInterfaces", []):
        without_empty_association(interface)
        endpoint = endpoints.get(interface["NetworkInterfaceId"])
        if endpoint is not None:
            interface |= {
                "Description": f"VPC Endpoint Interface {endpoint.id}",
                "InterfaceType": "vpc_endpoint",
                "RequesterId": call.account,
                "RequesterManaged": True,
                "Status": "in-use",
                "Groups": [{"GroupId": g, "GroupName": backend.get_security_group_from_id(g).name} for g in endpoint.security_group_ids or []],
            }
        elif not interface.get("RequesterManaged"):
            interface.pop("RequesterId", None)
    return answer


@corrects("ec2", "RegisterImage")
def register_image(call: Call, answer: dict) -> dict:
    """The image stands on the snapshots that it was given; moto makes it one of its own."""
    backend = ec2_backends[call.account][call.region]
    image = backend.amis[answer["ImageId"]]
    given = [m["Ebs"]["SnapshotId"] for m in call.params.get("BlockDeviceMappings", []) if m.get("Ebs", {}).get("SnapshotId")]
    if given:
        backend.snapshots.pop(image.ebs_snapshot.id, None)
        image.ebs_snapshot = backend.snapshots[given[0]]
    for attribute, parameter in (("architecture", "Architecture"), ("root_device_name", "RootDeviceName")):
        setattr(image, attribute, call.params.get(parameter) or getattr(image, attribute))
    image.root_device_type = "ebs"
    return answer


@corrects("ec2", "DescribeTransitGateways")
def transit_gateways(call: Call, answer: dict) -> dict:
    for gateway in answer.get("TransitGateways", []):
        gateway["Options"].setdefault("SecurityGroupReferencingSupport", "disable")
    return answer


@corrects("ec2", "CreateSubnet")
def create_subnet(call: Call, answer: dict) -> dict:
    """Only a default VPC has default subnets, which give public addresses; for moto the first subnet of a zone is one."""
    backend = ec2_backends[call.account][call.region]
    subnet = backend.get_subnet(answer["Subnet"]["SubnetId"])
    if not backend.get_vpc(subnet.vpc_id).is_default:
        subnet.default_for_az = False
        subnet.map_public_ip_on_launch = False
        answer["Subnet"] |= {"DefaultForAz": False, "MapPublicIpOnLaunch": False}
    return answer


@corrects("ec2", "DescribeNetworkAcls")
def network_acls(call: Call, answer: dict) -> dict:
    """What hung on a deleted VPC or subnet is gone with it."""
    backend = ec2_backends[call.account][call.region]
    subnets = {id for zone in backend.subnets.values() for id in zone}
    kept = [a for a in answer.get("NetworkAcls", []) if a["VpcId"] in backend.vpcs]
    for acl in kept:
        acl["Associations"] = [a for a in acl.get("Associations", []) if a["SubnetId"] in subnets]
    return {**answer, "NetworkAcls": kept}
