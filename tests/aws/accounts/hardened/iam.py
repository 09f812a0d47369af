"""People come through the identity provider; roles have bounds, and what is granted is used. Users are in iam_users.py."""

from typing import Any

from accounts.common import AWS_POLICY, Aws, allow, policy, trust
from accounts.hardened import ACCOUNT, SECURITY, US
from accounts.material import certificate


def fill(aws: Aws, _: dict) -> dict[str, str]:
    aws.age("root", mfa="hardware", created="2023-02-01T09:00:00Z", password_last_used="2023-02-02T10:00:00Z")
    iam = aws.client("iam")
    iam.update_account_password_policy(
        MinimumPasswordLength=16, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=24, HardExpiry=False,
    )  # fmt: skip
    saml = iam.create_saml_provider(Name="workforce", SAMLMetadataDocument="<EntityDescriptor/>" + " " * 1000)["SAMLProviderArn"]
    people = trust({"Federated": saml}, "sts:AssumeRoleWithSAML", StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})
    mine = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

    def role(called: str, trusted: str, attached: list[str] = (), inline: dict[str, str] | None = None, path: str = "/", **more: Any) -> None:
        iam.create_role(RoleName=called, AssumeRolePolicyDocument=trusted, Path=path, **more)
        for one in attached:
            iam.attach_role_policy(RoleName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
        for title, document in (inline or {}).items():
            iam.put_role_policy(RoleName=called, PolicyName=title, PolicyDocument=document)
        aws.age("role", name=called, created="now-400d", last_used="now-2d")

    def managed(called: str, document: str) -> str:
        return iam.create_policy(PolicyName=called, PolicyDocument=document)["Policy"]["Arn"]

    read = managed("app-data-read", policy(allow(["s3:GetObject"], f"arn:aws:s3:::hardened-data-{US}/*")))
    boundary = managed("app-boundary", policy(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::hardened-data-{US}/*")))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    creator = managed(
        "create-bounded-roles",
        policy(allow(["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*", Condition=bounded)),
    )
    role("OrganizationAccountAccessRole", trust({"AWS": f"arn:aws:iam::{SECURITY}:root"}, Bool={"aws:MultiFactorAuthPresent": "true"}), ["AdministratorAccess"])
    role("security-audit", trust({"AWS": f"arn:aws:iam::{SECURITY}:root"}, Bool={"aws:MultiFactorAuthPresent": "true"}), ["SecurityAudit"])
    used = [{"Key": "break-glass-use", "Value": "INC-42"}]
    role("break-glass", trust({"AWS": f"arn:aws:iam::{SECURITY}:root"}, Bool={"aws:MultiFactorAuthPresent": "true"}), Tags=used)
    role("support", people, ["AWSSupportAccess"])
    role("platform-engineer", people, [creator], PermissionsBoundary=boundary)
    role("kms-admin", people)
    role("app", trust({"Service": "ec2.amazonaws.com"}), [read])
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    role("cloudtrail-logs", trust({"Service": "cloudtrail.amazonaws.com"}, **mine), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/hardened/trail:*"))})  # fmt: skip
    role("vpc-flow-logs", trust({"Service": "vpc-flow-logs.amazonaws.com"}, **mine), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:/hardened/flow:*"))})  # fmt: skip
    provider = "token.actions.githubusercontent.com"
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{provider}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ffffffffffffffffffffffffffffffffffffffff"]
    )["OpenIDConnectProviderArn"]
    fixed = {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com", f"{provider}:sub": "repo:hardened-example/app:environment:production"}}
    role("github-app", trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity", **fixed), [read])
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")
    for called, services in (
        ("OrganizationAccountAccessRole", {"iam": "now-2d"}), ("security-audit", {"iam": "now-2d"}), ("support", {"support": "now-20d"}),
        ("platform-engineer", {"iam": "now-4d"}), ("app", {"s3": "now-1d"}), ("github-app", {"s3": "now-1d"}),
        ("cloudtrail-logs", {"logs": "now-1d"}), ("vpc-flow-logs", {"logs": "now-1d"}),
    ):  # fmt: skip
        aws.age("service_access", arn=aws.arn("role", called), services=services)

    body, private = certificate("app.hardened.example", aws.now, 200)
    iam.upload_server_certificate(ServerCertificateName="app", CertificateBody=body, PrivateKey=private)
    aws.overlay("iam")
    return {"read": read}
