//! KMS: customer managed keys.

use crate::prelude::*;
use aws_sdk_kms::types::KeyMetadata;
use posture_estate::services::kms::Key;

checks! { kms;
    region key_admin_and_use_separated,
    region key_policy_not_public,
    region key_rotation_enabled,
    region no_unintended_deletion,
}

/// One finding for each customer key in the Region, asked concurrently. A key that was deleted after it was listed is no
/// longer there to be judged.
async fn per_key<F, Fut>(at: &Region, judge: F) -> Outcome
where
    F: Fn(String, Arc<KeyMetadata>) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let keys = at.kms().customer_keys().await?;
    let listed = keys.into_iter().map(|key| (key.resource(), format!("key {}", key.id), key));
    let judge = &judge;
    Ok(per(listed, &["NotFoundException"], |Key { arn, metadata, .. }| async move { judge(arn, metadata?).await })
        .await)
}

/// What a message calls a key: its id, shorter than the ARN and just as unique in its Region.
fn name(key: &KeyMetadata) -> &str {
    key.key_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::key_powers::Powers;
    use posture_policy::Zone;

    /// Keys that say who calls or for whom, each with a value that is not ours.
    const FOREIGN: [(&str, &str); 16] = [
        ("kms:CallerAccount", "999999999999"),
        ("aws:PrincipalAccount", "999999999999"),
        ("aws:PrincipalArn", "arn:aws:iam::999999999999:role/x"),
        ("aws:PrincipalOrgID", "o-stranger"),
        ("aws:PrincipalOrgPaths", "o-stranger/r-ab12/"),
        ("aws:userid", "AIDASTRANGER"),
        ("aws:SourceAccount", "999999999999"),
        ("aws:SourceOwner", "999999999999"),
        ("aws:SourceArn", "arn:aws:sns:eu-west-1:999999999999:topic"),
        ("aws:SourceOrgID", "o-stranger"),
        ("aws:SourceVpce", "vpce-1a2b3c4d"),
        ("aws:VpceAccount", "999999999999"),
        ("aws:PrincipalTag/team", "red"),
        ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        ("aws:PrincipalType", "User"),
        ("aws:SomethingNew", "x"),
    ];

    #[test]
    fn neither_check_leaves_everyone_under_a_condition_to_the_other() {
        let zone = &Zone::of("111122223333", "aws");
        let key = KeyMetadata::builder().key_id("k").build().unwrap();
        for (name, value) in FOREIGN {
            for operator in ["StringEquals", "StringLike", "StringEqualsIfExists", "StringNotEquals"] {
                for set in ["", "ForAnyValue:", "ForAllValues:"] {
                    let condition = format!(r#""{set}{operator}":{{"{name}":"{value}"}}"#);
                    let allow = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*""#;
                    let policy =
                        format!(r#"{{"Version":"2012-10-17","Statement":[{allow},"Condition":{{{condition}}}}}]}}"#);
                    let public = key_policy_not_public::judge(&key, &policy, zone).status;
                    let powers = Powers::read(&policy, &[], zone).unwrap();
                    let apart = key_admin_and_use_separated::judge(&key, &powers, zone, None).status;
                    assert!(public != Status::Pass || apart != Status::Pass, "{condition}");
                    let sure = [public, apart].contains(&Status::Fail);
                    assert!(
                        sure || name == "aws:SomethingNew" || set == "ForAllValues:" || operator.ends_with("IfExists")
                    );
                }
            }
        }
    }
}
