"""Launch templates, launch configurations and the groups that use them. No group has an instance just now."""

import base64
from typing import Any

from accounts.acme import EU, US
from accounts.common import AMI, OLD_AMI, Aws

AFTER = ["ec2_network"]

FETCHES = "#!/bin/bash\nDB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id prod/db --query SecretString)\n./start\n"
LEAKS = "#!/bin/bash\nexport " + "=".join(("DB_PASSWORD", "orders2019!")) + "\n./start\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def fill(aws: Aws, made: dict) -> None:
    ids = made["ec2_network"]
    tidy(aws, ids)
    legacy(aws, ids)
    aws.overlay("autoscaling")


def group(aws: Aws, region: str, called: str, subnet: str, **launch: Any) -> None:
    aws.client("autoscaling", region).create_auto_scaling_group(AutoScalingGroupName=called, MinSize=0, MaxSize=4, DesiredCapacity=0, VPCZoneIdentifier=subnet, **launch)


def tidy(aws: Aws, ids: dict[str, str]) -> None:
    disks = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}]
    ec2 = aws.client("ec2", US)
    ec2.create_launch_template(LaunchTemplateName="shop-web", LaunchTemplateData={
        "ImageId": AMI, "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}, "BlockDeviceMappings": disks,
        "UserData": encoded(FETCHES)})  # fmt: skip
    group(aws, US, "shop-web", ids["private"], LaunchTemplate={"LaunchTemplateName": "shop-web", "Version": "$Latest"})


def legacy(aws: Aws, ids: dict[str, str]) -> None:
    """A template whose password was taken out of its second version only, and what launched before there were templates."""
    ec2 = aws.client("ec2", EU)
    public = [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "SubnetId": ids["eu_subnet"]}]
    plain = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": False}}]
    data = {"ImageId": OLD_AMI, "InstanceType": "t2.micro", "NetworkInterfaces": public, "BlockDeviceMappings": plain, "MetadataOptions": {"HttpTokens": "optional"}}
    ec2.create_launch_template(LaunchTemplateName="legacy-batch", LaunchTemplateData=data | {"UserData": encoded(LEAKS)})
    for _ in range(2):
        ec2.create_launch_template_version(LaunchTemplateName="legacy-batch", LaunchTemplateData=data | {"UserData": encoded(FETCHES)})
    group(aws, EU, "legacy-batch", ids["eu_subnet"], LaunchTemplate={"LaunchTemplateName": "legacy-batch", "Version": "2"})
    aws.client("autoscaling", EU).create_launch_configuration(
        LaunchConfigurationName="legacy-web-2019", ImageId=OLD_AMI, InstanceType="t2.micro", AssociatePublicIpAddress=True, UserData=LEAKS
    )
    group(aws, EU, "legacy-web", ids["eu_subnet"], LaunchConfigurationName="legacy-web-2019")
