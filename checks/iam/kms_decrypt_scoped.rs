//! Decryption with every key, by policies that the customer wrote. Each is judged as it stands, attached or not.

use crate::prelude::*;
use posture_estate::identities::{Written, written};
use posture_policy::{Decision, allows_everywhere};

/// The actions that turn ciphertext into something that the caller can read.
const DECRYPTING: &[&str] = &["kms:Decrypt", "kms:ReEncryptFrom"];

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    Ok(written(&details)
        .iter()
        .filter(|policy| policy.is_own())
        .map(|policy| policy.finding(at, judge(policy)))
        .collect())
}

fn judge(policy: &Written<'_>) -> Verdict {
    let label = policy.label();
    policy.judged(|document| {
        let mut reasons = Reasons::new();
        for action in DECRYPTING {
            match allows_everywhere(&[document], action, policy.context) {
                Decision::Yes(_) => {
                    reasons.broken("decrypts_with_every_key", format!("{label} allows {action} on every key"))
                }
                Decision::CannotTell(why) => reasons.doubt(format!("{label} may allow {action} on every key: {why}")),
                Decision::No(_) => {}
            }
        }
        reasons.or_pass(|| format!("{label} does not allow decryption with every key"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::identities::fixtures::{allowing, managed, role};
    use posture_estate::services::iam::AuthorizationDetails;

    fn status(document: &str) -> Status {
        let details = AuthorizationDetails { roles: vec![role("app", document)], ..Default::default() };
        judge(&written(&details)[0]).status
    }

    #[test]
    fn one_key_passes_every_key_fails() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(status(&allowing("kms:Decrypt kms:GenerateDataKey", key)), Status::Pass);
        assert_eq!(status(&allowing("kms:Encrypt", "*")), Status::Pass);
        assert_eq!(status(&allowing("kms:Decrypt", "*")), Status::Fail);
        assert_eq!(status(&allowing("KMS:ReEncrypt*", "*")), Status::Fail);
        assert_eq!(status(&allowing("kms:de*", "arn:aws:kms:*:*:key/*")), Status::Fail);
    }

    #[test]
    fn keys_of_others_and_aliases_are_not_every_key() {
        // semantics 119
        let status = |resource: &str| {
            let document = allowing("kms:Decrypt", resource);
            let mut details = AuthorizationDetails { roles: vec![role("app", &document)], ..Default::default() };
            details.context = posture_policy::Context::of("111122223333", "aws");
            judge(&written(&details)[0]).status
        };
        assert_eq!(status("arn:aws:kms:*:111122223333:key/*"), Status::Fail);
        assert_eq!(status("arn:aws:kms:*:444455556666:key/*"), Status::Pass);
        assert_eq!(status("arn:aws:kms:*:*:alias/*"), Status::Pass);
    }

    #[test]
    fn a_tag_limits_only_keys_that_must_have_it() {
        // semantics 59
        let with = |condition: &str| {
            status(&format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{{{condition}}}}}}}"#
            ))
        };
        assert_eq!(with(r#""StringEquals":{"aws:ResourceTag/team":"data"}"#), Status::Pass);
        assert_eq!(with(r#""StringEqualsIfExists":{"aws:ResourceTag/team":"data"}"#), Status::Fail);
        assert_eq!(with(r#""ForAllValues:StringEquals":{"kms:ResourceAliases":"alias/app"}"#), Status::Fail);
        assert_eq!(with(r#""ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/app"}"#), Status::Pass);
    }

    #[test]
    fn an_unreadable_document_is_unknown() {
        assert_eq!(status("{"), Status::Unknown);
    }

    #[test]
    fn policies_of_aws_are_not_judged() {
        let policies = vec![managed("arn:aws:iam::111122223333:policy/app", &allowing("kms:*", "*"))];
        let details = AuthorizationDetails { policies, ..Default::default() };
        let all = written(&details);
        assert!(all[0].is_own());
        assert_eq!(judge(&all[0]).status, Status::Fail, "unattached is judged too");
    }
}
