//! Do resource control policies keep principals of other organizations away from the resources of member accounts, whatever a
//! bucket, key, queue, secret or trust policy there allows?

use super::callers::{self, Caller, Home, ROLE};
use super::{Bound, per_place};
use crate::prelude::*;
use posture_estate::services::organizations::{Member, PolicyType};
use posture_policy::Value;

/// Of each service that every organization has resources of: what a stranger would do.
const TAKEN: &[&str] =
    &["kms:Decrypt", "s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "sts:AssumeRole"];

/// What S3 and SQS do for callers who sign nothing as well.
const UNSIGNED: &[&str] = &["s3:GetObject", "sqs:ReceiveMessage"];

/// No organization and no account are called so.
const STRANGE_ORGANIZATION: (&str, &str) = ("o-0000000000", "o-0000000000/r-0000/ou-0000-00000000/");
const STRANGER: &str = "000000000000";

pub async fn probe(at: &Account) -> Outcome {
    per_place(at, PolicyType::ResourceControl, "resource control policies", judge).await
}

fn judge(bound: Bound<'_>) -> Verdict {
    let label = bound.place.label();
    let mut answers = bound.refused(TAKEN, None, |account| {
        let of = |organization| callers::of(&Home { partition: bound.partition, account: STRANGER, organization });
        let (organized, alone) = (of(Some(STRANGE_ORGANIZATION)), of(None));
        let alone = alone.into_iter().map(|caller| Caller { sort: in_no_organization(caller.sort), ..caller });
        organized.into_iter().chain(alone).map(|caller| at_home(&bound, account, caller)).collect()
    });
    answers.absorb(bound.refused(UNSIGNED, None, |account| vec![at_home(&bound, account, callers::anonymous())]));
    let mut reasons = Reasons::new();
    if answers.let_through.is_empty() {
        answers.open.into_iter().for_each(|why| reasons.doubt(why));
    } else {
        bound.doubts(&mut reasons);
        if reasons.is_empty() {
            reasons.broken(
                "outsiders_let_in",
                format!(
                    "no resource control policy keeps principals of other organizations from resources in {label} ({})",
                    answers.told().join(", ")
                ),
            );
        }
    }
    reasons.or_pass(|| {
        format!("resource control policies keep principals of other organizations from resources in {label}")
    })
}

/// Most accounts of strangers are in some organization; one that is in none has no key that tells which.
fn in_no_organization(sort: &'static str) -> &'static str {
    if sort == ROLE { "accounts in no organization" } else { sort }
}

/// The caller at an ordinary resource of a member account, one without tags.
fn at_home(bound: &Bound<'_>, account: &Member, mut caller: Caller) -> Caller {
    caller.keys.extend(bound.owner(account));
    caller.keys.insert("aws:resourcetag/", vec![Value::Missing]);
    caller
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

    #[test]
    fn every_sort_of_stranger_is_kept_away() {
        // semantics 92
        // (condition of the Deny, who is let in)
        for (condition, who) in [
            (
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"},"Null":{"aws:PrincipalOrgID":"false"}"#,
                "in no organization",
            ),
            (r#""ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*"}"#, "in no organization"),
            (
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"},"StringEquals":{"aws:PrincipalType":"AssumedRole"}"#,
                "IAM users",
            ),
            (
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#,
                "the root user",
            ),
            (
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"},"Bool":{"aws:PrincipalIsAWSService":"false"}"#,
                "anonymous callers",
            ),
            (
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"},"BoolIfExists":{"aws:ViaAWSService":"false"}"#,
                "CloudFormation",
            ),
        ] {
            let verdict = of(ALL, condition);
            assert_eq!(verdict.status, Status::Fail, "{condition}: {}", verdict.message);
            assert!(verdict.message.contains(who), "{condition}: {}", verdict.message);
        }
        for whole in [
            r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}"#,
            r#""ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*"}"#,
            r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorgid","aws:PrincipalAccount":"777788889999"}"#,
            r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#,
        ] {
            let verdict = of(ALL, whole);
            assert_eq!(verdict.status, Status::Pass, "{whole}: {}", verdict.message);
        }
    }
}
