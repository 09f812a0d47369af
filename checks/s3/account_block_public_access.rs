//! Are all four block public access settings on for the account? Settings that an S3 policy of the organization imposes appear in
//! the same answer, so they count.

use crate::prelude::*;
use posture_estate::services::s3::PublicAccessBlock;

pub async fn probe(at: &Account) -> Outcome {
    let settings = at.s3control().account_public_access_block().await?;
    Ok(vec![judge(at.account_id(), settings.as_ref().as_ref()).on(at.resource())])
}

fn judge(account: &str, settings: Option<&PublicAccessBlock>) -> Verdict {
    let Some(settings) = settings else {
        return Verdict::fail("no_settings", format!("account {account} has no block public access settings"));
    };
    let off = settings.off();
    match off.is_empty() {
        true => Verdict::pass(format!("all four block public access settings are on for account {account}")),
        false => Verdict::fail("settings_off", format!("{} off for account {account}", are(&off))),
    }
    .evidence(json!({ "off": off }))
}

fn are(off: &[&str]) -> String {
    format!("{} {}", off.join(", "), if off.len() == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_pass_and_any_other_number_fails() {
        assert_eq!(judge("1", Some(&PublicAccessBlock::ALL)).status, Status::Pass);
        let three = PublicAccessBlock { restrict_public_buckets: false, ..PublicAccessBlock::ALL };
        let verdict = judge("1", Some(&three));
        assert_eq!(verdict.status, Status::Fail);
        assert_eq!(verdict.message, "RestrictPublicBuckets is off for account 1");
        assert_eq!(judge("1", None).status, Status::Fail);
    }
}
