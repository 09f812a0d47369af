//! Do programs run on the access keys of users? The credential report names the service that each key called last.
//! Where that is IAM or STS (a person who rotates keys, a program that only assumes a role) the service last accessed
//! report shows what else the user reached; it cannot tell keys from the console, so a user with a password may stay
//! undecided.

use aws_sdk_iam::types::ServiceLastAccessed;

use crate::prelude::*;
use posture_estate::services::iam::{AccessKey, ReportUser};

/// Services that a key of a user may call: to rotate itself, and to assume a role.
const ALLOWED: [&str; 2] = ["iam", "sts"];

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let judged = report.users().filter(|user| user.active_keys().next().is_some() || user.more_credentials.is_some());
    Ok(each(judged, |user| {
        let report = &report;
        async move {
            let verdict = match by_report(user) {
                Some(verdict) => verdict,
                None => match at.iam().service_last_accessed(&user.arn).await {
                    Ok(services) => by_services(user, &services),
                    Err(gap) => Verdict::unseen(&gap),
                },
            };
            verdict.evidence(report.evidence(seen(user))).on(at.iam().iam_report_user(user))
        }
    })
    .await)
}

/// What the credential report decides; `None` when no key in use is known to have called anything but IAM or STS last.
fn by_report(user: &ReportUser) -> Option<Verdict> {
    let name = &user.name;
    let mut reasons = Reasons::new();
    let used: Vec<&AccessKey> = user.active_keys().filter(|key| key.last_used.known().is_some()).collect();
    for key in &used {
        if let Some(service) = key.last_used_service.known().filter(|service| !ALLOWED.contains(&service.as_str())) {
            reasons
                .broken("key_calls_service", format!("access key {} of user {name} is used for {service}", key.number));
        }
    }
    if let Some(more) = &user.more_credentials {
        reasons.doubt(format!("user {name} has more credentials than the report shows ({more})"));
    }
    if reasons.is_empty() && !used.is_empty() {
        return None;
    }
    Some(reasons.or_pass(|| format!("the active access keys of user {name} were never used")))
}

/// The services that the user reached since its oldest active key was made.
fn by_services(user: &ReportUser, services: &[ServiceLastAccessed]) -> Verdict {
    let name = &user.name;
    let since = user.active_keys().filter_map(|key| key.last_rotated.known()).map(DateTime::secs).min();
    let mut others: Vec<&str> = services
        .iter()
        .filter(|service| !ALLOWED.contains(&service.service_namespace()))
        .filter(|service| service.last_authenticated().is_some_and(|at| since.is_none_or(|since| at.secs() >= since)))
        .map(ServiceLastAccessed::service_namespace)
        .collect();
    others.sort_unstable();
    others.dedup();
    if services.is_empty() {
        return Verdict::undecided(format!(
            "an access key of user {name} is in use, but AWS lists no service that it reached"
        ));
    }
    let list = others.join(", ");
    match (others.is_empty(), user.has_password()) {
        (true, _) => Verdict::pass(format!("the access keys of user {name} are used for IAM and STS only")),
        (false, false) => Verdict::fail(
            "keys_only_credentials",
            format!("access keys are the only credentials of user {name}, which reached {list}"),
        ),
        (false, true) => Verdict::undecided(format!(
            "user {name} reached {list}, with an access key or through the console: AWS does not tell which"
        )),
    }
}

fn seen(user: &ReportUser) -> serde_json::Value {
    let key = |key: &AccessKey| json!({ "key": key.number, "last_used_service": key.last_used_service.known() });
    json!({ "active_keys": user.active_keys().map(key).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::Cell;
    use posture_estate::services::iam::credential_report::fixtures::{at, key, row};

    fn user(service: &str) -> ReportUser {
        let mut user = row("ci");
        user.keys[0] = key(1, "2025-06-01T00:00:00Z", Some(("2026-01-01T00:00:00Z", service)));
        user
    }

    fn reached(service: &str, date: &str) -> ServiceLastAccessed {
        ServiceLastAccessed::builder()
            .service_name(service)
            .service_namespace(service)
            .last_authenticated(at(date))
            .build()
            .unwrap()
    }

    #[test]
    fn the_last_service_decides_when_it_is_a_workload() {
        let verdict = by_report(&user("s3")).unwrap();
        assert_eq!(
            (verdict.status, verdict.message.as_str()),
            (Status::Fail, "access key 1 of user ci is used for s3")
        );
        assert_eq!(by_report(&user("sts")), None);
        let mut unused = row("ci");
        unused.keys[0] = key(1, "2025-06-01T00:00:00Z", None);
        assert_eq!(by_report(&unused).unwrap().status, Status::Pass);
        let mut silent = user("s3");
        silent.keys[0].last_used_service = Cell::NotApplicable;
        assert_eq!(by_report(&silent), None, "the other report may know");
    }

    #[test]
    fn other_services_decide_unless_the_console_may_be_why() {
        let sts = reached("sts", "2026-01-01T00:00:00Z");
        assert_eq!(by_services(&user("sts"), &[]).status, Status::Unknown, "an empty list is no evidence");
        let s3 = reached("s3", "2025-12-01T00:00:00Z");
        assert_eq!(by_services(&user("sts"), std::slice::from_ref(&sts)).status, Status::Pass);
        assert_eq!(by_services(&user("sts"), &[sts.clone(), s3.clone()]).status, Status::Fail);
        let person = ReportUser { password_enabled: Cell::Known(true), ..user("iam") };
        assert_eq!(by_services(&person, &[sts.clone(), s3]).status, Status::Unknown);
        let before = reached("s3", "2025-05-01T00:00:00Z");
        assert_eq!(by_services(&user("sts"), &[sts, before]).status, Status::Pass, "an earlier key did that");
    }
}
