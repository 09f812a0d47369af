//! Condition keys: which say who calls, and which only say how, when, or on what.
//!
//! Reference: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>. S3's list of keys
//! that make a policy non-public is on
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use super::actions;

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// An account number: of the caller, or of the resource for which a service calls.
    Account,
    /// An organization id.
    Organization,
    /// Paths in organizations, `o-…/r-…/ou-…/`.
    OrganizationPath,
    /// An ARN of the caller, of the resource for which a service calls, or of a network.
    Arn,
    /// The caller's unique id.
    UserId,
    /// A VPC or VPC endpoint id.
    Network,
    /// The caller's public address.
    Address,
    /// The calling service's name.
    Service,
    /// Whether the caller is a service at all.
    IsService,
    /// S3 access point ARN: a wildcard in the name does no harm where the account is fixed.
    AccessPoint,
    /// Whether a file system is reached through a mount target, which is in the owner's network.
    MountTarget,
    /// The KMS key a request encrypts with; S3's list has it.
    Cipher,
    /// The account or organization that owns the resource: says something only when compared with the caller's.
    Owner,
    /// Narrows nothing, and why.
    Idle(&'static str),
    /// Not known to say who calls or not to.
    Unknown,
}

const RESOURCE: &str = "describes the resource";
const TRANSPORT: &str = "describes how the request travels";
const TIME: &str = "is about time";
const REQUEST: &str = "describes the request";
const CLAIM: &str = "is what the caller says";
const ANYONE: &str = "can be had in any account";
const SERVICE: &str = "names a service that anyone can use";

/// Services whose keys on callers are all named in [`classify`]; the rest of theirs is about requests and resources.
const CLOSED: [&str; 8] = ["s3", "kms", "sns", "sqs", "secretsmanager", "dynamodb", "ecr", "sts"];

/// Classifies a key, given in lower case.
pub fn classify(key: &str) -> Key {
    match key {
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:vpceaccount"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount"
        | "ssm:nodeaccountid"
        | "vpc-lattice-svcs:sourcevpcowneraccount" => Key::Account,
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" | "ssm:nodeorgid" => Key::Organization,
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => Key::OrganizationPath,
        "aws:principalarn"
        | "aws:sourcearn"
        | "aws:sourcevpcarn"
        | "ec2:sourceinstancearn"
        | "ssm:sourceinstancearn"
        | "lambda:sourcefunctionarn"
        | "elasticfilesystem:accesspointarn" => Key::Arn,
        "elasticfilesystem:accessedviamounttarget" => Key::MountTarget,
        "aws:userid" => Key::UserId,
        "aws:sourcevpc" | "aws:sourcevpce" => Key::Network,
        "aws:sourceip" => Key::Address,
        "aws:principalservicename" | "aws:principalservicenameslist" => Key::Service,
        "aws:principalisawsservice" => Key::IsService,
        "s3:dataaccesspointarn" => Key::AccessPoint,
        "s3:x-amz-server-side-encryption-aws-kms-key-id" => Key::Cipher,
        "aws:resourceaccount" | "s3:resourceaccount" | "aws:resourceorgid" | "aws:resourceorgpaths" => Key::Owner,
        "aws:securetransport"
        | "s3:tlsversion"
        | "aws:viaawsservice"
        | "aws:calledvia"
        | "aws:calledviafirst"
        | "aws:calledvialast"
        | "aws:calledviaawsmcp"
        | "aws:viaawsmcpservice"
        | "aws:requestedregion" => Key::Idle(TRANSPORT),
        "aws:referer"
        | "aws:useragent"
        | "events:source"
        | "sts:externalid"
        | "sts:rolesessionname"
        | "sts:sourceidentity"
        | "aws:sourceidentity" => Key::Idle(CLAIM),
        "aws:currenttime" | "aws:epochtime" | "aws:tokenissuetime" => Key::Idle(TIME),
        "aws:principaltype"
        | "aws:username"
        | "aws:multifactorauthpresent"
        | "aws:multifactorauthage"
        | "aws:vpcsourceip"
        | "aws:ec2instancesourcevpc"
        | "aws:ec2instancesourceprivateipv4"
        | "aws:federatedprovider"
        | "aws:assumedroot"
        | "aws:signinsessionarn"
        | "aws:chatbotsourcearn"
        | "lambda:functionurlauthtype"
        | "lambda:invokedviafunctionurl"
        | "lambda:principal" => Key::Idle(ANYONE),
        "kms:viaservice" => Key::Idle(SERVICE),
        "aws:tagkeys" => Key::Idle(REQUEST),
        _ => by_prefix(key),
    }
}

fn by_prefix(key: &str) -> Key {
    let Some((service, name)) = key.split_once(':') else {
        return Key::Unknown;
    };
    if service == "aws" {
        return match name.split('/').next() {
            Some("principaltag") => Key::Idle(ANYONE),
            Some("resourcetag") => Key::Idle(RESOURCE),
            Some("requesttag") => Key::Idle(REQUEST),
            _ => Key::Unknown,
        };
    }
    // A service's own keys describe its requests and resources; those that smell of the caller are left undecided.
    let caller = ["account", "principal", "caller", "org", "source", "vpc", "node"];
    if name.starts_with("resourcetag") || name.starts_with("existingobjecttag") {
        return Key::Idle(RESOURCE);
    }
    if CLOSED.contains(&service) {
        return Key::Idle(REQUEST);
    }
    let bare = name.replace("resource", "");
    if !actions::knows_service(service) || caller.iter().any(|word| bare.contains(word)) {
        return Key::Unknown;
    }
    Key::Idle(REQUEST)
}

/// Keys that every request has.
pub fn always_there(key: &str) -> bool {
    matches!(key, "aws:securetransport" | "aws:currenttime" | "aws:epochtime")
}
