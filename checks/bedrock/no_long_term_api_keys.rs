//! Bedrock's long-term API keys are service-specific credentials of IAM users. One without an expiry date lives until somebody looks;
//! the user behind it decides what a thief gets besides models.

use crate::prelude::*;
use aws_sdk_iam::types::{ServiceSpecificCredentialMetadata, StatusType};
use posture_estate::identities::Holder;
use posture_estate::services::iam::AuthorizationDetails;
use posture_policy::{Decision, allows_everywhere, escalations, is_admin};

const SERVICE: &str = "bedrock.amazonaws.com";

pub async fn probe(at: &Account) -> Outcome {
    let credentials = at.iam().service_specific_credentials().await?;
    let keys: Vec<_> = credentials.iter().filter(|key| key.service_name() == SERVICE).collect();
    // Policies are asked for only when a key that works could misuse them.
    let works = keys.iter().any(|key| is_working(key, at.now()));
    let details = if works { Some(at.iam().authorization_details().await) } else { None };
    let findings = keys.into_iter().map(|key| {
        let verdict = if is_working(key, at.now()) { judge(key, details.as_ref()) } else { judge_dead(key) };
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

fn judge(key: &ServiceSpecificCredentialMetadata, details: Option<&Answer<AuthorizationDetails>>) -> Verdict {
    let mut reasons = Reasons::new();
    if key.expiration_date().is_none() {
        reasons.broken("key_never_expires", format!("{} is active and has no expiration date", label(key)));
    }
    match details {
        Some(Ok(details)) => rights(key.user_name(), details, &mut reasons),
        Some(Err(gap)) => reasons.unseen(gap),
        None => reasons.doubt("the rights of its user were not looked at"),
    }
    reasons.or_pass(|| format!("{} expires, and its user is neither privileged nor allowed all of Bedrock", label(key)))
}

fn user<'a>(details: &'a AuthorizationDetails, name: &str) -> Option<Holder<'a>> {
    details.users.iter().find(|user| user.user_name() == Some(name)).map(Holder::User)
}

fn rights(name: &str, details: &AuthorizationDetails, reasons: &mut Reasons) {
    let identity = match user(details, name)
        .ok_or_else(|| format!("user {name} is not in the answer"))
        .and_then(|user| user.identity(details))
    {
        Ok(identity) => identity,
        Err(why) => return reasons.doubt(format!("what user {name} may do is not known: {why}")),
    };
    match is_admin(&identity) {
        Decision::Yes(_) => return reasons.broken("user_is_administrator", format!("user {name} is an administrator")),
        Decision::CannotTell(why) => reasons.doubt(format!("user {name} may be an administrator: {why}")),
        Decision::No(_) => {}
    }
    match escalations(&identity) {
        Ok(paths) => {
            for path in paths {
                reasons
                    .broken("user_can_escalate", format!("user {name} can escalate its privileges by {}", path.path));
            }
        }
        Err(why) => reasons.doubt(format!("whether user {name} can escalate its privileges is not known: {why}")),
    }
    let documents: Vec<_> = identity.policies.iter().map(|(_, document)| document).collect();
    let granted = allows_everywhere(&documents, "bedrock:*", &identity.context);
    let capped =
        identity.boundary.as_ref().map(|boundary| allows_everywhere(&[boundary], "bedrock:*", &identity.context));
    match capped.filter(|_| !granted.is_no()).filter(|cap| !cap.is_yes()).unwrap_or(granted) {
        Decision::Yes(_) => {
            reasons.broken("user_allowed_all_of_bedrock", format!("user {name} is allowed bedrock:* on every resource"))
        }
        Decision::CannotTell(why) => {
            reasons.doubt(format!("user {name} may be allowed bedrock:* on every resource: {why}"))
        }
        Decision::No(_) => {}
    }
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
            .service_name(SERVICE)
            .build()
            .unwrap()
    }

    fn details(document: &str) -> Answer<AuthorizationDetails> {
        let policy = PolicyDetail::builder().policy_name("p").policy_document(document).build();
        let users = vec![UserDetail::builder().user_name("bot").user_policy_list(policy).build()];
        Ok(Arc::new(AuthorizationDetails { users, ..Default::default() }))
    }

    fn status(expires: Option<i64>, document: &str) -> Status {
        judge(&key(StatusType::Active, expires), Some(&details(document))).status
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
    fn rights_that_were_not_seen_are_unknown() {
        assert_eq!(status(Some(NOW + 1), "{"), Status::Unknown);
        assert_eq!(status(None, "{"), Status::Fail);
        let gap = Gap::new("111122223333", "global", "iam:GetAccountAuthorizationDetails", GapKind::Denied, "no");
        assert_eq!(judge(&key(StatusType::Active, Some(NOW + 1)), Some(&Err(gap))).status, Status::Unknown);
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
