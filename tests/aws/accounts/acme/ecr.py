"""Images: a repository as it should be and one for tools in us-east-1, and one in eu-west-1 that everyone may pull from."""

import json

from accounts.acme import ACCOUNT, EU, PARTNER, US
from accounts.common import Aws, allow, policy
from accounts.deployed import image

PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}, "action": {"type": "expire"}}]}


def permissions(*statements: dict) -> str:
    """A repository's policy names no resource."""
    return policy(*({k: v for k, v in one.items() if k != "Resource"} for one in statements))


def fill(aws: Aws, _: dict) -> None:
    ecr = aws.client("ecr", US)
    ecr.put_registry_scanning_configuration(
        scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "shop", "filterType": "WILDCARD"}]}]
    )
    ecr.create_repository(repositoryName="shop-web", imageTagMutability="IMMUTABLE")
    ecr.put_lifecycle_policy(repositoryName="shop-web", lifecyclePolicyText=json.dumps(LIFECYCLE))
    own = {"StringLike": {"aws:sourceArn": f"arn:aws:lambda:{US}:{ACCOUNT}:function:*"}}
    ecr.set_repository_policy(repositoryName="shop-web", policyText=permissions(allow(PULL, Principal={"Service": "lambda.amazonaws.com"}, Condition=own)))
    image(ecr, "shop-web", "1.4.2")
    # The registry has rules and none names it, so that its own switch says nothing.
    ecr.create_repository(
        repositoryName="tools", imageTagMutability="IMMUTABLE_WITH_EXCLUSION", imageScanningConfiguration={"scanOnPush": True},
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest"}],
    )  # fmt: skip
    image(ecr, "tools", "latest")

    ecr = aws.client("ecr", EU)
    ecr.create_repository(repositoryName="legacy-erp", imageScanningConfiguration={"scanOnPush": True})
    ecr.set_repository_policy(repositoryName="legacy-erp", policyText=permissions(allow(PULL, Principal="*")))
    image(ecr, "legacy-erp", "2022-03")
    ecr.create_repository(repositoryName="partner-feed")
    partner = {"AWS": f"arn:aws:iam::{PARTNER}:root"}
    ecr.set_repository_policy(repositoryName="partner-feed", policyText=permissions(allow(PULL, Principal=partner)))
    ecr.put_registry_policy(policyText=policy(allow(["ecr:CreateRepository", "ecr:ReplicateImage"], f"arn:aws:ecr:{EU}:{ACCOUNT}:repository/*", Principal=partner)))
    aws.overlay("ecr")
