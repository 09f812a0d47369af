//! Did the last rotation end well, did it come when it should, and is the value younger than the limit? A rotation that fails leaves its
//! traces: a pending version that never became the current one, and a date for the next that lies behind.

use super::{per_secret, rotated_elsewhere};
use crate::prelude::*;
use posture_estate::day::span;
use posture_estate::services::secretsmanager::Secret;

/// Days after which a value is too old.
const MAX_AGE_DAYS: Setting<i64> = setting!(rotated_in_time.max_age_days);

pub async fn probe(at: &Region) -> Outcome {
    let limit = *at.setting(MAX_AGE_DAYS);
    per_secret(at, |secret| {
        let elsewhere = rotated_elsewhere(secret, at.name(), |region| at.account().in_scope(region));
        elsewhere.unwrap_or_else(|| judge(secret, at.now(), limit))
    })
    .await
}

fn judge(secret: &Secret, now: &DateTime, limit: i64) -> Verdict {
    let mut reasons = Reasons::new();
    if secret.rotation_enabled == Some(true) {
        scheduled(secret, now, &mut reasons);
    }
    let seen = aged(secret, now, limit, &mut reasons);
    reasons.or_pass(|| seen.unwrap_or_default())
}

/// Whether the next rotation is still to come, and none hangs.
fn scheduled(secret: &Secret, now: &DateTime, reasons: &mut Reasons) {
    let name = &secret.name;
    let open = secret.is_rotation_open();
    match &secret.next_rotation_date {
        Some(due) if due.0 < *now => {
            let late = span(days(due, now));
            reasons.broken("overdue", format!("secret {name} should have been rotated {late} ago"));
            if open {
                reasons
                    .broken("rotation_failed", format!("the last rotation of secret {name} has not come to its end"));
            }
        }
        Some(_) if open => {
            reasons
                .doubt(format!("a rotation of secret {name} has begun and not ended; whether it failed does not show"));
        }
        Some(_) => {}
        None => reasons.doubt(format!("secret {name} rotates, and when it is due next is not said")),
    }
}

/// How old the value is: as old as the last rotation that ended well, or as the secret.
fn aged(secret: &Secret, now: &DateTime, limit: i64, reasons: &mut Reasons) -> Option<String> {
    let name = &secret.name;
    let since = |when: &DateTime| days(when, now);
    let rotates = secret.rotation_enabled == Some(true);
    match (&secret.last_rotated_date, &secret.last_changed_date) {
        (Some(rotated), _) if since(rotated) <= limit => {
            return Some(format!("secret {name} was rotated {} days ago", since(rotated)));
        }
        (None, _) if since(&secret.created_date) <= limit => {
            return Some(format!("secret {name} was made {} days ago", since(&secret.created_date)));
        }
        // By hand a value can be changed as well, but a change can be of a tag.
        (_, Some(changed)) if !rotates && since(changed) <= limit => {
            reasons.doubt(format!(
                "secret {name} was changed {} days ago; whether its value was does not show",
                since(changed)
            ));
        }
        (Some(rotated), _) => {
            reasons.broken("too_old", format!("secret {name} was rotated {} days ago", since(rotated)))
        }
        (None, _) => reasons.broken(
            "too_old",
            format!("secret {name} was made {} days ago and never rotated", since(&secret.created_date)),
        ),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::{NOW, ago, secret};

    fn of(more: serde_json::Value) -> Verdict {
        judge(&secret(&more), &DateTime::from_secs(NOW), 90)
    }

    fn rotating(rotated: i64, due: Option<i64>, stages: serde_json::Value) -> Verdict {
        let due = due.map(ago);
        of(
            json!({ "RotationEnabled": true, "LastRotatedDate": ago(rotated), "NextRotationDate": due, "SecretVersionsToStages": stages }),
        )
    }

    fn current() -> serde_json::Value {
        json!({ "a": ["AWSCURRENT", "AWSPENDING"], "b": ["AWSPREVIOUS"] })
    }

    fn pending() -> serde_json::Value {
        json!({ "a": ["AWSCURRENT"], "b": ["AWSPENDING"] })
    }

    #[test]
    fn a_rotation_that_came_in_time_and_ended_well_passes() {
        let verdict = rotating(20, Some(-10), current());
        assert_eq!((verdict.status, verdict.message.as_str()), (Status::Pass, "secret db was rotated 20 days ago"));
        assert_eq!(rotating(90, Some(-1), current()).status, Status::Pass, "the limit itself");
    }

    #[test]
    fn a_value_over_the_limit_fails() {
        assert_eq!(rotating(91, Some(-10), current()).reasons, ["too_old"]);
        assert_eq!(
            of(json!({ "RotationEnabled": true, "NextRotationDate": ago(-3) })).reasons,
            ["too_old"],
            "never rotated"
        );
        assert_eq!(
            of(json!({ "RotationEnabled": true, "NextRotationDate": ago(-3), "CreatedDate": ago(10) })).status,
            Status::Pass,
            "it is new"
        );
    }

    #[test]
    fn a_rotation_that_did_not_come_is_overdue() {
        let verdict = rotating(40, Some(10), current());
        assert_eq!(
            (verdict.reasons, verdict.message.as_str()),
            (vec!["overdue"], "secret db should have been rotated 10 days ago")
        );
        assert_eq!(rotating(40, None, current()).status, Status::Unknown, "no date is not in time");
    }

    #[test]
    fn a_rotation_that_hangs_failed_once_its_date_is_past() {
        assert_eq!(rotating(40, Some(1), pending()).reasons, ["overdue", "rotation_failed"]);
        assert_eq!(rotating(20, Some(-10), pending()).status, Status::Unknown, "it may go on");
    }

    #[test]
    fn without_rotation_the_last_change_tells_only_what_is_too_old() {
        // semantics 145
        assert_eq!(of(json!({ "LastChangedDate": ago(400) })).reasons, ["too_old"]);
        assert_eq!(of(json!({ "LastChangedDate": ago(10) })).status, Status::Unknown, "a tag or the value");
        assert_eq!(of(json!({ "LastRotatedDate": ago(30), "RotationEnabled": false })).status, Status::Pass);
        assert_eq!(of(json!({ "LastRotatedDate": ago(120), "LastChangedDate": ago(120) })).reasons, ["too_old"]);
        assert_eq!(of(json!({ "CreatedDate": ago(5) })).status, Status::Pass);
    }
}
