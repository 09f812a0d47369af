//! Does a key policy let everyone in? `kms:ViaService` alone limits the road, not the traveller: without `kms:CallerAccount` or a
//! limit on principals the key is open to every account.

use super::{name, per_key};
use crate::prelude::*;
use crate::public;
use aws_sdk_kms::types::KeyMetadata;
use posture_policy::Zone;

pub async fn probe(at: &Region) -> Outcome {
    let zone = &at.account().zone();
    per_key(at, |arn, key| async move {
        let policy = at.kms().key_policy(&arn).await?;
        Ok(judge(&key, &policy, zone))
    })
    .await
}

pub(super) fn judge(key: &KeyMetadata, policy: &str, zone: &Zone) -> Verdict {
    public::judge(&format!("the policy of key {}", name(key)), policy, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(principal: &str, condition: &str) -> Verdict {
        let key = KeyMetadata::builder().key_id("k").build().unwrap();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"{condition}}}]}}"#
        );
        judge(&key, &policy, &Zone::of("111122223333", "aws"))
    }

    #[test]
    fn the_account_itself_is_not_the_public() {
        assert_eq!(of("arn:aws:iam::111122223333:root", "").status, Status::Pass);
        assert_eq!(of("*", "").status, Status::Fail);
    }

    #[test]
    fn a_service_on_the_way_is_no_limit_but_the_caller_account_is() {
        // semantics 3
        let via = r#","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#;
        let both = r#","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333"}}"#;
        assert_eq!(of("*", via).status, Status::Fail);
        assert_eq!(of("*", both).status, Status::Pass);
    }

    #[test]
    fn a_key_that_can_be_had_back_is_judged() {
        // semantics 110
        use aws_sdk_kms::types::KeyState::{Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion};
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
        for state in [Enabled, Disabled, PendingDeletion, PendingReplicaDeletion, PendingImport] {
            let key = KeyMetadata::builder().key_id("k").key_state(state.clone()).build().unwrap();
            assert_eq!(judge(&key, policy, &Zone::of("111122223333", "aws")).status, Status::Fail, "{state}");
        }
    }

    #[test]
    fn what_is_no_policy_is_not_decided() {
        let key = KeyMetadata::builder().key_id("k").build().unwrap();
        assert_eq!(judge(&key, "{", &Zone::of("111122223333", "aws")).status, Status::Unknown);
    }
}
