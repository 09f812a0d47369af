//! Do resource control policies keep principals of other organizations away from the resources of member accounts, whatever a
//! bucket, key, queue, secret or trust policy there allows?

use super::{Bound, per_place};
use crate::prelude::*;
use posture_estate::services::organizations::{Member, PolicyType};
use posture_policy::Request;

/// Of each service that every organization has resources of: what a stranger would do.
const TAKEN: &[&str] =
    &["kms:Decrypt", "s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "sts:AssumeRole"];

/// No organization and no account are called so.
const STRANGE_ORGANIZATION: &str = "o-0000000000";
const STRANGER: &str = "000000000000";

/// Keys that come only with a service, and tags that an ordinary resource does not have.
const ABSENT: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:resourcetag/",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

pub async fn probe(at: &Account) -> Outcome {
    per_place(at, PolicyType::ResourceControl, "resource control policies", judge).await
}

fn judge(bound: Bound<'_>) -> Verdict {
    let label = bound.place.label();
    let answers = bound.refused(TAKEN, |account| stranger(&bound, account));
    let mut reasons = Reasons::new();
    if answers.let_through.is_empty() {
        answers.open.into_iter().for_each(|why| reasons.doubt(why));
    } else {
        bound.doubts(&mut reasons);
        if reasons.is_empty() {
            let open: Vec<&str> = answers.let_through.into_iter().collect();
            reasons.broken(
                "outsiders_let_in",
                format!(
                    "no resource control policy keeps principals of other organizations from resources in {label} ({})",
                    open.join(", ")
                ),
            );
        }
    }
    reasons.or_pass(|| {
        format!("resource control policies keep principals of other organizations from resources in {label}")
    })
}

fn stranger(bound: &Bound<'_>, account: &Member) -> Request {
    let keys = [
        ("aws:principalarn", posture_estate::arn::Arn::iam(bound.partition, STRANGER, "role/any-role").to_string()),
        ("aws:principalaccount", STRANGER.to_owned()),
        ("aws:principalorgid", STRANGE_ORGANIZATION.to_owned()),
        ("aws:principaltype", "AssumedRole".to_owned()),
        ("aws:principalisawsservice", "false".to_owned()),
        ("aws:viaawsservice", "false".to_owned()),
        ("aws:securetransport", "true".to_owned()),
        ("aws:resourceaccount", account.id.clone()),
        ("aws:resourceorgid", bound.organization.id.clone()),
    ];
    Request { action: String::new(), keys: keys.into(), absent: ABSENT }
}

#[cfg(test)]
mod tests {
    use super::super::example::judged;
    use super::*;

    fn of(actions: &str, condition: &str) -> Verdict {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":{actions},"Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        judged(&[&text], judge)
    }

    const ALL: &str = r#"["s3:*","sqs:*","kms:*","secretsmanager:*","sts:AssumeRole"]"#;
    const OTHERS: &str = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorgid"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#;

    #[test]
    fn strangers_are_kept_away_from_every_service() {
        assert_eq!(of(ALL, OTHERS).status, Status::Pass);
        let part = of(r#"["s3:*","kms:*"]"#, OTHERS);
        assert_eq!(part.status, Status::Fail);
        assert!(
            part.message.contains("(secretsmanager:GetSecretValue, sqs:ReceiveMessage, sts:AssumeRole)"),
            "{}",
            part.message
        );
        assert_eq!(judged(&[], judge).status, Status::Fail);
    }

    #[test]
    fn exceptions_for_tagged_resources_leave_the_ordinary_ones_closed() {
        let both =
            r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorgid","aws:ResourceTag/shared":"true"}"#;
        assert_eq!(of(ALL, both).status, Status::Pass);
    }

    #[test]
    fn what_lets_any_organization_in_keeps_nobody_away() {
        assert_eq!(of(ALL, r#""StringNotLike":{"aws:PrincipalOrgID":"o-*"}"#).status, Status::Fail);
        assert_eq!(of(ALL, r#""Bool":{"aws:SecureTransport":"false"}"#).status, Status::Fail);
        let by_tag = r#""StringNotEquals":{"aws:PrincipalTag/partner":"true"}"#;
        assert_eq!(of(ALL, by_tag).status, Status::Unknown);
    }
}
