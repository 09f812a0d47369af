//! Trust in everyone. The decision is the policy evaluator's; a role that an AWS service owns is left out.

use crate::prelude::*;
use aws_sdk_iam::types::RoleDetail;
use posture_estate::identities::trust;
use posture_estate::services::iam::details::{is_service_linked, role_name};
use posture_policy::{Decision, Zone, opened_trust, wildcard_trust};

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let zone = Zone::of(at.account_id(), at.partition());
    let roles = details.roles.iter().filter(|role| !is_service_linked(role));
    Ok(roles.map(|role| judge(role, &zone, at.now().secs()).on(at.iam().iam_role(role))).collect())
}

/// `now` in seconds since 1970: a grant that has expired lets nobody in.
fn judge(role: &RoleDetail, zone: &Zone, now: i64) -> Verdict {
    let name = role_name(role);
    let document = match trust(role, now) {
        Ok(document) => document,
        Err(why) => return Verdict::undecided(why),
    };
    match wildcard_trust(&document, zone) {
        Decision::Yes(why) => Verdict::fail("trusts_everyone", format!("role {name} trusts everyone: {why}"))
            .evidence(json!({ "open": opened_trust(&document) })),
        Decision::No(why) => {
            Verdict::pass(format!("role {name} trusts only principals that its trust policy names or limits: {why}"))
        }
        Decision::CannotTell(why) => Verdict::undecided(format!("whom role {name} trusts is not known: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{trusted, trusting};

    const NOW: i64 = 1_790_000_000;

    fn status(members: &str) -> Status {
        let role = trusted("app", &trusting(&format!(r#"{members},"Action":"sts:AssumeRole""#)));
        judge(&role, &Zone::of("111122223333", "aws"), NOW).status
    }

    #[test]
    fn everyone_fails_somebody_passes() {
        assert_eq!(status(r#""Principal":"*""#), Status::Fail);
        assert_eq!(status(r#""Principal":{"AWS":["*"]}"#), Status::Fail);
        assert_eq!(status(r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"}"#), Status::Pass);
        assert_eq!(status(r#""Principal":{"Service":"ec2.amazonaws.com"}"#), Status::Pass);
    }

    #[test]
    fn a_limit_has_to_fix_who_the_caller_is() {
        // semantics 80
        let star = |condition: &str| status(&format!(r#""Principal":{{"AWS":"*"}},"Condition":{condition}"#));
        assert_eq!(star(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#), Status::Pass);
        assert_eq!(star(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/app"}}"#), Status::Pass);
        assert_eq!(star(r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#), Status::Fail);
        assert_eq!(star(r#"{"StringEquals":{"sts:ExternalId":"x"}}"#), Status::Fail);
        assert_eq!(star(r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#), Status::Fail);
        assert_eq!(star(r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#), Status::Fail, "a network is nobody");
        assert_eq!(star(r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#), Status::Fail, "a network is nobody");
    }

    #[test]
    fn a_grant_that_has_expired_lets_nobody_in() {
        // semantics 72
        let star = |condition: &str| status(&format!(r#""Principal":{{"AWS":"*"}},"Condition":{condition}"#));
        assert_eq!(star(r#"{"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}"#), Status::Pass);
        for open in [
            "DateLessThan\":{\"aws:CurrentTime\":\"2044-01-01T00:00:00Z",
            "DateGreaterThan\":{\"aws:CurrentTime\":\"2024-01-01T00:00:00Z",
            "DateLessThan\":{\"aws:TokenIssueTime\":\"2024-01-01T00:00:00Z",
        ] {
            assert_eq!(star(&format!(r#"{{"{open}"}}}}"#)), Status::Fail, "{open}");
        }
    }

    #[test]
    fn all_but_one_are_everyone() {
        assert_eq!(status(r#""NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"}"#), Status::Fail);
    }

    #[test]
    fn a_deny_of_other_organizations_counts() {
        let trust = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"},
            {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}}]}"#;
        assert_eq!(judge(&trusted("app", trust), &Zone::of("111122223333", "aws"), NOW).status, Status::Pass);
    }

    #[test]
    fn an_unreadable_trust_policy_is_unknown() {
        assert_eq!(judge(&trusted("app", "{"), &Zone::of("111122223333", "aws"), NOW).status, Status::Unknown);
    }
}
