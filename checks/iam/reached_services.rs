//! Which services did a user reach, and can it have been by anything but an active key? The report of services is one of the user, so
//! `no_long_lived_workload_keys` lays to the key only what nothing else can have done.

use crate::prelude::*;
use aws_sdk_iam::types::{ServiceLastAccessed, ServiceSpecificCredentialMetadata};
use posture_estate::services::iam::{AccessKey, ReportUser};

/// Services that a key of a user may call: to rotate itself, and to assume a role.
pub(super) const ALLOWED: [&str; 2] = ["iam", "sts"];

/// Of the uses of a key within 15 minutes the report has the first one.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>
const USE_IS_ROUNDED: i64 = 15 * 60;

/// Asks for the services that the user reached and, where that matters, for its credentials for single services.
pub(super) async fn asked(at: &Account, user: &ReportUser) -> Verdict {
    let services = match at.iam().service_last_accessed(&user.arn).await {
        Ok(services) => services,
        Err(gap) => return Verdict::unseen(&gap),
    };
    if by_services(user, &services, &[]).status != Status::Fail {
        return by_services(user, &services, &[]);
    }
    match at.iam().service_specific_credentials().await {
        Ok(credentials) => by_services(user, &services, &credentials),
        Err(gap) => Verdict::unseen(&gap),
    }
}

/// The services that the user reached since its oldest active key was made. `credentials` are those of all users for single services:
/// Git passwords, API keys of Bedrock and the like.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>
fn by_services(
    user: &ReportUser,
    services: &[ServiceLastAccessed],
    credentials: &[ServiceSpecificCredentialMetadata],
) -> Verdict {
    let name = &user.name;
    if services.is_empty() {
        return Verdict::undecided(format!(
            "an access key of user {name} is in use, but AWS lists no service that it reached"
        ));
    }
    let since = user.active_keys().filter_map(|key| key.last_rotated.known()).map(DateTime::secs).min();
    let after = |service: &&ServiceLastAccessed| {
        service.last_authenticated().is_some_and(|at| since.is_none_or(|since| at.secs() >= since))
    };
    let foreign = |service: &&ServiceLastAccessed| !ALLOWED.contains(&service.service_namespace());
    let others: Vec<&ServiceLastAccessed> = services.iter().filter(foreign).filter(after).collect();
    let named = |services: &[&ServiceLastAccessed]| {
        let mut names: Vec<_> = services.iter().map(|service| service.service_namespace()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    };
    let surely: Vec<_> = others.iter().copied().filter(|s| other_way(user, s, credentials).is_none()).collect();
    match (others.as_slice(), surely.as_slice()) {
        ([], _) => Verdict::pass(format!("the access keys of user {name} are used for IAM and STS only")),
        ([first, ..], []) => {
            let (list, way) = (named(&others), other_way(user, first, credentials).unwrap_or_default());
            Verdict::undecided(format!(
                "user {name} reached {list}, with an active access key or {way}: AWS does not tell which"
            ))
        }
        (_, surely) => Verdict::fail(
            "keys_only_credentials",
            format!("active access keys are the only way by which user {name} can have reached {}", named(surely)),
        ),
    }
}

/// How else than by an active key the user may have reached the service.
fn other_way(
    user: &ReportUser,
    service: &ServiceLastAccessed,
    credentials: &[ServiceSpecificCredentialMetadata],
) -> Option<&'static str> {
    let namespace = service.service_namespace();
    let at = service.last_authenticated()?.secs();
    let was_there =
        |key: &&AccessKey| !key.active && key.last_used.known().is_some_and(|used| at <= used.secs() + USE_IS_ROUNDED);
    let own = |key: &&ServiceSpecificCredentialMetadata| {
        key.user_name() == user.name && key.service_name().split('.').next() == Some(namespace)
    };
    if user.has_password() {
        Some("through the console")
    } else if user.keys.iter().any(|key| was_there(&key)) {
        Some("with a key that is inactive now")
    } else if namespace == "codecommit" {
        Some("with a Git password or an SSH key")
    } else if credentials.iter().any(|key| own(&key)) {
        Some("with a credential for that service alone")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::Cell;
    use posture_estate::services::iam::credential_report::fixtures::{at, caller_of, key};

    fn reached(service: &str, date: &str) -> ServiceLastAccessed {
        ServiceLastAccessed::builder()
            .service_name(service)
            .service_namespace(service)
            .last_authenticated(at(date))
            .build()
            .unwrap()
    }

    #[test]
    fn other_services_decide_unless_the_console_may_be_why() {
        let sts = reached("sts", "2026-01-01T00:00:00Z");
        assert_eq!(by_services(&caller_of("sts"), &[], &[]).status, Status::Unknown, "an empty list is no evidence");
        let s3 = reached("s3", "2025-12-01T00:00:00Z");
        assert_eq!(by_services(&caller_of("sts"), std::slice::from_ref(&sts), &[]).status, Status::Pass);
        assert_eq!(by_services(&caller_of("sts"), &[sts.clone(), s3.clone()], &[]).status, Status::Fail);
        let person = ReportUser { password_enabled: Cell::Known(true), ..caller_of("iam") };
        assert_eq!(by_services(&person, &[sts.clone(), s3], &[]).status, Status::Unknown);
        let before = reached("s3", "2025-05-01T00:00:00Z");
        assert_eq!(by_services(&caller_of("sts"), &[sts, before], &[]).status, Status::Pass, "an earlier key did that");
    }

    #[test]
    fn what_an_inactive_key_may_have_done_is_not_laid_to_the_active_one() {
        // semantics 88
        let mut user = caller_of("sts");
        user.keys[1] =
            AccessKey { active: false, ..key(2, "2024-01-01T00:00:00Z", Some(("2025-12-01T00:00:00Z", "s3"))) };
        let status = |date| by_services(&user, &[reached("s3", date)], &[]).status;
        assert_eq!(status("2025-12-01T00:15:00Z"), Status::Unknown, "it was in use until then");
        assert_eq!(status("2025-12-02T00:00:00Z"), Status::Fail, "it was not used since");
        user.keys[1].last_used = Cell::NotApplicable;
        assert_eq!(
            by_services(&user, &[reached("s3", "2025-12-01T00:00:00Z")], &[]).status,
            Status::Fail,
            "never used"
        );
    }

    #[test]
    fn what_a_credential_for_one_service_may_have_done_is_not_laid_to_the_key() {
        // semantics 88
        let credential = |of: &str, service: &str| {
            ServiceSpecificCredentialMetadata::builder()
                .user_name(of)
                .status(aws_sdk_iam::types::StatusType::Inactive)
                .create_date(DateTime::from_secs(0))
                .service_specific_credential_id("ACCA1")
                .service_name(service)
                .build()
                .unwrap()
        };
        let bedrock = reached("bedrock", "2025-12-01T00:00:00Z");
        let status = |services: &[ServiceLastAccessed], credentials: &[ServiceSpecificCredentialMetadata]| {
            by_services(&caller_of("sts"), services, credentials).status
        };
        let own = credential("ci", "bedrock.amazonaws.com");
        assert_eq!(status(std::slice::from_ref(&bedrock), std::slice::from_ref(&own)), Status::Unknown);
        for other in [credential("eve", "bedrock.amazonaws.com"), credential("ci", "cassandra.amazonaws.com")] {
            assert_eq!(status(std::slice::from_ref(&bedrock), &[other]), Status::Fail);
        }
        let s3 = reached("s3", "2025-12-01T00:00:00Z");
        let both = by_services(&caller_of("sts"), &[bedrock, s3], &[own]);
        assert_eq!(both.status, Status::Fail);
        assert!(both.message.ends_with("reached s3"), "{}", both.message);
        let git = reached("codecommit", "2025-12-01T00:00:00Z");
        assert_eq!(status(&[git], &[]), Status::Unknown, "SSH keys for Git are listed nowhere for all users");
    }
}
