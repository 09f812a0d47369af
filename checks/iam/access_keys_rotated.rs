//! How old are the keys that work? Only active keys count: a deactivated key opens nothing.

use crate::prelude::*;
use posture_estate::services::iam::{AccessKey, ReportUser};

/// An active key older than this many days fails.
const MAX_AGE_DAYS: Setting<i64> = setting!(access_keys_rotated.max_age_days);

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let limit = *at.setting(MAX_AGE_DAYS);
    let findings = report.users().flat_map(|user| {
        judge_all(user, limit, at.now()).into_iter().map(|(sub, verdict)| {
            let evidence = report.evidence(verdict.evidence.clone());
            verdict.evidence(evidence).sub(sub).on(at.iam().iam_report_user(user))
        })
    });
    Ok(findings.collect())
}

/// Each active key, and the keys that the report has no column for.
fn judge_all(user: &ReportUser, limit: i64, now: &DateTime) -> Vec<(String, Verdict)> {
    let keys = user.active_keys().map(|key| (format!("access-key-{}", key.number), judge(user, key, limit, now)));
    let more = user.more_keys().map(|why| ("additional-credentials".to_owned(), Verdict::undecided(why)));
    keys.chain(more).collect()
}

fn judge(user: &ReportUser, key: &AccessKey, limit: i64, now: &DateTime) -> Verdict {
    let which = format!("access key {} of user {}", key.number, user.name);
    let Some(created) = key.last_rotated.known() else {
        return Verdict::undecided(format!("{which} is active, but the credential report has no creation date for it"));
    };
    let age = days(created, now);
    match age > limit {
        true => Verdict::fail("key_too_old", format!("{which} is {age} days old; the limit is {limit}")),
        false => Verdict::pass(format!("{which} is {age} days old")),
    }
    .evidence(json!({ "key": key.number, "last_rotated": created.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::Cell;
    use posture_estate::services::iam::credential_report::fixtures::{at, key, row};

    const NOW: &str = "2026-04-01T00:00:00Z";

    #[test]
    fn ninety_days_are_allowed() {
        let user = row("alice");
        assert_eq!(judge(&user, &key(1, "2026-01-01T00:00:00Z", None), 90, &at(NOW)).status, Status::Pass);
        let old = judge(&user, &key(2, "2025-12-31T00:00:00Z", None), 90, &at(NOW));
        assert_eq!(old.status, Status::Fail);
        assert_eq!(old.message, "access key 2 of user alice is 91 days old; the limit is 90");
    }

    #[test]
    fn inactive_keys_are_not_judged() {
        let mut user = row("alice");
        user.keys[0] = AccessKey { active: false, ..key(1, "2020-01-01T00:00:00Z", None) };
        assert_eq!(user.active_keys().count(), 0, "semantics 20");
    }

    #[test]
    fn keys_without_a_column_are_unknown_beside_those_with_one() {
        // semantics 86
        let mut user = ReportUser { more_credentials: Some("1".into()), ..row("alice") };
        let statuses = |user: &ReportUser| {
            judge_all(user, 90, &at(NOW)).into_iter().map(|(_, verdict)| verdict.status).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&user), [Status::Unknown]);
        user.keys[0] = key(1, "2020-01-01T00:00:00Z", None);
        assert_eq!(statuses(&user), [Status::Fail, Status::Unknown]);
        user.more_credentials = None;
        assert_eq!(statuses(&user), [Status::Fail]);
    }

    #[test]
    fn a_key_without_a_date_is_unknown() {
        let undated = AccessKey { last_rotated: Cell::NotApplicable, ..key(1, NOW, None) };
        assert_eq!(judge(&row("alice"), &undated, 90, &at(NOW)).status, Status::Unknown);
    }
}
