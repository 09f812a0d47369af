"""A repository in each region that Amazon Inspector scans without an end."""

import json

from accounts.common import Aws
from accounts.deployed import image
from accounts.hardened import REGIONS


def fill(aws: Aws, _: dict) -> None:
    rule = {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100}, "action": {"type": "expire"}}
    for region in REGIONS:
        ecr = aws.client("ecr", region)
        ecr.put_registry_scanning_configuration(
            scanType="ENHANCED", rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}]
        )
        ecr.create_repository(repositoryName="ledger", imageTagMutability="IMMUTABLE")
        ecr.put_lifecycle_policy(repositoryName="ledger", lifecyclePolicyText=json.dumps({"rules": [rule]}))
        image(ecr, "ledger", "3.1.0")
    aws.overlay("ecr")
