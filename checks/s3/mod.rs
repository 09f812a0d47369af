//! S3 and S3 Control: buckets, access points and the names that AWS services expect.

use crate::estate::s3::{Bucket, says};
use crate::prelude::*;

checks! { s3;
    region  access_points_block_public,
    account account_block_public_access,
    account bucket_access_logging,
    account bucket_acl_disabled,
    account bucket_block_public_access,
    account bucket_cross_account_restricted,
    account bucket_encryption_kms,
    account bucket_lifecycle_configured,
    account bucket_mfa_delete_or_object_lock,
    account bucket_not_public,
    account bucket_policy_denies_http,
    account bucket_versioning_enabled,
    region  service_named_buckets_owned,
}

/// Buckets whose loss or staleness costs nothing, by name: they need neither versioning nor a lock.
const SCRATCH_BUCKETS: &[&str] = &[];

/// Tag keys that classify what a bucket holds, compared without case and separators.
const CLASSIFYING_TAGS: &[&str] =
    &["classification", "dataclassification", "dataclass", "datasensitivity", "sensitivity", "confidentiality"];

/// Values of those tags that call for protection, compared without case and separators.
const SENSITIVE_VALUES: &[&str] = &[
    "confidential",
    "critical",
    "high",
    "highlyconfidential",
    "pci",
    "phi",
    "pii",
    "private",
    "regulated",
    "restricted",
    "secret",
    "sensitive",
    "strictlyconfidential",
    "topsecret",
];

/// One finding for each bucket in scope, asked concurrently. A gap makes that bucket unknown; a bucket that was deleted after
/// it was listed is no longer there to be judged.
async fn per_bucket<F, Fut>(at: &Account, judge: F) -> Outcome
where
    F: Fn(Bucket) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let buckets = at.buckets_in_scope().await?;
    let findings = buckets.into_iter().map(|bucket| {
        let resource = at.bucket(&bucket);
        let name = bucket.name.clone();
        let verdict = judge(bucket);
        async move {
            match verdict.await {
                Ok(verdict) => verdict,
                Err(gap) if vanished(&gap) => {
                    Verdict::not_applicable(format!("bucket {name} was deleted while the scan ran"))
                }
                Err(gap) => Verdict::unseen(&gap),
            }
            .on(resource)
        }
    });
    Ok(join_all(findings).await)
}

fn vanished(gap: &Gap) -> bool {
    says(gap, "NoSuchBucket")
}

fn is_scratch(bucket: &Bucket) -> bool {
    SCRATCH_BUCKETS.contains(&bucket.name())
}

/// The tag that calls the bucket's data sensitive, as "key=value".
fn sensitive_tag(tags: Option<&Vec<(String, String)>>) -> Option<String> {
    tags?
        .iter()
        .find(|(k, v)| CLASSIFYING_TAGS.contains(&plain(k).as_str()) && SENSITIVE_VALUES.contains(&plain(v).as_str()))
        .map(|(k, v)| format!("{k}={v}"))
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_classifies_whatever_its_spelling() {
        let tags = |k: &str, v: &str| Some(vec![(k.to_owned(), v.to_owned())]);
        assert_eq!(
            sensitive_tag(tags("Data-Classification", "PII").as_ref()).as_deref(),
            Some("Data-Classification=PII")
        );
        assert_eq!(
            sensitive_tag(tags("sensitivity", "Highly Confidential").as_ref()).as_deref(),
            Some("sensitivity=Highly Confidential")
        );
        assert_eq!(sensitive_tag(tags("classification", "public").as_ref()), None);
        assert_eq!(sensitive_tag(tags("team", "secret").as_ref()), None);
        assert_eq!(sensitive_tag(None), None);
    }
}
