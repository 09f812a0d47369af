//! A token's audience says for whom it was made, its subject for which repository or workspace: a trust policy has to fix both, per
//! provider, or the claim that AWS names where another one tells the provider's customers apart. What the provider itself accepts (its
//! client ids) is no substitute, since it is shared by all the roles.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::trust;
use posture_estate::services::iam::details::{is_service_linked, role_name};
use posture_policy::{Decision, oidc_trust, opened_oidc_trust, shared_issuer};

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let roles = details.roles.iter().filter(|role| !is_service_linked(role));
    Ok(roles
        .flat_map(|role| judge(role, at.now().secs()).into_iter().map(|verdict| verdict.on(at.iam().iam_role(role))))
        .collect())
}

/// One verdict for each provider that the role trusts at `now`, seconds since 1970.
fn judge(role: &RoleDetail, now: i64) -> Vec<Verdict> {
    let name = role_name(role);
    let document = match trust(role, now) {
        Ok(document) => document,
        Err(why) => return vec![Verdict::undecided(why)],
    };
    let verdict = |(provider, decision): (String, Decision)| {
        let verdict = match decision {
            Decision::Yes(why) if shared_issuer(&provider) => Verdict::fail(
                "open_to_other_tokens",
                format!("role {name} is open to others' tokens of {provider}: {why}"),
            )
            .evidence(json!({ "open": opened_oidc_trust(&document, &provider) })),
            Decision::Yes(why) => Verdict::fail(
                "own_tokens_not_fixed",
                format!("role {name} does not fix which tokens of {provider}, an issuer of the owner's own, it accepts: {why}"),
            )
            .evidence(json!({ "open": opened_oidc_trust(&document, &provider) })),
            Decision::No(why) => {
                Verdict::pass(format!("role {name} accepts only the owner's tokens of {provider}: {why}"))
            }
            Decision::CannotTell(why) => {
                Verdict::undecided(format!("which tokens of {provider} role {name} accepts is not known: {why}"))
            }
        };
        verdict.sub(provider)
    };
    oidc_trust(&document).into_iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{trusted, trusting};

    const NOW: i64 = 1_790_000_000;
    const HOST: &str = "token.actions.githubusercontent.com";

    fn statuses(condition: &str) -> Vec<Status> {
        let members = format!(
            r#""Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{HOST}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}"#
        );
        judge(&trusted("deploy", &trusting(&members)), NOW).into_iter().map(|verdict| verdict.status).collect()
    }

    #[test]
    fn audience_and_repository_pass() {
        let fixed = format!(
            r#"{{"StringEquals":{{"{HOST}:aud":"sts.amazonaws.com","{HOST}:sub":"repo:my-org/my-repo:ref:refs/heads/main"}}}}"#
        );
        assert_eq!(statuses(&fixed), [Status::Pass]);
        let pattern = format!(
            r#"{{"StringEquals":{{"{HOST}:aud":"sts.amazonaws.com"}},"StringLike":{{"{HOST}:sub":"repo:my-org/my-repo:*"}}}}"#
        );
        assert_eq!(statuses(&pattern), [Status::Pass]);
    }

    #[test]
    fn no_subject_or_an_open_one_fails() {
        assert_eq!(statuses(&format!(r#"{{"StringEquals":{{"{HOST}:aud":"sts.amazonaws.com"}}}}"#)), [Status::Fail]);
        for subject in ["*", "repo:*"] {
            let open = format!(
                r#"{{"StringEquals":{{"{HOST}:aud":"sts.amazonaws.com"}},"StringLike":{{"{HOST}:sub":"{subject}"}}}}"#
            );
            assert_eq!(statuses(&open), [Status::Fail], "{subject}");
        }
    }

    #[test]
    fn the_message_tells_a_shared_issuer_from_the_owners_own() {
        // semantics 76
        let of = |provider: &str, condition: &str| {
            let condition = condition.replace('@', provider);
            let members = format!(
                r#""Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}"#
            );
            judge(&trusted("deploy", &trusting(&members)), NOW).remove(0)
        };
        let sub =
            of("oidc.eks.us-east-1.amazonaws.com/id/A", r#"{"StringEquals":{"@:sub":"system:serviceaccount:a:b"}}"#);
        let aud = of("oidc.circleci.com/org/1111", r#"{"StringEquals":{"@:aud":"1111"}}"#);
        for own in [sub, aud] {
            assert_eq!((own.status, own.message.contains("others'")), (Status::Fail, false), "{}", own.message);
        }
        let shared = of("scalr.io", r#"{"StringEquals":{"@:aud":"x"},"StringLike":{"@:sub":"account:*"}}"#);
        assert!(shared.message.contains("open to others' tokens of scalr.io"), "{}", shared.message);
        let workflow =
            of(HOST, r#"{"StringEquals":{"@:aud":"x","@:job_workflow_ref":"acme/ci/.github/workflows/a.yml"}}"#);
        assert_eq!(workflow.status, Status::Unknown, "{}", workflow.message);
        assert_eq!(of("api.pulumi.com/oidc", r#"{"StringEquals":{"@:aud":"aws:acme"}}"#).status, Status::Pass);
    }

    #[test]
    fn other_roles_have_no_finding_and_unreadable_ones_are_unknown() {
        let service = trusting(r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#);
        assert!(judge(&trusted("app", &service), NOW).is_empty());
        assert_eq!(judge(&trusted("app", "{"), NOW)[0].status, Status::Unknown);
    }
}
