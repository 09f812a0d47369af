"""account: moto has the alternate contacts only. Regions follow what ec2:DescribeRegions says here."""

from moto.ec2.models import ec2_backends

from emulator import state
from emulator.call import Call, Refused
from emulator.corrections import answers
from emulator.corrections.ec2 import enabled, opt_in_status


@answers("account", "GetContactInformation")
def contact_information(call: Call) -> dict:
    contact = state.account(call).contact
    if contact is None:
        raise Refused("ResourceNotFoundException", "No contact information was found for the account.", 404)
    return {"ContactInformation": contact}


@answers("account", "PutContactInformation")
def put_contact_information(call: Call) -> dict:
    state.account(call).contact = call.params["ContactInformation"]
    return {}


@answers("account", "EnableRegion", "DisableRegion")
def switch_region(call: Call) -> dict:
    name = call.params["RegionName"]
    (state.account(call).opted_in.add if call.operation == "EnableRegion" else state.account(call).opted_in.discard)(name)
    return {}


@answers("account", "ListRegions")
def list_regions(call: Call) -> dict:
    wanted = call.params.get("RegionOptStatusContains")
    regions = []
    for region in ec2_backends[call.account]["us-east-1"].describe_regions():
        status = opt_in_status(call, region.name)
        shown = "ENABLED_BY_DEFAULT" if status == "opt-in-not-required" else "ENABLED" if enabled(status) else "DISABLED"
        if not wanted or shown in wanted:
            regions.append({"RegionName": region.name, "RegionOptStatus": shown})
    start = int(call.params.get("NextToken") or 0)
    size = int(call.params.get("MaxResults") or 20)
    answer: dict = {"Regions": regions[start : start + size]}
    if start + size < len(regions):
        answer["NextToken"] = str(start + size)
    return answer
