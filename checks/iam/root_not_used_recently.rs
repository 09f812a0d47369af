//! When did anybody last act as root? The latest of three dates counts: password, first key, second key. A check that
//! stops at the password does not see the key that works every night.

use crate::prelude::*;
use posture_estate::services::iam::{Cell, ReportUser};

/// Use of root within this many days is recent.
const WINDOW_DAYS: Setting<i64> = setting!(root_not_used_recently.window_days);

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let verdict = match report.root() {
        Some(root) => judge(root, *at.setting(WINDOW_DAYS), at.now()),
        None => Verdict::undecided("the credential report does not list the root user"),
    };
    let evidence = report.evidence(verdict.evidence.clone());
    Ok(vec![verdict.evidence(evidence).on(at.resource())])
}

fn judge(root: &ReportUser, window: i64, now: &DateTime) -> Verdict {
    let used = root.last_used();
    let age = used.map(|used| days(&used, now));
    let mut reasons = Reasons::new();
    if let Some(age) = age.filter(|age| *age < window) {
        let message = format!("the root user was used {age} days ago; it should rest for {window} days and more");
        reasons.broken("used_recently", message);
    }
    if root.password_last_used == Cell::NotSupported {
        reasons.doubt("AWS does not report when the root user's password was last used");
    }
    if let Some(why) = root.more_keys() {
        reasons.doubt(why);
    }
    reasons
        .or_pass(|| match age {
            None => "AWS knows of no use of the root user's password or keys".into(),
            Some(age) => format!("the root user was last used {age} days ago"),
        })
        .evidence(json!({ "last_used": used.map(|used| used.to_string()) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::credential_report::fixtures::{at, key, root};

    const NOW: &str = "2026-03-01T00:00:00Z";

    #[test]
    fn a_recent_key_counts_although_the_password_rests() {
        let mut row = root();
        row.password_last_used = Cell::Known(at("2025-01-01T00:00:00Z"));
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Pass);
        row.keys[1] = key(2, "2020-01-01T00:00:00Z", Some(("2026-02-27T00:00:00Z", "s3")));
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Fail, "semantics 18: the maximum of all three dates");
    }

    #[test]
    fn the_window_is_thirty_days() {
        let mut row = root();
        row.password_last_used = Cell::Known(at("2026-01-30T01:00:00Z"));
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Fail, "29 days and 23 hours");
        row.password_last_used = Cell::Known(at("2026-01-30T00:00:00Z"));
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Pass, "30 days");
    }

    #[test]
    fn a_use_that_is_not_reported_is_not_none() {
        // semantics 87
        let mut row = ReportUser { password_last_used: Cell::NotSupported, ..root() };
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Unknown);
        row.keys[0] = key(1, "2020-01-01T00:00:00Z", Some(("2026-02-27T00:00:00Z", "s3")));
        assert_eq!(judge(&row, 30, &at(NOW)).status, Status::Fail, "one use is enough");
        let more = ReportUser { more_credentials: Some("1".into()), ..root() };
        assert_eq!(judge(&more, 30, &at(NOW)).status, Status::Unknown);
    }

    #[test]
    fn never_used_passes() {
        assert_eq!(judge(&root(), 30, &at(NOW)).status, Status::Pass);
    }
}
