//! Bedrock's long-term API keys are service-specific credentials of IAM users. One without an expiry date lives until somebody looks;
//! the user behind it decides what a thief gets besides models.

use super::rights::{rights, user};
use crate::prelude::*;
use aws_sdk_iam::types::{ServiceSpecificCredentialMetadata, StatusType};
use posture_estate::services::iam::AuthorizationDetails;

/// The service of the credential, before the domain of the partition.
const SERVICE: &str = "bedrock";

/// A key that lives longer than this many days from its creation fails.
const MAX_DAYS: Setting<i64> = setting!(no_long_term_api_keys.max_days);

pub async fn probe(at: &Account) -> Outcome {
    let credentials = at.iam().service_specific_credentials().await?;
    let keys: Vec<_> = credentials.iter().filter(|key| key.service_name().split('.').next() == Some(SERVICE)).collect();
    // Policies are asked for only when a key that works could misuse them.
    let works = keys.iter().any(|key| is_working(key, at.now()));
    let details = if works { Some(at.iam().authorization_details().await) } else { None };
    let findings = keys.into_iter().map(|key| {
        let limit = *at.setting(MAX_DAYS);
        let verdict = if is_working(key, at.now()) { judge(key, limit, details.as_ref()) } else { judge_dead(key) };
        let name = key.user_name();
        let holder = details.iter().flatten().find_map(|details| user(details, name));
        let resource = holder.map_or_else(
            || Resource::new(at.arn("iam", &format!("user/{name}")), "AWS::IAM::User", name).name(name),
            |holder| holder.resource(at),
        );
        verdict.sub(key.service_specific_credential_id()).on(resource)
    });
    Ok(findings.collect())
}

fn is_working(key: &ServiceSpecificCredentialMetadata, now: &DateTime) -> bool {
    *key.status() != StatusType::Inactive
        && *key.status() != StatusType::Expired
        && key.expiration_date().is_none_or(|end| end > now)
}

fn label(key: &ServiceSpecificCredentialMetadata) -> String {
    format!("Bedrock API key {} of user {}", key.service_specific_credential_id(), key.user_name())
}

fn judge_dead(key: &ServiceSpecificCredentialMetadata) -> Verdict {
    let why = if *key.status() == StatusType::Inactive { "is inactive" } else { "has expired" };
    Verdict::pass(format!("{} {why}", label(key)))
}

fn judge(
    key: &ServiceSpecificCredentialMetadata,
    limit: i64,
    details: Option<&Answer<AuthorizationDetails>>,
) -> Verdict {
    let mut reasons = Reasons::new();
    let life = key.expiration_date().map(|end| days(key.create_date(), end));
    if life.is_none() {
        reasons.broken("key_never_expires", format!("{} is active and has no expiration date", label(key)));
    }
    if let Some(life) = life.filter(|life| *life > limit) {
        let message = format!("{} expires {life} days after it was made; the limit is {limit}", label(key));
        reasons.broken("key_expires_too_late", message);
    }
    match details {
        Some(Ok(details)) => rights(key.user_name(), details, &mut reasons),
        Some(Err(gap)) => reasons.unseen(gap),
        None => reasons.doubt("the rights of its user were not looked at"),
    }
    let end = format!("{} expires {} days after it was made", label(key), life.unwrap_or_default());
    reasons.or_pass(|| format!("{end}, and its user is neither privileged nor allowed all of Bedrock"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{PolicyDetail, UserDetail};
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::allowing;

    const NOW: i64 = 1_000_000;

    fn key(status: StatusType, expires: Option<i64>) -> ServiceSpecificCredentialMetadata {
        ServiceSpecificCredentialMetadata::builder()
            .user_name("bot")
            .status(status)
            .service_user_name("bot-at-111122223333")
            .create_date(DateTime::from_secs(0))
            .set_expiration_date(expires.map(DateTime::from_secs))
            .service_specific_credential_id("ACCA1")
            .service_name("bedrock.amazonaws.com")
            .build()
            .unwrap()
    }

    fn details(document: &str) -> Answer<AuthorizationDetails> {
        let policy = PolicyDetail::builder().policy_name("p").policy_document(document).build();
        let users = vec![UserDetail::builder().user_name("bot").user_policy_list(policy).build()];
        Ok(Arc::new(AuthorizationDetails { users, ..Default::default() }))
    }

    fn status(expires: Option<i64>, document: &str) -> Status {
        judge(&key(StatusType::Active, expires), 36_600, Some(&details(document))).status
    }

    #[test]
    fn a_key_with_an_end_and_a_small_user_passes() {
        assert_eq!(status(Some(NOW + 1), &allowing("bedrock:InvokeModel", "*")), Status::Pass);
    }

    #[test]
    fn no_end_or_a_powerful_user_fails() {
        assert_eq!(status(None, &allowing("bedrock:InvokeModel", "*")), Status::Fail);
        assert_eq!(status(Some(NOW + 1), &allowing("bedrock:*", "*")), Status::Fail);
        assert_eq!(status(Some(NOW + 1), &allowing("*", "*")), Status::Fail);
        assert_eq!(status(Some(NOW + 1), &allowing("iam:CreatePolicyVersion", "*")), Status::Fail);
    }

    #[test]
    fn an_end_beyond_the_limit_fails_and_by_default_any_end_will_do() {
        // semantics 89
        const DAY: i64 = 86_400;
        let invokes = details(&allowing("bedrock:InvokeModel", "*"));
        let status = |days, limit| judge(&key(StatusType::Active, Some(days * DAY)), limit, Some(&invokes)).status;
        assert_eq!(MAX_DAYS.default_value(), &36_600, "the most that AWS takes");
        assert_eq!(status(36_600, 36_600), Status::Pass);
        assert_eq!(status(91, 90), Status::Fail);
        assert_eq!(status(90, 90), Status::Pass);
    }

    #[test]
    fn rights_that_were_not_seen_are_unknown() {
        assert_eq!(status(Some(NOW + 1), "{"), Status::Unknown);
        assert_eq!(status(None, "{"), Status::Fail);
        let gap = Gap::new("111122223333", "global", "iam:GetAccountAuthorizationDetails", GapKind::Denied, "no");
        assert_eq!(judge(&key(StatusType::Active, Some(NOW + 1)), 36_600, Some(&Err(gap))).status, Status::Unknown);
    }

    #[test]
    fn dead_keys_pass() {
        let now = DateTime::from_secs(NOW);
        for dead in [key(StatusType::Inactive, None), key(StatusType::Active, Some(NOW - 1))] {
            assert!(!is_working(&dead, &now));
            assert_eq!(judge_dead(&dead).status, Status::Pass);
        }
        assert!(is_working(&key(StatusType::Active, None), &now));
        assert!(is_working(&key(StatusType::from("NEW"), None), &now));
    }
}
