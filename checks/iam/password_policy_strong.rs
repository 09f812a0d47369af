//! Does the account's password policy hold guessing off? A weak one matters only where an IAM user has a password at
//! all, so the credential report is asked only then.

use aws_sdk_iam::types::PasswordPolicy;

use crate::prelude::*;
use posture_estate::services::iam::{CredentialReport, ReportUser};

/// Fewer characters than this fail.
const MIN_LENGTH: Setting<i64> = setting!(password_policy_strong.min_length);
/// Fewer remembered passwords than this fail.
const MIN_REMEMBERED: Setting<i64> = setting!(password_policy_strong.min_remembered);
/// Passwords must expire after at most this many days.
const MAX_AGE_DAYS: Setting<i64> = setting!(password_policy_strong.max_age_days);

/// The three as they are set.
struct Limits {
    length: i64,
    remembered: i64,
    age: i64,
}

pub async fn probe(at: &Account) -> Outcome {
    let policy = at.iam().account_password_policy().await?;
    let (length, remembered, age) = (*at.setting(MIN_LENGTH), *at.setting(MIN_REMEMBERED), *at.setting(MAX_AGE_DAYS));
    let verdict = match judge(policy.there(), &Limits { length, remembered, age }) {
        strong if strong.status == Status::Pass => strong,
        weak => where_somebody_has_one(weak, at.iam().credential_report().await.as_ref().map(AsRef::as_ref)),
    };
    Ok(vec![verdict.evidence(seen(policy.there())).on(at.resource())])
}

/// A weak policy, in an account that may have no password at all.
fn where_somebody_has_one(weak: Verdict, report: Result<&CredentialReport, &Gap>) -> Verdict {
    match report {
        Err(gap) => Verdict::unseen(gap),
        Ok(report) if report.users().any(ReportUser::may_have_password) => weak,
        Ok(_) => Verdict::not_applicable("no IAM user has a console password, so the password policy protects nobody"),
    }
}

fn judge(policy: Option<&PasswordPolicy>, limits: &Limits) -> Verdict {
    let Some(policy) = policy else {
        return Verdict::fail(
            "no_policy",
            "the account has no password policy of its own, only AWS's default of 8 characters",
        );
    };
    let Limits { length: min_length, remembered: min_remembered, age: max_age } = limits;
    let mut reasons = Reasons::new();
    // AWS leaves out what is not set.
    match policy.minimum_password_length().map(i64::from) {
        Some(length) if length >= *min_length => {}
        Some(length) => {
            reasons.broken("too_short", format!("passwords may have {length} characters, fewer than {min_length}"))
        }
        None => reasons.broken("too_short", format!("no minimum length is set; it should be {min_length}")),
    }
    match policy.password_reuse_prevention().map(i64::from) {
        Some(count) if count >= *min_remembered => {}
        Some(count) => reasons.broken(
            "reuse_allowed",
            format!("only {count} earlier passwords are remembered, fewer than {min_remembered}"),
        ),
        None => reasons.broken("reuse_allowed", "earlier passwords may be used again at once"),
    }
    for (required, class) in [
        (policy.require_uppercase_characters(), "an upper-case letter"),
        (policy.require_lowercase_characters(), "a lower-case letter"),
        (policy.require_numbers(), "a digit"),
        (policy.require_symbols(), "a symbol"),
    ] {
        if !required {
            reasons.broken("character_class_optional", format!("passwords need not contain {class}"));
        }
    }
    match policy.max_password_age().map(i64::from) {
        Some(age) if (1..=*max_age).contains(&age) => {}
        Some(age) if age > *max_age => {
            reasons.broken("expires_too_late", format!("passwords expire after {age} days, later than {max_age}"))
        }
        _ => reasons.broken("never_expires", "passwords never expire"),
    }
    reasons.or_pass(|| "the password policy meets every condition".into())
}

fn seen(policy: Option<&PasswordPolicy>) -> serde_json::Value {
    let Some(policy) = policy else { return json!({ "password_policy": null }) };
    json!({
        "minimum_password_length": policy.minimum_password_length(),
        "password_reuse_prevention": policy.password_reuse_prevention(),
        "max_password_age": policy.max_password_age(),
        "require_uppercase_characters": policy.require_uppercase_characters(),
        "require_lowercase_characters": policy.require_lowercase_characters(),
        "require_numbers": policy.require_numbers(),
        "require_symbols": policy.require_symbols(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::builders::PasswordPolicyBuilder;
    use posture_estate::finding::GapKind;
    use posture_estate::services::iam::Cell;
    use posture_estate::services::iam::credential_report::fixtures::{at, root, row};

    const LIMITS: Limits = Limits { length: 14, remembered: 24, age: 90 };

    fn strong() -> PasswordPolicyBuilder {
        PasswordPolicy::builder()
            .minimum_password_length(14)
            .password_reuse_prevention(24)
            .max_password_age(90)
            .expire_passwords(true)
            .require_symbols(true)
            .require_numbers(true)
            .require_uppercase_characters(true)
            .require_lowercase_characters(true)
    }

    #[test]
    fn a_weak_policy_matters_where_a_user_has_a_password() {
        // semantics 22
        let mut report = CredentialReport { generated: at("2026-01-01T00:00:00Z"), rows: vec![root(), row("ci")] };
        let weak = || judge(None, &LIMITS);
        assert_eq!(
            where_somebody_has_one(weak(), Ok(&report)).status,
            Status::NotApplicable,
            "root's is not IAM's to rule"
        );
        report.rows.push(ReportUser { password_enabled: Cell::Known(true), ..row("alice") });
        assert_eq!(where_somebody_has_one(weak(), Ok(&report)).status, Status::Fail);
        let gap = Gap::new("111122223333", "global", "iam:GetCredentialReport", GapKind::Denied, "no");
        assert_eq!(where_somebody_has_one(weak(), Err(&gap)).status, Status::Unknown);
    }

    #[test]
    fn every_condition_counts() {
        assert_eq!(judge(Some(&strong().build()), &LIMITS).status, Status::Pass);
        for (policy, slug) in [
            (strong().minimum_password_length(13), "too_short"),
            (strong().set_minimum_password_length(None), "too_short"),
            (strong().password_reuse_prevention(23), "reuse_allowed"),
            (strong().set_password_reuse_prevention(None), "reuse_allowed"),
            (strong().max_password_age(91), "expires_too_late"),
            (strong().set_max_password_age(None), "never_expires"),
            (strong().require_symbols(false), "character_class_optional"),
            (strong().require_numbers(false), "character_class_optional"),
            (strong().require_uppercase_characters(false), "character_class_optional"),
            (strong().require_lowercase_characters(false).require_numbers(false), "character_class_optional"),
        ] {
            let verdict = judge(Some(&policy.build()), &LIMITS);
            assert_eq!((verdict.status, verdict.reasons), (Status::Fail, vec![slug]), "{}", verdict.message);
        }
        assert_eq!(judge(None, &LIMITS).reasons, ["no_policy"]);
    }
}
