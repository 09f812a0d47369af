"""Instances, volumes and images: one of each as it should be, and those that grew old, open and forgotten."""

from accounts.acme import EU, US
from accounts.common import OLD_AMI, Aws, group, launch, name

#: Instances run under the roles of iam.py, and a volume is encrypted with a key of kms.py.
AFTER = ["ec2_network", "iam", "kms"]


def fill(aws: Aws, made: dict) -> None:
    ids = made["ec2_network"]
    machines(aws, ids)
    legacy(aws, ids)
    volumes_and_images(aws, made["kms"])
    aws.overlay("ec2", **ids)


def machines(aws: Aws, ids: dict[str, str]) -> None:
    """An instance as it should be, and instances that grew old, open and forgotten."""
    ec2 = aws.client("ec2", US)
    fine = launch(aws, US, ids["private"], [ids["web"]], "shop-app", profile="shop-web")
    aws.age("instance", region=US, id=fine, launched="now-30d")
    ec2.create_key_pair(KeyName="jo-laptop")
    bastion = group(ec2, ids["vpc"], "launch-wizard-1", "launch-wizard-1 created 2021-06-01", [("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 6379, 6379, "0.0.0.0/0")])
    old = launch(
        aws, US, ids["public"], [bastion], "bastion", OLD_AMI, metadata={"HttpTokens": "optional"}, public=True, encrypted=False,
        KeyName="jo-laptop", profile="shop-batch",
    )  # fmt: skip
    aws.age("instance", region=US, id=old, launched="now-900d")
    idle = launch(aws, US, ids["private"], [ids["web"]], "try-out")
    ec2.stop_instances(InstanceIds=[idle])
    aws.age("instance", region=US, id=idle, launched="now-300d", stopped="now-120d")
    # A router: second interface, no source check, and no role though it runs.
    router = launch(aws, US, ids["private"], [ids["web"]], "router")
    aws.age("instance", region=US, id=router, launched="now-20d")
    second = ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["web"]], Description="router inside")["NetworkInterface"]
    ec2.attach_network_interface(NetworkInterfaceId=second["NetworkInterfaceId"], InstanceId=router, DeviceIndex=1)
    ec2.modify_network_interface_attribute(NetworkInterfaceId=second["NetworkInterfaceId"], SourceDestCheck={"Value": False})
    # Addresses: one in use, one forgotten.
    used, _ = (ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2))
    ec2.associate_address(AllocationId=used, InstanceId=old)
    ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["database"]], Description="RDSNetworkInterface")


def legacy(aws: Aws, ids: dict[str, str]) -> None:
    """eu-west-1: the server that everything hangs on, and its database."""
    server = launch(aws, EU, ids["eu_subnet"], [ids["everything"], ids["halves"]], "legacy-erp", public=True, metadata={"HttpTokens": "optional"}, encrypted=False)
    aws.age("instance", region=EU, id=server, launched="now-1000d")
    old = aws.client("ec2", EU)
    volume = old.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [server]}])["Volumes"][0]["VolumeId"]
    sent = old.create_snapshot(VolumeId=volume, Description="for the vendor", TagSpecifications=name("snapshot", "vendor"))["SnapshotId"]
    old.modify_snapshot_attribute(SnapshotId=sent, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    aws.client("ec2", EU).create_network_interface(SubnetId=ids["eu_subnet"], Groups=[ids["data"]], Description="RDSNetworkInterface")


def volumes_and_images(aws: Aws, keys: dict[str, str]) -> None:
    ec2 = aws.client("ec2", US)
    ec2.enable_ebs_encryption_by_default()
    safe = ec2.create_volume(AvailabilityZone="us-east-1a", Size=50, Encrypted=True, KmsKeyId=keys["good"], TagSpecifications=name("volume", "orders"))["VolumeId"]
    kept = ec2.create_snapshot(VolumeId=safe, Description="orders, nightly", TagSpecifications=name("snapshot", "orders"))["SnapshotId"]
    open_volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=20, TagSpecifications=name("volume", "old-data"))["VolumeId"]
    shared = ec2.create_snapshot(VolumeId=open_volume, Description="demo data", TagSpecifications=name("snapshot", "demo"))["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": kept, "VolumeSize": 20}}]
    for called, public in (("shop-base", False), ("shop-demo", True)):
        made = ec2.register_image(Name=called, Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=disk)["ImageId"]
        aws.age("image", region=US, id=made, created="now-60d")
        if public:
            ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})
