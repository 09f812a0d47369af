//! One key at a time, and none that was made "just in case" with the user: such a key lies in a download folder and
//! nobody misses it.

use crate::prelude::*;
use posture_estate::services::iam::{AccessKey, Cell, ReportUser};

/// A key made within this many seconds of its user was made together with it.
const TOGETHER_SECS: i64 = 60 * 60;

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let judged = report.users().filter(|user| user.may_have_active_key());
    Ok(judged
        .map(|user| {
            let active: Vec<u8> = user.active_keys().map(|key| key.number).collect();
            judge(user).evidence(report.evidence(json!({ "active_keys": active }))).on(at.iam().iam_report_user(user))
        })
        .collect())
}

fn judge(user: &ReportUser) -> Verdict {
    let mut reasons = Reasons::new();
    let name = &user.name;
    let active = user.active_keys().count();
    if active > 1 {
        reasons.broken("several_active_keys", format!("user {name} has {active} active access keys"));
    }
    for key in user.active_keys().filter(|key| came_with_the_user(user, key)) {
        let which = key.number;
        reasons.broken(
            "made_with_user",
            format!("access key {which} of console user {name} was made with the user and never used"),
        );
    }
    if !matches!(user.password_enabled, Cell::Known(_)) && user.active_keys().any(|key| idle_since_the_start(user, key))
    {
        reasons.doubt(format!(
            "the credential report does not say whether user {name}, whose key is unused, has a password"
        ));
    }
    if let Some(why) = user.more_keys() {
        reasons.doubt(why);
    }
    reasons.or_pass(|| format!("user {name} has one active access key"))
}

fn came_with_the_user(user: &ReportUser, key: &AccessKey) -> bool {
    user.has_password() && idle_since_the_start(user, key)
}

fn idle_since_the_start(user: &ReportUser, key: &AccessKey) -> bool {
    let together =
        key.last_rotated.known().is_some_and(|made| (made.secs() - user.created.secs()).abs() <= TOGETHER_SECS);
    key.last_used.known().is_none() && together
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::credential_report::fixtures::{key, row};

    #[test]
    fn two_active_keys_fail() {
        let mut user = row("ci");
        user.keys[0] = key(1, "2025-06-01T00:00:00Z", None);
        assert_eq!(judge(&user).status, Status::Pass);
        user.keys[1] = key(2, "2025-07-01T00:00:00Z", None);
        assert_eq!(judge(&user).status, Status::Fail);
        user.keys[1].active = false;
        assert_eq!(judge(&user).status, Status::Pass);
    }

    #[test]
    fn keys_that_the_report_does_not_show_are_unknown() {
        // semantics 86
        let mut user = ReportUser { more_credentials: Some("1".into()), ..row("ci") };
        assert!(user.may_have_active_key(), "so that the user is judged at all");
        assert_eq!(judge(&user).status, Status::Unknown);
        user.keys = [key(1, "2025-06-01T00:00:00Z", None), key(2, "2025-07-01T00:00:00Z", None)];
        assert_eq!(judge(&user).status, Status::Fail, "two that it shows are too many already");
    }

    #[test]
    fn an_unused_key_from_the_setup_of_a_console_user_fails() {
        let mut user = ReportUser { password_enabled: Cell::Known(true), ..row("alice") };
        user.keys[0] = key(1, "2024-01-01T00:05:00Z", None);
        assert_eq!(judge(&user).status, Status::Fail);
        user.keys[0] = key(1, "2024-01-01T00:05:00Z", Some(("2024-02-01T00:00:00Z", "sts")));
        assert_eq!(judge(&user).status, Status::Pass, "it was used");
        user.keys[0] = key(1, "2024-03-01T00:00:00Z", None);
        assert_eq!(judge(&user).status, Status::Pass, "it was made later, on purpose");
        user.keys[0] = key(1, "2024-01-01T00:05:00Z", None);
        user.password_enabled = Cell::Known(false);
        assert_eq!(judge(&user).status, Status::Pass, "a user for programs needs its key");
        user.password_enabled = Cell::NotSupported;
        assert_eq!(judge(&user).status, Status::Unknown);
    }
}
