//! Do programs run on the access keys of users? The credential report names the service that each key called last.
//! Where that is IAM or STS (a person who rotates keys, a program that only assumes a role) the service last accessed
//! report shows what else the user reached. It is one of the user, not of a key: what the console, a key that is inactive by now or a
//! credential for that one service may have done is not laid to the active key.

use super::reached_services::{ALLOWED, asked};
use crate::prelude::*;
use posture_estate::services::iam::{AccessKey, ReportUser};

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let judged = report.users().filter(|user| user.may_have_active_key());
    Ok(each(judged, |user| {
        let report = &report;
        async move {
            let verdict = match by_report(user) {
                Some(verdict) => verdict,
                None => asked(at, user).await,
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
    if let Some(why) = user.more_keys() {
        reasons.doubt(why);
    }
    if reasons.is_empty() && !used.is_empty() {
        return None;
    }
    Some(reasons.or_pass(|| format!("the active access keys of user {name} were never used")))
}

fn seen(user: &ReportUser) -> serde_json::Value {
    let key = |key: &AccessKey| json!({ "key": key.number, "last_used_service": key.last_used_service.known() });
    json!({ "active_keys": user.active_keys().map(key).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::Cell;
    use posture_estate::services::iam::credential_report::fixtures::{caller_of, key, row};

    #[test]
    fn the_last_service_decides_when_it_is_a_workload() {
        let verdict = by_report(&caller_of("s3")).unwrap();
        assert_eq!(
            (verdict.status, verdict.message.as_str()),
            (Status::Fail, "access key 1 of user ci is used for s3")
        );
        assert_eq!(by_report(&caller_of("sts")), None);
        let mut unused = row("ci");
        unused.keys[0] = key(1, "2025-06-01T00:00:00Z", None);
        assert_eq!(by_report(&unused).unwrap().status, Status::Pass);
        let mut silent = caller_of("s3");
        silent.keys[0].last_used_service = Cell::NotApplicable;
        assert_eq!(by_report(&silent), None, "the other report may know");
    }
}
