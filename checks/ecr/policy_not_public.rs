//! Does the policy of a repository, or of the registry, let in everyone, strangers, or services that act for anyone?

use super::per_repository;
use crate::prelude::*;
use crate::strangers::{self, Slugs};
use posture_policy::Zone;

/// Accounts that are no strangers.
const TRUSTED_ACCOUNTS: Setting<[String]> = setting!(policy_not_public.trusted_accounts);

const SLUGS: Slugs = Slugs { public: "public", outsider: "outsider_may_act", service: "service_acts_for_anyone" };

pub async fn probe(at: &Region) -> Outcome {
    let repositories = at.ecr().repositories().await?;
    let zone = &strangers::zone(at, at.setting(TRUSTED_ACCOUNTS)).await;
    let each = per_repository(at, |repository| async move {
        let policy = at.ecr().repository_policy(&repository.name).await?;
        Ok(judge(&format!("repository {}", repository.name), policy.there(), zone))
    });
    let (findings, registry) = join!(each, at.ecr().registry_policy());
    let mut findings = findings?;
    // Without repositories a policy may let others make some.
    if repositories.is_empty() && registry.as_ref().is_ok_and(|policy| policy.there().is_none()) {
        return Ok(findings);
    }
    if repositories.is_empty() {
        findings.clear();
    }
    let registry = match registry {
        Ok(policy) => judge("the registry", policy.there(), zone),
        Err(gap) => Verdict::unseen(&gap),
    };
    findings.push(registry.sub("registry").on(at.resource()));
    Ok(findings)
}

fn judge(whose: &str, policy: Option<&String>, zone: &Zone) -> Verdict {
    match policy {
        None => Verdict::pass(format!("{whose} has no policy, so that only identities of the account may use it")),
        Some(policy) => strangers::judge(&format!("the policy of {whose}"), policy, zone, &SLUGS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: Option<&str>) -> Verdict {
        judge("repository shop", policy.map(str::to_owned).as_ref(), &Zone::of("111122223333", "aws"))
    }

    fn allowing(principal: &str, condition: &str) -> Verdict {
        of(Some(&format!(
            r#"{{"Version":"2008-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]{condition}}}]}}"#
        )))
    }

    #[test]
    fn no_policy_lets_in_nobody() {
        assert_eq!(of(None).status, Status::Pass);
        assert_eq!(of(Some("{")).status, Status::Unknown);
    }

    #[test]
    fn everyone_and_other_accounts_fail_and_the_account_itself_passes() {
        assert_eq!(allowing(r#""*""#, "").reasons, ["public"]);
        assert_eq!(allowing(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, "").reasons, ["outsider_may_act"]);
        assert_eq!(allowing(r#"{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#, "").status, Status::Pass);
    }

    #[test]
    fn what_lambda_and_codebuild_are_given_by_their_pages_passes() {
        let function =
            r#","Condition":{"StringLike":{"aws:sourceArn":"arn:aws:lambda:eu-west-1:111122223333:function:*"}}"#;
        assert_eq!(allowing(r#"{"Service":"lambda.amazonaws.com"}"#, function).status, Status::Pass);
        let project = r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:codebuild:eu-west-1:111122223333:project/shop"},"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
        assert_eq!(allowing(r#"{"Service":"codebuild.amazonaws.com"}"#, project).status, Status::Pass);
    }

    #[test]
    fn a_registry_policy_that_lets_another_account_replicate_is_one_for_strangers() {
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":["ecr:CreateRepository","ecr:ReplicateImage"],"Resource":"arn:aws:ecr:eu-west-1:111122223333:repository/*"}]}"#;
        let judged = judge("the registry", Some(&policy.to_owned()), &Zone::of("111122223333", "aws"));
        assert_eq!(judged.reasons, ["outsider_may_act"]);
    }
}
