//! Which roles, and which of the services that principals may call, does nobody use? `RoleLastUsed` comes with the
//! authorization details; the report of used services costs two calls a principal, so it is asked only for those that
//! are old enough, in use, and have permissions at all.

use super::unused_services::{Clock, Next};
use crate::prelude::*;
use aws_sdk_iam::types::{RoleDetail, UserDetail};
use posture_estate::services::iam::details::{is_identity_center, is_service_linked, role_name, user_name};
use posture_estate::services::iam::{AuthorizationDetails, CredentialReport};

/// A role or a granted service without use for more than this many days fails.
const UNUSED_DAYS: Setting<i64> = setting!(roles_and_permissions_used.unused_days);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let clock = Clock { limit: *at.setting(UNUSED_DAYS), now: at.now() };
    let (details, report) = (details.as_ref(), at.iam().credential_report().await);
    let roles = each(details.roles.iter().filter(|role| is_changed_here(role)), |role| async move {
        let who = format!("role {}", role_name(role));
        let verdict = by_role(role, details, clock).verdict(at, role.arn(), &who, role.create_date(), clock).await?;
        Some(verdict.on(at.iam().iam_role(role)))
    });
    let users = each(details.users.iter(), |user| {
        let next = by_user(user, details, report.as_ref().map(AsRef::as_ref), clock);
        async move {
            let who = format!("user {}", user_name(user));
            let verdict = next.verdict(at, user.arn(), &who, user.create_date(), clock).await?;
            Some(verdict.on(at.iam().iam_user(user)))
        }
    });
    let (roles, users) = join!(roles, users);
    Ok(roles.into_iter().chain(users).collect())
}

/// Whether somebody of this account can remove the role or what it grants. Those of an AWS service and of IAM Identity Center, which makes
/// them from permission sets and assignments, are changed elsewhere, as `user_permissions_via_groups` has it too.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html>
fn is_changed_here(role: &RoleDetail) -> bool {
    !is_service_linked(role) && !is_identity_center(role)
}

/// A role in use that grants something has its services asked for.
fn by_role(role: &RoleDetail, details: &AuthorizationDetails, clock: Clock<'_>) -> Next {
    let Clock { limit, now } = clock;
    let name = role_name(role);
    let Some(created) = role.create_date() else {
        return Next::Say(Verdict::undecided(format!("role {name} comes without a creation date")));
    };
    let age = days(created, now);
    if age <= limit {
        return Next::Say(Verdict::pass(format!("role {name} is {age} days old, too young to be unused")));
    }
    let Some(last) = role.role_last_used() else {
        return Next::Say(Verdict::undecided(format!("AWS does not say when role {name} was last used")));
    };
    let unused = match last.last_used_date().map(|used| days(used, now)) {
        None => format!("role {name} is {age} days old and AWS knows of no use of it"),
        Some(unused) if unused > limit => format!("role {name} was last used {unused} days ago"),
        Some(_) if details.policies_of_role(role).is_empty() => {
            return Next::Say(Verdict::pass(format!("role {name} is in use and grants nothing by itself")));
        }
        Some(_) => return Next::AskServices,
    };
    let evidence = json!({ "last_used": last.last_used_date().map(ToString::to_string) });
    Next::Say(Verdict::fail("role_unused", unused).evidence(evidence))
}

/// Nothing is said of a user who is not in use (another check judges that) or may do nothing.
fn by_user(
    user: &UserDetail,
    details: &AuthorizationDetails,
    report: Result<&CredentialReport, &Gap>,
    clock: Clock<'_>,
) -> Next {
    let Clock { limit, now } = clock;
    let policies = details.policies_of_user(user);
    if policies.as_ref().is_ok_and(Vec::is_empty) {
        return Next::Nothing;
    }
    let name = user_name(user);
    match user.create_date().map(|created| days(created, now)) {
        None => return Next::Say(Verdict::undecided(format!("user {name} comes without a creation date"))),
        Some(age) if age <= limit => {
            let message = format!("user {name} is {age} days old, too young to have unused permissions");
            return Next::Say(Verdict::pass(message));
        }
        Some(_) => {}
    }
    match report.map(|report| report.user(name)) {
        Err(gap) => Next::Say(Verdict::unseen(gap)),
        Ok(None) => Next::Say(Verdict::undecided(format!("user {name} is not in the credential report"))),
        Ok(Some(row)) if row.last_used().is_some_and(|used| days(&used, now) <= limit) => match policies {
            Ok(_) => Next::AskServices,
            Err(why) => Next::Say(Verdict::undecided(why)),
        },
        Ok(Some(_)) => Next::Nothing,
    }
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

    /// `None` where the services are asked for.
    fn status(role: &RoleDetail) -> Option<Status> {
        match by_role(role, &AuthorizationDetails::default(), clock(&at(NOW))) {
            Next::Say(verdict) => Some(verdict.status),
            Next::AskServices => None,
            Next::Nothing => panic!("nothing is said of a role"),
        }
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
    fn roles_that_this_account_cannot_change_are_left_out() {
        // semantics 90
        let below = |path: &str| RoleDetail::builder().role_name("r").path(path).build();
        assert!(!is_changed_here(&below("/aws-reserved/sso.amazonaws.com/eu-west-1/")));
        assert!(!is_changed_here(&below("/aws-service-role/support.amazonaws.com/")));
        assert!(is_changed_here(&below("/service-role/")) && is_changed_here(&below("/aws-reserved-like/")));
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
        // semantics 73
        let policy = PolicyDetail::builder().policy_name("p").policy_document("{}").build();
        let alice = UserDetail::builder()
            .user_name("alice")
            .create_date(at("2024-01-01T00:00:00Z"))
            .user_policy_list(policy)
            .build();
        let details = AuthorizationDetails::default();
        let mut report = CredentialReport { generated: at(NOW), rows: vec![row("alice")] };
        assert_eq!(by_user(&alice, &details, Ok(&report), clock(&at(NOW))), Next::Nothing);
        report.rows[0].keys[0] = key(1, "2025-01-01T00:00:00Z", Some(("2026-05-20T00:00:00Z", "s3")));
        assert_eq!(by_user(&alice, &details, Ok(&report), clock(&at(NOW))), Next::AskServices);
        let mut lost = alice.clone();
        lost.group_list = Some(vec!["gone".into()]);
        let undecided = by_user(&lost, &details, Ok(&report), clock(&at(NOW)));
        assert!(
            matches!(undecided, Next::Say(verdict) if verdict.status == Status::Unknown),
            "what it may do is not known"
        );
        let idle = CredentialReport { rows: vec![row("alice")], ..report.clone() };
        assert_eq!(
            by_user(&lost, &details, Ok(&idle), clock(&at(NOW))),
            Next::Nothing,
            "whatever it may do, it is not in use"
        );
        report.rows.clear();
        let unlisted = by_user(&alice, &details, Ok(&report), clock(&at(NOW)));
        assert!(matches!(unlisted, Next::Say(verdict) if verdict.status == Status::Unknown));
    }
}
