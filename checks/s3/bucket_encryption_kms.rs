//! Which default encryption does a bucket have? S3 encrypts every object since 2023, so SSE-S3 fails only where a tag calls
//! the data sensitive; the tags are asked only then.

use super::{Classes, per_bucket};
use crate::prelude::*;
use aws_sdk_s3::types::{ServerSideEncryption, ServerSideEncryptionByDefault};
use posture_estate::services::s3::Bucket;

/// Tag keys that classify what a bucket holds.
const CLASSIFYING_TAGS: Setting<[String]> = setting!(bucket_encryption_kms.classifying_tags);

/// Values of those tags that call for protection.
const SENSITIVE_VALUES: Setting<[String]> = setting!(bucket_encryption_kms.sensitive_values);

pub async fn probe(at: &Account) -> Outcome {
    let classes = Classes { tags: at.setting(CLASSIFYING_TAGS), values: at.setting(SENSITIVE_VALUES) };
    per_bucket(at, |bucket| async move {
        let encryption = at.s3().bucket_encryption(&bucket).await?;
        let Some(default) = encryption.as_ref() else {
            return Ok(Verdict::fail(
                "no_default_encryption",
                format!("bucket {} has no default encryption", bucket.name()),
            ));
        };
        if uses_kms(default) {
            return Ok(judge(&bucket, default, None));
        }
        let tags = at.s3().bucket_tags(&bucket).await?;
        Ok(judge(&bucket, default, classes.sensitive(tags.there())))
    })
    .await
}

fn uses_kms(default: &ServerSideEncryptionByDefault) -> bool {
    matches!(default.sse_algorithm(), ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
}

fn judge(bucket: &Bucket, default: &ServerSideEncryptionByDefault, sensitive: Option<String>) -> Verdict {
    let (name, algorithm) = (bucket.name(), default.sse_algorithm().as_str());
    match (uses_kms(default), sensitive) {
        (true, _) => Verdict::pass(format!("bucket {name} encrypts with {algorithm} by default")),
        (false, None) => {
            Verdict::pass(format!("bucket {name} encrypts with {algorithm} by default and no tag calls for KMS"))
        }
        (false, Some(tag)) => Verdict::fail(
            "sensitive_without_kms",
            format!("bucket {name} is tagged {tag} but encrypts with {algorithm} by default, not KMS"),
        ),
    }
    .evidence(json!({ "algorithm": algorithm, "kms_key": default.kms_master_key_id() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: ServerSideEncryption, tag: Option<&str>) -> Verdict {
        let default = ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).build().unwrap();
        judge(&Bucket::named("b"), &default, tag.map(str::to_owned))
    }

    #[test]
    fn sensitive_data_needs_kms_and_the_rest_does_not() {
        // semantics 13
        assert_eq!(of(ServerSideEncryption::AwsKms, None).status, Status::Pass);
        assert_eq!(of(ServerSideEncryption::AwsKmsDsse, Some("classification=pii")).status, Status::Pass);
        assert_eq!(of(ServerSideEncryption::Aes256, None).status, Status::Pass);
        assert_eq!(of(ServerSideEncryption::Aes256, Some("classification=pii")).status, Status::Fail);
    }
}
