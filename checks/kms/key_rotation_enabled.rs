//! Is automatic rotation on? Only an enabled symmetric encryption key whose material KMS made can rotate by itself; a
//! multi-Region replica rotates with its primary.

use super::{name, per_key};
use crate::prelude::*;
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, MultiRegionKeyType, OriginType};

pub async fn probe(at: &Region) -> Outcome {
    let in_scope = |region: &str| at.account().in_scope(region);
    per_key(at, |arn, key| async move {
        match set_apart(&key, in_scope) {
            Some(verdict) => Ok(verdict),
            None => Ok(judge(&key, &*at.kms().key_rotation(&arn).await?)),
        }
    })
    .await
}

/// The verdict on keys that are not to be asked about rotation.
fn set_apart(key: &KeyMetadata, in_scope: impl Fn(&str) -> bool) -> Option<Verdict> {
    let id = name(key);
    let (Some(spec), Some(origin), Some(state)) = (key.key_spec(), key.origin(), key.key_state()) else {
        return Some(Verdict::undecided(format!("KMS does not say of what kind key {id} is")));
    };
    let primary = key
        .multi_region_configuration()
        .filter(|m| m.multi_region_key_type() == Some(&MultiRegionKeyType::Replica))
        .and_then(|m| m.primary_key()?.region());
    let why = if spec != &KeySpec::SymmetricDefault {
        format!("is not a symmetric encryption key ({}), which cannot rotate by itself", spec.as_str())
    } else if origin != &OriginType::AwsKms {
        format!("has key material from elsewhere ({}), which KMS cannot rotate by itself", origin.as_str())
    } else if state != &KeyState::Enabled {
        format!("is not enabled ({})", state.as_str())
    } else if let Some(region) = primary.filter(|r| in_scope(r)) {
        format!("is a replica and judged by its primary key in {region}")
    } else {
        return None;
    };
    Some(Verdict::not_applicable(format!("key {id} {why}")))
}

fn judge(key: &KeyMetadata, rotation: &GetKeyRotationStatusOutput) -> Verdict {
    let id = name(key);
    match (rotation.key_rotation_enabled(), rotation.rotation_period_in_days()) {
        (true, Some(days)) => Verdict::pass(format!("key {id} rotates every {days} days")),
        (true, None) => Verdict::pass(format!("key {id} rotates automatically")),
        (false, _) => Verdict::fail("rotation_off", format!("key {id} does not rotate automatically")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::types::builders::KeyMetadataBuilder;
    use aws_sdk_kms::types::{MultiRegionConfiguration, MultiRegionKey};

    fn symmetric() -> KeyMetadataBuilder {
        KeyMetadata::builder()
            .key_id("k")
            .key_spec(KeySpec::SymmetricDefault)
            .origin(OriginType::AwsKms)
            .key_state(KeyState::Enabled)
    }

    fn apart(key: KeyMetadataBuilder) -> Option<Verdict> {
        set_apart(&key.build().unwrap(), |region| region == "eu-west-1")
    }

    #[test]
    fn only_keys_that_kms_can_rotate_are_asked() {
        // semantics 24
        assert!(apart(symmetric()).is_none());
        assert_eq!(apart(symmetric().key_spec(KeySpec::Rsa2048)).unwrap().status, Status::NotApplicable);
        assert_eq!(apart(symmetric().key_spec(KeySpec::Hmac256)).unwrap().status, Status::NotApplicable);
        for origin in [OriginType::External, OriginType::AwsCloudhsm, OriginType::ExternalKeyStore] {
            assert_eq!(apart(symmetric().origin(origin)).unwrap().status, Status::NotApplicable);
        }
        for state in [KeyState::Disabled, KeyState::PendingDeletion] {
            assert_eq!(apart(symmetric().key_state(state)).unwrap().status, Status::NotApplicable);
        }
        assert_eq!(apart(KeyMetadata::builder().key_id("k")).unwrap().status, Status::Unknown);
    }

    #[test]
    fn a_replica_is_asked_only_when_its_primary_is_out_of_scope() {
        // semantics 24
        let replica_of = |region: &str| {
            let configuration = MultiRegionConfiguration::builder()
                .multi_region_key_type(MultiRegionKeyType::Replica)
                .primary_key(MultiRegionKey::builder().region(region).build())
                .build();
            symmetric().multi_region_configuration(configuration)
        };
        assert_eq!(apart(replica_of("eu-west-1")).unwrap().status, Status::NotApplicable);
        assert!(apart(replica_of("us-east-1")).is_none());
    }

    #[test]
    fn rotation_on_passes_and_off_fails() {
        let key = symmetric().build().unwrap();
        let status = |on| GetKeyRotationStatusOutput::builder().key_rotation_enabled(on).build();
        assert_eq!(judge(&key, &status(true)).status, Status::Pass);
        assert_eq!(judge(&key, &status(false)).status, Status::Fail);
    }
}
