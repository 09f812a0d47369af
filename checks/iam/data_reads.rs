//! Does a role read data at large, wherever they are?

use aws_sdk_iam::types::RoleDetail;
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, Document, Identity, allows_everywhere};

/// What reads the data themselves, of the services that hold most of them.
const READS: &[&str] = &[
    "athena:GetQueryResults",
    "codecommit:GitPull",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ebs:GetSnapshotBlock",
    "kinesis:GetRecords",
    "kinesis:SubscribeToShard",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

/// The reading actions that the role has on every resource.
///
/// # Errors
/// Why that cannot be told, where none is surely there.
pub(super) fn broad_reads(details: &AuthorizationDetails, role: &RoleDetail) -> Result<Vec<&'static str>, String> {
    of(&details.identity_of_role(role)?)
}

fn of(identity: &Identity) -> Result<Vec<&'static str>, String> {
    let (mut reads, mut unsure) = (Vec::new(), None);
    for action in READS {
        match everywhere(identity, action) {
            Decision::Yes(_) => reads.push(*action),
            Decision::No(_) => {}
            Decision::CannotTell(why) => unsure = Some(why),
        }
    }
    // What is surely broken is said, whatever cannot be told beside it.
    match unsure {
        Some(why) if reads.is_empty() => Err(why),
        _ => Ok(reads),
    }
}

/// Whether its policies allow the action on every resource, and its boundary as well.
pub(super) fn everywhere(identity: &Identity, action: &str) -> Decision {
    let documents: Vec<&Document> = identity.policies.iter().map(|(_, document)| document).collect();
    match (allows_everywhere(&documents, action, &identity.context), &identity.boundary) {
        (Decision::Yes(_), Some(boundary)) => allows_everywhere(&[boundary], action, &identity.context),
        (decision, _) => decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(statements: &str) -> Result<Vec<&'static str>, String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policies = vec![("p".to_owned(), Document::parse(&text).unwrap())];
        of(&Identity { policies, ..Identity::default() })
    }

    fn allow(action: &str, more: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"{more}}}"#)
    }

    #[test]
    fn each_way_to_the_same_data_counts() {
        for (action, read) in [
            ("dynamodb:Query", "dynamodb:Query"),
            ("dynamodb:batchget*", "dynamodb:BatchGetItem"),
            ("ssm:GetParametersByPath", "ssm:GetParametersByPath"),
            ("ebs:*", "ebs:GetSnapshotBlock"),
            ("s3:GetObjectVersion", "s3:GetObjectVersion"),
        ] {
            assert_eq!(reads(&allow(action, "")), Ok(vec![read]), "{action}");
        }
        assert_eq!(reads(&allow("s3:ListAllMyBuckets", "")), Ok(vec![]));
        assert_eq!(reads(&allow("ec2:Describe*", "")), Ok(vec![]));
    }

    #[test]
    fn what_is_surely_read_is_said_whatever_cannot_be_told_beside_it() {
        // semantics 73
        let unsure = allow(
            "athena:GetQueryResults",
            r#","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/scan*"}}"#,
        );
        assert!(reads(&unsure).is_err(), "{:?}", reads(&unsure));
        assert_eq!(reads(&format!("{unsure},{}", allow("s3:GetObject", ""))), Ok(vec!["s3:GetObject"]));
    }
}
