//! Small identities for the tests of checks.

use super::*;
use aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion};

/// A role with one inline policy; the trust policy names EC2.
pub fn role(name: &str, inline: &str) -> RoleDetail {
    RoleDetail::builder()
        .role_name(name)
        .path("/")
        .arn(format!("arn:aws:iam::111122223333:role/{name}"))
        .assume_role_policy_document(trusting(
            r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#,
        ))
        .role_policy_list(PolicyDetail::builder().policy_name("inline").policy_document(inline).build())
        .build()
}

/// A role with a trust policy and nothing else.
pub fn trusted(name: &str, trust: &str) -> RoleDetail {
    RoleDetail::builder()
        .role_name(name)
        .path("/")
        .arn(format!("arn:aws:iam::111122223333:role/{name}"))
        .assume_role_policy_document(trust)
        .build()
}

/// A document of one Allow statement with these members.
pub fn trusting(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#)
}

/// An identity policy that allows these actions on these resources.
pub fn allowing(actions: &str, resource: &str) -> String {
    trusting(&format!(
        r#""Action":[{}],"Resource":"{resource}""#,
        actions.split(' ').map(|a| format!("\"{a}\"")).collect::<Vec<_>>().join(",")
    ))
}

pub fn managed(arn: &str, document: &str) -> ManagedPolicyDetail {
    ManagedPolicyDetail::builder()
        .arn(arn)
        .policy_name(named(arn))
        .policy_version_list(
            PolicyVersion::builder().version_id("v1").is_default_version(true).document(document).build(),
        )
        .build()
}

pub fn attachment(arn: &str) -> AttachedPolicy {
    AttachedPolicy::builder().policy_name(named(arn)).policy_arn(arn).build()
}

/// The name at the end of an ARN.
fn named(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
