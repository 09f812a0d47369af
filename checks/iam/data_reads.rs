//! Does a role read data at large, wherever they are?

use aws_sdk_iam::types::RoleDetail;
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, Document, Identity, allows_everywhere};

/// What reads the data themselves, of the services that hold most of them.
const READS: &[&str] = &[
    "athena:GetQueryResults",
    "codecommit:GitPull",
    "dynamodb:Scan",
    "kinesis:GetRecords",
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
];

/// The reading actions that the role has on every resource.
pub(super) fn broad_reads(details: &AuthorizationDetails, role: &RoleDetail) -> Result<Vec<&'static str>, String> {
    let identity = details.identity_of_role(role)?;
    let mut reads = Vec::new();
    for action in READS {
        match everywhere(&identity, action) {
            Decision::Yes(_) => reads.push(*action),
            Decision::No(_) => {}
            Decision::CannotTell(why) => return Err(why),
        }
    }
    Ok(reads)
}

/// Whether its policies allow the action on every resource, and its boundary as well.
pub(super) fn everywhere(identity: &Identity, action: &str) -> Decision {
    let documents: Vec<&Document> = identity.policies.iter().map(|(_, document)| document).collect();
    match (allows_everywhere(&documents, action, &identity.context), &identity.boundary) {
        (Decision::Yes(_), Some(boundary)) => allows_everywhere(&[boundary], action, &identity.context),
        (decision, _) => decision,
    }
}
