//! Can a stolen password alone open the console? Users without a password and the root user (which has checks of its
//! own) are left out.

use crate::prelude::*;
use posture_estate::services::iam::{Cell, ReportUser};

pub async fn probe(at: &Account) -> Outcome {
    let report = at.iam().credential_report().await?;
    let judged = report.users().filter_map(|user| {
        let verdict = judge(user)?;
        Some(
            verdict
                .evidence(report.evidence(json!({ "mfa_active": user.mfa_active })))
                .on(at.iam().iam_report_user(user)),
        )
    });
    Ok(judged.collect())
}

/// `None` for a user without a console password.
fn judge(user: &ReportUser) -> Option<Verdict> {
    let name = &user.name;
    match user.password_enabled {
        Cell::Known(false) => None,
        Cell::Known(true) if user.mfa_active => {
            Some(Verdict::pass(format!("user {name} has a console password and MFA")))
        }
        Cell::Known(true) => Some(Verdict::fail("no_mfa", format!("user {name} has a console password and no MFA"))),
        _ => Some(Verdict::undecided(format!("the credential report does not say whether user {name} has a password"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::iam::CredentialReport;
    use posture_estate::services::iam::credential_report::fixtures::{at, root, row};

    #[test]
    fn a_password_needs_mfa() {
        let with =
            |password, mfa_active| ReportUser { password_enabled: Cell::Known(password), mfa_active, ..row("alice") };
        assert_eq!(judge(&with(true, true)).map(|v| v.status), Some(Status::Pass));
        assert_eq!(judge(&with(true, false)).map(|v| v.status), Some(Status::Fail));
        assert_eq!(judge(&with(false, false)), None, "semantics 21: without a password there is nothing to protect");
        let silent = ReportUser { password_enabled: Cell::NotSupported, ..row("alice") };
        assert_eq!(judge(&silent).map(|v| v.status), Some(Status::Unknown));
    }

    #[test]
    fn root_is_not_a_user() {
        let report = CredentialReport { generated: at("2026-01-01T00:00:00Z"), rows: vec![root(), row("alice")] };
        assert_eq!(report.users().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["alice"], "semantics 21");
    }
}
