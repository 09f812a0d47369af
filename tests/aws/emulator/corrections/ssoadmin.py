"""IAM Identity Center: moto forgets where a permission set is put by its assignments."""

from moto.ssoadmin.models import ssoadmin_backends

from emulator.call import Call, Refused
from emulator.corrections import answers


@answers("sso-admin", "ListAccountsForProvisionedPermissionSet")
def provisioned(call: Call) -> dict:
    """The accounts in which somebody has the set: AWS puts it there with the first assignment."""
    assignments = ssoadmin_backends[call.account][call.region].account_assignments
    of_set = [one for one in assignments if one.permission_set_arn == call.params["PermissionSetArn"]]
    return {"AccountIds": sorted({one.target_id for one in of_set})}


@answers("sso-admin", "GetPermissionsBoundaryForPermissionSet")
def boundary(call: Call) -> dict:
    """None: the emulator keeps no boundaries."""
    raise Refused("ResourceNotFoundException", "PermissionsBoundary not found for the permission set.", 400)
