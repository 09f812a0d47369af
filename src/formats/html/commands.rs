//! The AWS CLI commands that ask what a check asked: from the calls of its card, filled in with the resource of a finding.
//!
//! The page fills them in, so a command is a list of parts; where a required value is not that of the finding's resource, the
//! command keeps a placeholder in capitals.

use serde::Serialize;
use std::fmt::Write as _;

/// A part of a command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Part {
    Text(String),
    Choice(Choice),
}

/// What stands here depends on the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Of the finding's resource: type, field and the option before its value; the first of the same type is taken.
    pub of: Vec<(&'static str, Field, &'static str)>,
    /// What stands here otherwise.
    pub or: &'static str,
    /// Whether that leaves a value to fill in.
    pub open: bool,
}

/// A field of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Id,
    Name,
    Arn,
    Account,
    Region,
}

use Field::{Account, Arn, Id, Name, Region};

/// Any type of resource.
const ANY: &str = "*";

const BUCKET: &str = "AWS::S3::Bucket";
const KEY: &str = "AWS::KMS::Key";
const TRAIL: &str = "AWS::CloudTrail::Trail";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const VPC: &str = "AWS::EC2::VPC";
const POINT: &str = "AWS::S3::AccessPoint";

/// A call, what of a resource goes into it, and what stands there otherwise; in capitals what a person has to fill in.
type Row = (&'static str, &'static [(&'static str, Field, &'static str)], &'static str);

/// Calls that take a parameter. `s3:` and `kms:` take a bucket and a key.
const PARAMETERS: &[Row] = &[
    ("s3:ListBuckets", &[], ""),
    ("s3:", &[(BUCKET, Id, "--bucket ")], "--bucket BUCKET"),
    ("kms:ListKeys", &[], ""),
    ("kms:GetKeyPolicy", &[(KEY, Id, "--query Policy --output text --key-id ")], "--key-id KEY_ID"),
    ("kms:", &[(KEY, Id, "--key-id ")], "--key-id KEY_ID"),
    (
        "cloudtrail:GetEventDataStore",
        &[("AWS::CloudTrail::EventDataStore", Arn, "--event-data-store ")],
        "--event-data-store ARN",
    ),
    ("cloudtrail:GetEventSelectors", &[(TRAIL, Arn, "--trail-name ")], "--trail-name ARN"),
    ("cloudtrail:GetTrailStatus", &[(TRAIL, Arn, "--name ")], "--name ARN"),
    ("config:DescribeRemediationConfigurations", &[], "--config-rule-names RULE"),
    ("ec2:DescribeAddresses", &[("AWS::EC2::EIP", Id, "--allocation-ids ")], ""),
    (
        "ec2:DescribeClientVpnAuthorizationRules",
        &[("AWS::EC2::ClientVpnEndpoint", Id, "--client-vpn-endpoint-id ")],
        "--client-vpn-endpoint-id ENDPOINT_ID",
    ),
    ("ec2:DescribeClientVpnEndpoints", &[("AWS::EC2::ClientVpnEndpoint", Id, "--client-vpn-endpoint-ids ")], ""),
    ("ec2:DescribeFlowLogs", &[(VPC, Id, "--filter Name=resource-id,Values=")], ""),
    ("ec2:DescribeImages", &[("AWS::EC2::Image", Id, "--image-ids ")], "--owners self"),
    (
        "ec2:DescribeInstances",
        &[("AWS::EC2::Instance", Id, "--instance-ids "), (VPC, Id, "--filters Name=vpc-id,Values=")],
        "",
    ),
    ("ec2:DescribeLaunchTemplateVersions", &[], "--versions '$Default' '$Latest'"),
    (
        "ec2:DescribeNetworkAcls",
        &[("AWS::EC2::NetworkAcl", Id, "--network-acl-ids "), (VPC, Id, "--filters Name=vpc-id,Values=")],
        "",
    ),
    (
        "ec2:DescribeNetworkInterfaces",
        &[
            ("AWS::EC2::NetworkInterface", Id, "--network-interface-ids "),
            (GROUP, Id, "--filters Name=group-id,Values="),
            ("AWS::EC2::Instance", Id, "--filters Name=attachment.instance-id,Values="),
            (VPC, Id, "--filters Name=vpc-id,Values="),
        ],
        "",
    ),
    (
        "ec2:DescribeRouteTables",
        &[
            (VPC, Id, "--filters Name=vpc-id,Values="),
            ("AWS::EC2::Subnet", Id, "--filters Name=association.subnet-id,Values="),
        ],
        "",
    ),
    ("ec2:DescribeSecurityGroupReferences", &[(GROUP, Id, "--group-id ")], "--group-id GROUP_ID"),
    ("ec2:DescribeSecurityGroups", &[(GROUP, Id, "--group-ids "), (VPC, Id, "--filters Name=vpc-id,Values=")], ""),
    ("ec2:DescribeSnapshots", &[("AWS::EC2::Snapshot", Id, "--snapshot-ids ")], "--owner-ids self"),
    (
        "ec2:DescribeSubnets",
        &[("AWS::EC2::Subnet", Id, "--subnet-ids "), (VPC, Id, "--filters Name=vpc-id,Values=")],
        "",
    ),
    ("ec2:DescribeTransitGateways", &[("AWS::EC2::TransitGateway", Id, "--transit-gateway-ids ")], ""),
    ("ec2:DescribeVolumes", &[("AWS::EC2::Volume", Id, "--volume-ids ")], ""),
    (
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        &[("AWS::EC2::VPCBlockPublicAccessExclusion", Id, "--exclusion-ids ")],
        "",
    ),
    ("ec2:DescribeVpcEncryptionControls", &[(VPC, Id, "--vpc-ids ")], ""),
    ("ec2:DescribeVpcEndpointServiceConfigurations", &[("AWS::EC2::VPCEndpointService", Id, "--service-ids ")], ""),
    (
        "ec2:DescribeVpcEndpointServicePermissions",
        &[("AWS::EC2::VPCEndpointService", Id, "--service-id ")],
        "--service-id SERVICE_ID",
    ),
    (
        "ec2:DescribeVpcEndpoints",
        &[("AWS::EC2::VPCEndpoint", Id, "--vpc-endpoint-ids "), (VPC, Id, "--filters Name=vpc-id,Values=")],
        "",
    ),
    (
        "ec2:DescribeVpcPeeringConnections",
        &[("AWS::EC2::VPCPeeringConnection", Id, "--vpc-peering-connection-ids ")],
        "",
    ),
    ("ec2:DescribeVpcs", &[(VPC, Id, "--vpc-ids ")], ""),
    ("ec2:DescribeVpnConnections", &[("AWS::EC2::VPNConnection", Id, "--vpn-connection-ids ")], ""),
    ("ec2:GetManagedPrefixListEntries", &[], "--prefix-list-id PREFIX_LIST_ID"),
    (
        "iam:GenerateServiceLastAccessedDetails",
        &[
            ("AWS::IAM::Role", Arn, "--arn "),
            ("AWS::IAM::User", Arn, "--arn "),
            ("AWS::IAM::Group", Arn, "--arn "),
            ("AWS::IAM::ManagedPolicy", Arn, "--arn "),
        ],
        "--arn ARN",
    ),
    ("iam:GetServiceLastAccessedDetails", &[], "--job-id JOB_ID"),
    ("iam:GetCredentialReport", &[], "--query Content --output text | base64 --decode"),
    ("iam:ListMFADevices", &[("AWS::IAM::User", Id, "--user-name ")], "--user-name USER"),
    ("iam:ListServiceSpecificCredentials", &[("AWS::IAM::User", Id, "--user-name ")], "--all-users"),
    ("s3control:GetAccessPoint", &[(POINT, Id, "--name ")], "--name ACCESS_POINT"),
    ("s3control:GetAccessPointPolicy", &[(POINT, Id, "--name ")], "--name ACCESS_POINT"),
    (
        "s3control:GetMultiRegionAccessPointPolicy",
        &[("AWS::S3::MultiRegionAccessPoint", Name, "--name ")],
        "--name ACCESS_POINT",
    ),
    ("s3control:ListAccessPoints", &[(BUCKET, Id, "--bucket ")], ""),
];

/// Services whose calls go to no region.
const GLOBAL: &[&str] = &["account", "iam", "sts"];

/// The commands that make these calls, each `service:Operation`.
pub fn commands<'a>(calls: impl IntoIterator<Item = &'a str>) -> Vec<Vec<Part>> {
    let of = |call: &'a str| match call {
        // The one call that is made with several values, the same for every account.
        "account:GetAlternateContact" => ["BILLING", "OPERATIONS", "SECURITY"]
            .map(|kind| vec![Part::Text(format!("aws account get-alternate-contact --alternate-contact-type {kind}"))])
            .to_vec(),
        call => vec![command(call)],
    };
    calls.into_iter().flat_map(of).collect()
}

fn command(call: &str) -> Vec<Part> {
    let (service, operation) = call.split_once(':').unwrap_or((call, ""));
    let name = match service {
        "s3" => "s3api",
        "config" => "configservice",
        other => other,
    };
    let mut parts = vec![Part::Text(format!("aws {name} {}", kebab(operation)))];
    if service == "s3control" {
        parts.push(of(&[(ANY, Account, "--account-id ")], "--account-id ACCOUNT_ID"));
    }
    let row = PARAMETERS.iter().find(|(name, ..)| *name == call || (name.ends_with(':') && call.starts_with(name)));
    if let Some((_, alternatives, or)) = row {
        parts.push(if alternatives.is_empty() && !is_open(or) { Part::Text(spaced(or)) } else { of(alternatives, or) });
    }
    if operation.contains("MultiRegionAccessPoint") {
        parts.push(Part::Text(" --region us-west-2".into()));
    } else if !GLOBAL.contains(&service) {
        parts.push(of(&[(ANY, Region, "--region ")], ""));
    }
    parts.retain(|part| *part != Part::Text(String::new()));
    parts
}

fn of(of: &[(&'static str, Field, &'static str)], or: &'static str) -> Part {
    Part::Choice(Choice { of: of.to_vec(), or, open: is_open(or) })
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// Whether its last word is a placeholder.
fn is_open(or: &str) -> bool {
    let word = or.rsplit(' ').next().unwrap_or("");
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The AWS CLI's name of an operation: `ListMFADevices` is `list-mfa-devices`.
fn kebab(operation: &str) -> String {
    let chars: Vec<char> = operation.chars().collect();
    let mut out = String::with_capacity(operation.len() + 8);
    for (index, c) in chars.iter().enumerate() {
        let after_small = index > 0 && !chars[index - 1].is_ascii_uppercase();
        let before_small = index > 0 && chars.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_small || before_small) {
            out.push('-');
        }
        // Writing to a string does not fail.
        let _ = write!(out, "{}", c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_as_the_cli_names_them() {
        assert_eq!(kebab("GetBucketAcl"), "get-bucket-acl");
        assert_eq!(kebab("ListMFADevices"), "list-mfa-devices");
        assert_eq!(kebab("ListVirtualMFADevices"), "list-virtual-mfa-devices");
        assert_eq!(kebab("DescribeVpcs"), "describe-vpcs");
    }

    #[test]
    fn required_values_come_from_the_resource_or_stay_open() {
        let parts = command("s3:GetBucketPolicy");
        assert_eq!(parts[0], Part::Text("aws s3api get-bucket-policy".into()));
        let Part::Choice(bucket) = &parts[1] else { panic!("{parts:?}") };
        assert_eq!((bucket.of[0], bucket.open), ((BUCKET, Id, "--bucket "), true));
        assert_eq!(command("s3:ListBuckets").len(), 2, "a name and a region");
        assert_eq!(command("iam:GetAccountSummary"), [Part::Text("aws iam get-account-summary".into())]);
        assert!(matches!(&command("config:DescribeRemediationConfigurations")[1], Part::Choice(one) if one.open));
        assert!(matches!(&command("ec2:DescribeImages")[1], Part::Choice(one) if !one.open));
    }
}
