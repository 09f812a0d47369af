//! Which passwords and keys does nobody use? A credential that was never used is as old as the credential itself:
//! `N/A` must not read as "used".

use crate::prelude::*;
use posture_estate::services::iam::{AccessKey, Cell, ReportUser};

/// A credential unused for this many days or more fails.
const UNUSED_DAYS: Setting<i64> = setting!(user_credentials_used.unused_days);

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let limit = *at.setting(UNUSED_DAYS);
    let judged = report.users().filter(|user| user.may_have_password() || user.may_have_active_key());
    Ok(judged
        .map(|user| {
            let verdict = judge(user, limit, at.now());
            let evidence = report.evidence(verdict.evidence.clone());
            verdict.evidence(evidence).on(at.iam().iam_report_user(user))
        })
        .collect())
}

fn judge(user: &ReportUser, limit: i64, now: &DateTime) -> Verdict {
    let mut reasons = Reasons::new();
    match user.password_enabled {
        Cell::Known(true) => {
            let set = user.password_last_changed.known().unwrap_or(&user.created);
            age(&mut reasons, "the password", &user.password_last_used, Some(set), (limit, now));
        }
        Cell::Known(false) => {}
        _ => reasons.doubt("the credential report does not say whether there is a password"),
    }
    for key in user.active_keys() {
        age(
            &mut reasons,
            &format!("access key {}", key.number),
            &key.last_used,
            key.last_rotated.known(),
            (limit, now),
        );
    }
    if let Some(why) = user.more_keys() {
        reasons.doubt(why);
    }
    let broken = reasons.or_pass(|| format!("every credential was used, or made, within {limit} days"));
    Verdict { message: format!("user {}: {}", user.name, broken.message), ..broken }.evidence(seen(user))
}

/// `made` is when the credential came into being, which counts when it was never used.
fn age(
    reasons: &mut Reasons,
    what: &str,
    used: &Cell<DateTime>,
    made: Option<&DateTime>,
    (limit, now): (i64, &DateTime),
) {
    match (used.known(), made) {
        (Some(used), _) if days(used, now) >= limit => {
            reasons.broken("unused", format!("{what} was last used {} days ago", days(used, now)))
        }
        (Some(_), _) => {}
        (None, Some(made)) if days(made, now) >= limit && *used == Cell::NotSupported => {
            reasons.doubt(format!("AWS does not report when {what} was last used"));
        }
        (None, Some(made)) if days(made, now) >= limit => {
            reasons.broken("never_used", format!("{what} is {} days old and was never used", days(made, now)));
        }
        (None, Some(_)) => {}
        (None, None) => reasons.doubt(format!("{what} has neither a last use nor a creation date")),
    }
}

fn seen(user: &ReportUser) -> serde_json::Value {
    let date = |cell: &Cell<DateTime>| cell.known().map(ToString::to_string);
    let key = |key: &AccessKey| json!({ "key": key.number, "last_rotated": date(&key.last_rotated), "last_used": date(&key.last_used) });
    let keys: Vec<_> = user.active_keys().map(key).collect();
    match user.has_password() {
        true => json!({ "password_last_used": date(&user.password_last_used), "active_keys": keys }),
        false => json!({ "active_keys": keys }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::credential_report::fixtures::{at, key, row};

    const NOW: &str = "2026-04-01T00:00:00Z";

    fn status(user: &ReportUser) -> Status {
        judge(user, 45, &at(NOW)).status
    }

    #[test]
    fn a_key_that_was_never_used_ages_from_its_creation() {
        let mut user = row("ci");
        user.keys[0] = key(1, "2026-03-20T00:00:00Z", None);
        assert_eq!(status(&user), Status::Pass, "semantics 19: young");
        user.keys[0] = key(1, "2026-01-01T00:00:00Z", None);
        let verdict = judge(&user, 45, &at(NOW));
        assert_eq!(verdict.status, Status::Fail, "semantics 19: never used");
        assert_eq!(verdict.message, "user ci: access key 1 is 90 days old and was never used");
        user.keys[0] = key(1, "2020-01-01T00:00:00Z", Some(("2026-03-31T00:00:00Z", "s3")));
        assert_eq!(status(&user), Status::Pass, "an old key in use is for another check");
    }

    #[test]
    fn forty_five_days_are_too_long() {
        let mut user = row("ci");
        user.keys[1] = key(2, "2020-01-01T00:00:00Z", Some(("2026-02-15T00:00:00Z", "s3")));
        assert_eq!(status(&user), Status::Fail, "exactly 45 days");
        user.keys[1] = key(2, "2020-01-01T00:00:00Z", Some(("2026-02-15T01:00:00Z", "s3")));
        assert_eq!(status(&user), Status::Pass);
        user.keys[1].active = false;
        user.keys[1].last_used = Cell::NotApplicable;
        assert_eq!(status(&user), Status::Pass, "an inactive key opens nothing");
    }

    #[test]
    fn passwords_age_too() {
        // semantics 87
        let mut user =
            ReportUser { password_enabled: Cell::Known(true), password_last_used: Cell::NoInformation, ..row("alice") };
        assert_eq!(status(&user), Status::Fail, "never used since the user was created");
        user.password_last_changed = Cell::Known(at("2026-03-20T00:00:00Z"));
        assert_eq!(status(&user), Status::Pass);
        user.password_last_used = Cell::Known(at("2025-03-20T00:00:00Z"));
        assert_eq!(status(&user), Status::Fail);
        user.password_last_used = Cell::NotSupported;
        user.password_last_changed = Cell::Known(at("2025-03-20T00:00:00Z"));
        assert_eq!(status(&user), Status::Unknown, "not reported is not never");
        user.password_enabled = Cell::Known(false);
        assert_eq!(status(&user), Status::Pass);
    }

    #[test]
    fn what_the_report_leaves_out_is_unknown() {
        // semantics 86
        let user = ReportUser { more_credentials: Some("Additional access keys: 1".into()), ..row("alice") };
        assert_eq!(status(&user), Status::Unknown);
        assert!(user.may_have_active_key(), "so that the user is judged at all");
    }
}
