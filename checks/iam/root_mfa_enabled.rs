//! Does signing in as root take more than a password? `AccountMFAEnabled` decides; where it is off, an account whose
//! root credentials were removed centrally has nothing to protect, which only the credential report shows.

use crate::prelude::*;

pub async fn probe(at: &Account) -> Outcome {
    if at.partition() == "aws-us-gov" {
        let why = "the root user of a GovCloud account cannot sign in to the console and cannot have MFA";
        return Ok(vec![Verdict::not_applicable(why).on(at.resource())]);
    }
    let enabled = at.iam().account_summary().await?.root_mfa;
    let removed = if enabled { Ok(false) } else { at.iam().root_credentials_removed().await };
    Ok(vec![judge(enabled, removed).on(at.resource())])
}

fn judge(enabled: bool, removed: Result<bool, Gap>) -> Verdict {
    let verdict = match (enabled, removed) {
        (true, _) => Verdict::pass("the root user has MFA"),
        (false, Ok(true)) => {
            Verdict::pass("the root user has no password, access key or MFA device: its credentials are removed")
        }
        (false, Ok(false)) => Verdict::fail("no_mfa", "the root user has no MFA"),
        (false, Err(gap)) => return Verdict::unseen(&gap),
    };
    verdict.evidence(json!({ "AccountMFAEnabled": i32::from(enabled) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    #[test]
    fn mfa_or_no_credentials_at_all() {
        assert_eq!(judge(true, Ok(false)).status, Status::Pass);
        assert_eq!(judge(false, Ok(false)).status, Status::Fail);
        assert_eq!(
            judge(false, Ok(true)).status,
            Status::Pass,
            "semantics 16: a member account without root credentials"
        );
    }

    #[test]
    fn without_the_report_removal_is_unknown() {
        // semantics 23
        let gap = Gap::new("111122223333", "us-east-1", "iam:GetCredentialReport", GapKind::Denied, "no");
        assert_eq!(judge(false, Err(gap)).status, Status::Unknown);
    }
}
