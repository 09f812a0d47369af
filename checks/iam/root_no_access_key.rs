//! Keys and signing certificates of root work from anywhere, without MFA, and no policy of the account limits them.
//! The summary counts them; whether a certificate is active only the credential report says.

use crate::prelude::*;
use posture_estate::services::iam::{AccountSummary, ReportUser};

pub async fn probe(at: &Account) -> Outcome {
    let summary = at.iam().account_summary().await?;
    let verdict = if summary.root_signing_certificate {
        let report = at.iam().credential_report().await;
        judge(&summary, report.as_ref().map(|report| report.root()))
    } else {
        judge(&summary, Ok(None))
    };
    Ok(vec![verdict.on(at.resource())])
}

/// `root`: the root user's row, asked for only when there is a certificate.
fn judge(summary: &AccountSummary, root: Result<Option<&ReportUser>, &Gap>) -> Verdict {
    let mut reasons = Reasons::new();
    if summary.root_access_key {
        reasons.broken("access_key", "the root user has an access key");
    }
    if summary.root_signing_certificate {
        match root.map(|row| row.map(|row| (row.certificates.iter().any(|one| one.active), row.more_keys()))) {
            Ok(Some((true, _))) => {
                reasons.broken("signing_certificate", "the root user has an active signing certificate")
            }
            Ok(Some((false, None))) => {}
            Ok(Some((false, Some(why)))) => reasons.doubt(why),
            Ok(None) => reasons.doubt(
                "the root user has a signing certificate, and the credential report does not say whether it is active",
            ),
            Err(gap) => reasons.unseen(gap),
        }
    }
    reasons
        .or_pass(|| match summary.root_signing_certificate {
            true => "the root user has no access key, and its signing certificate is inactive".into(),
            false => "the root user has no access key and no signing certificate".into(),
        })
        .evidence(json!({
            "AccountAccessKeysPresent": i32::from(summary.root_access_key),
            "AccountSigningCertificatesPresent": i32::from(summary.root_signing_certificate),
        }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::iam::credential_report::fixtures;

    const CLEAN: AccountSummary =
        AccountSummary { root_mfa: true, root_access_key: false, root_signing_certificate: false, root_password: None };

    #[test]
    fn a_key_fails_and_none_passes() {
        assert_eq!(judge(&CLEAN, Ok(None)).status, Status::Pass);
        assert_eq!(judge(&AccountSummary { root_access_key: true, ..CLEAN }, Ok(None)).status, Status::Fail);
    }

    #[test]
    fn only_an_active_certificate_fails() {
        // semantics 86
        let with = AccountSummary { root_signing_certificate: true, ..CLEAN };
        let mut root = fixtures::root();
        assert_eq!(judge(&with, Ok(Some(&root))).status, Status::Pass);
        root.more_credentials = Some("1".into());
        assert_eq!(judge(&with, Ok(Some(&root))).status, Status::Unknown, "a third may be active");
        root.certificates[1].active = true;
        assert_eq!(judge(&with, Ok(Some(&root))).status, Status::Fail);
        assert_eq!(judge(&with, Ok(None)).status, Status::Unknown);
        let gap = Gap::new("111122223333", "us-east-1", "iam:GetCredentialReport", GapKind::Denied, "no");
        assert_eq!(judge(&with, Err(&gap)).status, Status::Unknown);
        assert_eq!(judge(&AccountSummary { root_access_key: true, ..with }, Err(&gap)).status, Status::Fail);
    }
}
