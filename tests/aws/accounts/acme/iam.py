"""The root user, the roles, and the policies of the account; its users are in iam_users.py."""

from typing import Any

from accounts.acme import ACCOUNT, PARTNER, US
from accounts.common import AWS_POLICY, Aws, allow, policy, trust
from accounts.material import certificate

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def fill(aws: Aws, _: dict) -> None:
    root(aws)
    # People could sign in by it, and some have passwords of their own all the same.
    aws.client("iam").create_saml_provider(Name="workforce", SAMLMetadataDocument="<EntityDescriptor/>" + " " * 1000)
    own = policies(aws)
    roles(aws, own)
    deployments(aws, own)
    usage(aws)
    certificates(aws)
    aws.overlay("iam")


def root(aws: Aws) -> None:
    """No MFA, a key that works every night."""
    aws.age(
        "root", created="2021-03-04T09:00:00Z", password_last_used="now-12d",
        access_key_1={"created": "2021-03-05T10:00:00Z", "last_used": "now-1d", "service": "s3"},
    )  # fmt: skip
    aws.client("iam").update_account_password_policy(
        MinimumPasswordLength=8, RequireSymbols=False, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True,
    )  # fmt: skip


def make_role(aws: Aws, called: str, trusted: str, attached: list[str] = (), inline: dict[str, str] | None = None, **age: Any) -> None:
    iam = aws.client("iam")
    more = {"PermissionsBoundary": age.pop("boundary")} if "boundary" in age else {}
    iam.create_role(RoleName=called, AssumeRolePolicyDocument=trusted, Path=age.pop("path", "/"), **more)
    for one in attached:
        iam.attach_role_policy(RoleName=called, PolicyArn=one if one.startswith("arn:") else AWS_POLICY + one)
    for title, document in (inline or {}).items():
        iam.put_role_policy(RoleName=called, PolicyName=title, PolicyDocument=document)
    aws.age("role", name=called, **{"created": "now-700d", "last_used": "now-2d", **age})


def policies(aws: Aws) -> dict[str, str]:
    """The ARNs of the policies that are used: of all, each bad one is bad for one reason, and two are good."""
    iam = aws.client("iam")
    bucket_reader = policy(allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::acme-shop-assets", "arn:aws:s3:::acme-shop-assets/*"]))

    def managed(called: str, document: str) -> str:
        return iam.create_policy(PolicyName=called, PolicyDocument=document)["Policy"]["Arn"]

    managed("acme-break-everything", policy(allow("*")))
    deploy = managed("acme-deploy", policy(allow(["iam:PassRole", "ec2:RunInstances", "lambda:CreateFunction", "lambda:InvokeFunction"])))
    decrypt = managed("acme-decrypt-any", policy(allow(["kms:Decrypt", "kms:DescribeKey"])))
    managed("acme-key-admin", policy(allow("kms:*"), allow("sts:AssumeRole")))
    boundary = managed("acme-boundary", policy(allow(["s3:*", "ec2:*", "logs:*"]), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}))
    reader = managed("acme-assets-read", bucket_reader)
    creator = managed("acme-create-roles", policy(allow(["iam:CreateRole", "iam:PutRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*")))
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    safe_creator = managed(
        "acme-create-bounded-roles",
        policy(allow(["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app/*", Condition=bounded)),
    )
    return {"deploy": deploy, "decrypt": decrypt, "boundary": boundary, "reader": reader, "creator": creator, "safe_creator": safe_creator}


def roles(aws: Aws, own: dict[str, str]) -> None:
    iam = aws.client("iam")
    ec2 = {"Service": "ec2.amazonaws.com"}
    make_role(aws, "shop-web", trust(ec2), [own["reader"]])
    make_role(aws, "shop-batch", trust(ec2), ["PowerUserAccess"])
    for called in ("shop-web", "shop-batch"):
        iam.create_instance_profile(InstanceProfileName=called)
        iam.add_role_to_instance_profile(InstanceProfileName=called, RoleName=called)
    make_role(aws, "OrganizationAccountAccessRole", trust({"AWS": f"arn:aws:iam::{PARTNER}:root"}), ["AdministratorAccess"])
    make_role(aws, "old-migration", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [own["reader"]], last_used="now-400d")
    make_role(aws, "partner-upload", trust({"AWS": "*"}, StringEquals={"sts:ExternalId": "acme-partner"}), [own["reader"]])
    make_role(aws, "data-engineer", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [own["decrypt"], own["creator"]])
    make_role(aws, "platform-engineer", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), [own["safe_creator"]], boundary=own["boundary"])
    make_role(aws, "vpc-flow-logs", trust({"Service": "vpc-flow-logs.amazonaws.com"}), inline={"write-logs": policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:/acme/*"))})  # fmt: skip
    make_role(aws, "cloudtrail-logs", trust({"Service": "cloudtrail.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT}), inline={
        "write-logs": policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:{US}:{ACCOUNT}:log-group:/acme/trail:*"))})  # fmt: skip
    make_role(aws, "kms-admin", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA))
    make_role(aws, "config-recorder", trust({"Service": "config.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT}),
              ["arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"])  # fmt: skip
    make_role(aws, "inventory", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), ["job-function/ViewOnlyAccess"])
    aws.age("service_access", arn=aws.arn("role", "inventory"), services={"iam": "now-1d", "s3": "now-1d", "glue": None})
    # For emergencies: one that asks for MFA and rests, and one that anybody in the account took last week.
    make_role(aws, "break-glass-audit", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **MFA), last_used="now-200d")
    make_role(aws, "emergency-operator", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), last_used="now-6d")
    iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")


def deployments(aws: Aws, own: dict[str, str]) -> None:
    """From GitHub: one repository may, and any."""
    iam = aws.client("iam")
    provider = "token.actions.githubusercontent.com"
    arn = iam.create_open_id_connect_provider(
        Url=f"https://{provider}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ffffffffffffffffffffffffffffffffffffffff"]
    )["OpenIDConnectProviderArn"]
    for called, sub in (("github-shop", "repo:acme-retail/shop:ref:refs/heads/main"), ("github-anything", "*")):
        condition = {"StringEquals": {f"{provider}:aud": "sts.amazonaws.com"}, "StringLike": {f"{provider}:sub": sub}}
        make_role(aws, called, trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity", **condition), [own["reader" if sub != "*" else "deploy"]])


def usage(aws: Aws) -> None:
    """Which of the granted services the roles really call."""
    services = {
        "shop-web": {"s3": "now-1d"}, "github-shop": {"s3": "now-3d"}, "data-engineer": {"kms": "now-2d", "iam": "now-300d"},
        "shop-batch": {"dynamodb": "now-1d", "sqs": "now-1d", "redshift": None}, "OrganizationAccountAccessRole": {"iam": "now-40d", "ec2": "now-30d"},
        "vpc-flow-logs": {"logs": "now-1d"}, "cloudtrail-logs": {"logs": "now-10d"}, "config-recorder": {"config": "now-1d", "s3": "now-1d"},
        "platform-engineer": {"iam": "now-9d"},
    }  # fmt: skip
    for called, used in services.items():
        aws.age("service_access", arn=aws.arn("role", called), services=used)


def certificates(aws: Aws) -> None:
    iam = aws.client("iam")
    for called, days in (("shop-2025", -30), ("shop-2026", 200)):
        body, private = certificate("shop.acme.example", aws.now, days)
        iam.upload_server_certificate(ServerCertificateName=called, CertificateBody=body, PrivateKey=private)
