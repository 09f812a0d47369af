//! Which roles, and which of the services that principals may call, does nobody use? `RoleLastUsed` comes with the
//! authorization details; the report of used services costs two calls a principal, so it is asked only for those that
//! are old enough, in use, and have permissions at all.

use aws_sdk_iam::types::{RoleDetail, ServiceLastAccessed, UserDetail};

use crate::prelude::*;
use posture_estate::services::iam::details::{is_service_linked, role_name, user_name};
use posture_estate::services::iam::{AuthorizationDetails, CredentialReport};

/// A role or a granted service without use for more than this many days fails.
const UNUSED_DAYS: Setting<i64> = setting!(roles_and_permissions_used.unused_days);
/// Service names in a message; the evidence has them all.
const NAMED: usize = 8;

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let clock = Clock { limit: *at.setting(UNUSED_DAYS), now: at.now() };
    let (details, report) = (details.as_ref(), at.iam().credential_report().await);
    let roles = each(details.roles.iter().filter(|role| !is_service_linked(role)), |role| async move {
        let verdict = match by_role(role, details, clock) {
            Some(verdict) => verdict,
            None => by_services(at, role.arn(), &format!("role {}", role_name(role)), role.create_date(), clock).await,
        };
        verdict.on(at.iam().iam_role(role))
    });
    let users = each(details.users.iter(), |user| {
        let report = report.as_ref().map(AsRef::as_ref);
        async move {
            let verdict = match by_user(user, details, report, clock)? {
                Some(verdict) => verdict,
                None => {
                    by_services(at, user.arn(), &format!("user {}", user_name(user)), user.create_date(), clock).await
                }
            };
            Some(verdict.on(at.iam().iam_user(user)))
        }
    });
    let (roles, users) = join!(roles, users);
    Ok(roles.into_iter().chain(users).collect())
}

/// When it is, and for how many days something may go unused.
#[derive(Clone, Copy)]
struct Clock<'a> {
    limit: i64,
    now: &'a DateTime,
}

/// `None` when the role is in use and has permissions whose use is still to be asked.
fn by_role(role: &RoleDetail, details: &AuthorizationDetails, clock: Clock<'_>) -> Option<Verdict> {
    let Clock { limit, now } = clock;
    let name = role_name(role);
    let Some(created) = role.create_date() else {
        return Some(Verdict::undecided(format!("role {name} comes without a creation date")));
    };
    let age = days(created, now);
    if age <= limit {
        return Some(Verdict::pass(format!("role {name} is {age} days old, too young to be unused")));
    }
    let Some(last) = role.role_last_used() else {
        return Some(Verdict::undecided(format!("AWS does not say when role {name} was last used")));
    };
    let unused = match last.last_used_date() {
        None => Some(format!("role {name} is {age} days old and AWS knows of no use of it")),
        Some(used) if days(used, now) > limit => {
            Some(format!("role {name} was last used {} days ago", days(used, now)))
        }
        Some(_) => None,
    };
    if let Some(message) = unused {
        let evidence = json!({ "last_used": last.last_used_date().map(ToString::to_string) });
        return Some(Verdict::fail("role_unused", message).evidence(evidence));
    }
    details
        .policies_of_role(role)
        .is_empty()
        .then(|| Verdict::pass(format!("role {name} is in use and grants nothing by itself")))
}

/// `None` when there is nothing to say: the user is not in use (another check judges that) or may do nothing.
/// `Some(None)` when the use of its permissions is still to be asked.
fn by_user(
    user: &UserDetail,
    details: &AuthorizationDetails,
    report: Result<&CredentialReport, &Gap>,
    clock: Clock<'_>,
) -> Option<Option<Verdict>> {
    let Clock { limit, now } = clock;
    match details.policies_of_user(user) {
        Ok(policies) if policies.is_empty() => return None,
        Ok(_) => {}
        Err(why) => return Some(Some(Verdict::undecided(why))),
    }
    let name = user_name(user);
    match user.create_date().map(|created| days(created, now)) {
        None => return Some(Some(Verdict::undecided(format!("user {name} comes without a creation date")))),
        Some(age) if age <= limit => {
            return Some(Some(Verdict::pass(format!(
                "user {name} is {age} days old, too young to have unused permissions"
            ))));
        }
        Some(_) => {}
    }
    let row = match report {
        Ok(report) => report.user(name),
        Err(gap) => return Some(Some(Verdict::unseen(gap))),
    };
    let Some(row) = row else {
        return Some(Some(Verdict::undecided(format!("user {name} is not in the credential report"))));
    };
    row.last_used().filter(|used| days(used, now) <= limit).map(|_| None)
}

async fn by_services(
    at: &Account,
    arn: Option<&str>,
    who: &str,
    created: Option<&DateTime>,
    clock: Clock<'_>,
) -> Verdict {
    let Some(arn) = arn else { return Verdict::undecided(format!("{who} comes without an ARN")) };
    match at.iam().service_last_accessed(arn).await {
        Ok(services) => judge(who, &services, created, clock),
        Err(gap) => Verdict::unseen(&gap),
    }
}

fn judge(who: &str, services: &[ServiceLastAccessed], created: Option<&DateTime>, clock: Clock<'_>) -> Verdict {
    let Clock { limit, now } = clock;
    if services.is_empty() {
        return Verdict::undecided(format!(
            "{who} is in use and has policies, but AWS lists no service that it may call"
        ));
    }
    let stale = |service: &&ServiceLastAccessed| {
        let since = service.last_authenticated().or(created);
        since.is_none_or(|since| days(since, now) > limit)
    };
    let mut unused: Vec<&str> = services.iter().filter(stale).map(ServiceLastAccessed::service_namespace).collect();
    unused.sort_unstable();
    let granted = services.len();
    let verdict = if unused.is_empty() {
        Verdict::pass(format!("{who} used each of the {granted} services that it may call within {limit} days"))
    } else {
        let more = unused.len().saturating_sub(NAMED);
        let named = unused[..unused.len() - more].join(", ");
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let count = unused.len();
        Verdict::fail(
            "services_unused",
            format!("{who} did not call {count} of its {granted} services within {limit} days: {named}{rest}"),
        )
    };
    verdict.evidence(json!({ "granted_services": granted, "unused_services": unused }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{PolicyDetail, RoleLastUsed};
    use posture_estate::services::iam::credential_report::fixtures::{at, key, row};

    const NOW: &str = "2026-06-01T00:00:00Z";

    fn clock(now: &DateTime) -> Clock<'_> {
        Clock { limit: 90, now }
    }

    fn role(used: Option<RoleLastUsed>) -> RoleDetail {
        RoleDetail::builder()
            .role_name("deploy")
            .create_date(at("2025-01-01T00:00:00Z"))
            .set_role_last_used(used)
            .build()
    }

    fn used(date: &str) -> Option<RoleLastUsed> {
        Some(RoleLastUsed::builder().last_used_date(at(date)).build())
    }

    fn status(role: &RoleDetail) -> Option<Status> {
        by_role(role, &AuthorizationDetails::default(), clock(&at(NOW))).map(|verdict| verdict.status)
    }

    #[test]
    fn roles_rest_ninety_days_at_most() {
        assert_eq!(status(&role(used("2026-03-03T00:00:00Z"))), Some(Status::Pass), "90 days, and nothing granted");
        assert_eq!(status(&role(used("2026-03-02T00:00:00Z"))), Some(Status::Fail), "91 days");
        assert_eq!(status(&role(Some(RoleLastUsed::builder().build()))), Some(Status::Fail), "never");
        assert_eq!(status(&role(None)), Some(Status::Unknown), "AWS did not say");
        let young = RoleDetail::builder().role_name("new").create_date(at("2026-05-01T00:00:00Z")).build();
        assert_eq!(status(&young), Some(Status::Pass));
    }

    #[test]
    fn the_services_of_a_role_in_use_are_asked_for() {
        let policy = PolicyDetail::builder().policy_name("p").policy_document("{}").build();
        let mut busy = role(used("2026-05-31T00:00:00Z"));
        busy.role_policy_list = Some(vec![policy]);
        assert_eq!(status(&busy), None);
    }

    #[test]
    fn only_users_in_use_are_asked_for() {
        let policy = PolicyDetail::builder().policy_name("p").policy_document("{}").build();
        let alice = UserDetail::builder()
            .user_name("alice")
            .create_date(at("2024-01-01T00:00:00Z"))
            .user_policy_list(policy)
            .build();
        let details = AuthorizationDetails::default();
        let mut report = CredentialReport { generated: at(NOW), rows: vec![row("alice")] };
        assert_eq!(by_user(&alice, &details, Ok(&report), clock(&at(NOW))), None);
        report.rows[0].keys[0] = key(1, "2025-01-01T00:00:00Z", Some(("2026-05-20T00:00:00Z", "s3")));
        assert_eq!(by_user(&alice, &details, Ok(&report), clock(&at(NOW))), Some(None));
        report.rows.clear();
        let unlisted = by_user(&alice, &details, Ok(&report), clock(&at(NOW)));
        assert_eq!(unlisted.flatten().map(|verdict| verdict.status), Some(Status::Unknown));
    }

    #[test]
    fn services_without_use_are_named() {
        let service = |name: &str, last: Option<&str>| {
            ServiceLastAccessed::builder()
                .service_name(name)
                .service_namespace(name)
                .set_last_authenticated(last.map(at))
                .build()
                .unwrap()
        };
        let created = at("2025-01-01T00:00:00Z");
        assert_eq!(
            judge("role r", &[], Some(&created), clock(&at(NOW))).status,
            Status::Unknown,
            "an empty list is no evidence"
        );
        let s3 = service("s3", Some("2026-05-01T00:00:00Z"));
        assert_eq!(judge("role r", std::slice::from_ref(&s3), Some(&created), clock(&at(NOW))).status, Status::Pass);
        let verdict = judge(
            "role r",
            &[s3, service("sqs", None), service("ec2", Some("2025-05-01T00:00:00Z"))],
            Some(&created),
            clock(&at(NOW)),
        );
        assert_eq!(verdict.message, "role r did not call 2 of its 3 services within 90 days: ec2, sqs");
    }
}
