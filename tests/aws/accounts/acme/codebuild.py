"""Build projects: one in us-east-1 that somebody takes care of, one that never built and may take on too much, and one in eu-west-1 as it was
copied from a blog in 2022, with everything that goes wrong in builds."""

from accounts.acme import EU, US
from accounts.common import Aws

AFTER = ["iam"]

ENVIRONMENT = {"type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0", "computeType": "BUILD_GENERAL1_SMALL"}
TESTS = "version: 0.2\nphases:\n  build:\n    commands:\n      - npm ci\n      - npm audit --omit=dev\n      - npm test\n"
IMAGE = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build -t shop .\n      - docker push shop\n"
# Not a password of anything: the tapes hold a mark in its place.
LEGACY = "version: 0.2\nenv:\n  variables:\n    ERP_PASSWORD: made-up-9\nphases:\n  build:\n    commands:\n      - make all\n"


def fill(aws: Aws, _: dict) -> None:
    tidy(aws)
    legacy(aws)


def tidy(aws: Aws) -> None:
    us = aws.client("codebuild", US)
    reader = aws.arn("role", "shop-web")
    variables = [
        {"name": "STAGE", "value": "test", "type": "PLAINTEXT"},
        {"name": "DB_PASSWORD", "value": "shop/db:password", "type": "SECRETS_MANAGER"},
    ]
    us.create_project(
        name="shop-tests", source={"type": "GITHUB", "location": "https://github.com/acme/shop.git", "buildspec": TESTS}, serviceRole=reader,
        artifacts={"type": "S3", "location": "acme-shop-assets", "encryptionDisabled": False}, environment=ENVIRONMENT | {"environmentVariables": variables},
    )  # fmt: skip
    main = [{"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": "^refs/heads/main$"}]
    requests = [{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED"}, {"type": "ACTOR_ACCOUNT_ID", "pattern": "^(1234567|7654321)$"}]
    us.create_webhook(projectName="shop-tests", filterGroups=[main, requests])
    us.create_project(
        name="shop-image", source={"type": "S3", "location": "acme-shop-assets/shop.zip", "buildspec": IMAGE}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole=reader,
        environment=ENVIRONMENT | {"privilegedMode": True},
    )  # fmt: skip
    us.create_report_group(
        name="shop-tests-unit", type="TEST", exportConfig={"exportConfigType": "S3", "s3Destination": {"bucket": "acme-shop-assets", "encryptionDisabled": False}}
    )


def legacy(aws: Aws) -> None:
    eu = aws.client("codebuild", EU)
    variables = [{"name": "DEPLOY_TOKEN", "value": "made-up-7", "type": "PLAINTEXT"}, {"name": "STAGE", "value": "production"}]
    made = eu.create_project(
        name="legacy-erp", source={"type": "BITBUCKET", "location": "https://erp:made-up-8@bitbucket.org/acme/erp.git", "buildspec": LEGACY},
        artifacts={"type": "S3", "location": "acme-website", "encryptionDisabled": True}, serviceRole=aws.arn("role", "OrganizationAccountAccessRole"),
        environment=ENVIRONMENT | {"privilegedMode": True, "environmentVariables": variables},
        logsConfig={"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED", "location": "acme-website/logs", "encryptionDisabled": True}},
    )["project"]  # fmt: skip
    eu.update_project_visibility(projectArn=made["arn"], projectVisibility="PUBLIC_READ")
    eu.create_webhook(projectName="legacy-erp", filterGroups=[[{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED"}, {"type": "ACTOR_ACCOUNT_ID", "pattern": "1234567"}]])
    eu.create_project(
        name="legacy-docs", source={"type": "GITHUB", "location": "https://github.com/acme/docs.git"}, artifacts={"type": "NO_ARTIFACTS"},
        serviceRole=aws.arn("role", "shop-batch"), environment=ENVIRONMENT, logsConfig={"cloudWatchLogs": {"status": "DISABLED"}},
    )  # fmt: skip
    eu.create_webhook(projectName="legacy-docs", filterGroups=[[{"type": "EVENT", "pattern": "PUSH"}]])
    eu.create_report_group(
        name="legacy-erp-unit", type="TEST", exportConfig={"exportConfigType": "S3", "s3Destination": {"bucket": "acme-website", "encryptionDisabled": True}}
    )
    aws.overlay("codebuild")
