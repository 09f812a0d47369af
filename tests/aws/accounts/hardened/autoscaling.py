"""The next instance of the app, and a group that was renewed last week. It has no instance just now."""

import base64

from accounts.common import AMI, Aws
from accounts.hardened import REGIONS

AFTER = ["ec2"]

START = "#!/bin/bash\nDB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id prod/db --query SecretString)\n./start\n"


def fill(aws: Aws, _: dict) -> None:
    for region in REGIONS:
        ec2 = aws.client("ec2", region)
        disks = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}]
        ec2.create_launch_template(LaunchTemplateName="app", LaunchTemplateData={
            "ImageId": AMI, "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}, "BlockDeviceMappings": disks,
            "UserData": base64.b64encode(START.encode()).decode()})  # fmt: skip
        subnet = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["private-a"]}])["Subnets"][0]["SubnetId"]
        aws.client("autoscaling", region).create_auto_scaling_group(
            AutoScalingGroupName="app", MinSize=0, MaxSize=4, DesiredCapacity=0, VPCZoneIdentifier=subnet,
            LaunchTemplate={"LaunchTemplateName": "app", "Version": "$Latest"},
        )  # fmt: skip
    aws.overlay("autoscaling")
