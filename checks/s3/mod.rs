//! S3 and S3 Control: buckets, access points and the names that AWS services expect.

use crate::prelude::*;
use posture_estate::services::s3::Bucket;

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

/// One finding for each bucket in scope, asked concurrently. A gap makes that bucket unknown; a bucket that was deleted after
/// it was listed is no longer there to be judged.
async fn per_bucket<F, Fut>(at: &Account, judge: F) -> Outcome
where
    F: Fn(Bucket) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let buckets = at.s3().buckets_in_scope().await?;
    let listed = buckets.into_iter().map(|bucket| (at.s3().bucket(&bucket), format!("bucket {}", bucket.name), bucket));
    Ok(per(listed, &[GONE], judge).await)
}

/// How S3 says that a bucket is no longer there.
const GONE: &str = "NoSuchBucket";

/// The tags that classify what a bucket holds, and their values that call for protection; case and separators do not matter.
#[derive(Clone, Copy)]
struct Classes<'a> {
    tags: &'a [String],
    values: &'a [String],
}

impl Classes<'_> {
    /// The tag that calls the bucket's data sensitive, as "key=value".
    fn sensitive(self, tags: Option<&Vec<(String, String)>>) -> Option<String> {
        let among = |list: &[String], text: &str| list.iter().any(|one| plain(one) == plain(text));
        let found = tags?.iter().find(|(key, value)| among(self.tags, key) && among(self.values, value));
        found.map(|(key, value)| format!("{key}={value}"))
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_classifies_whatever_its_spelling() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (keys, values) =
            (list(&["data-classification", "sensitivity", "classification"]), list(&["pii", "highly-confidential"]));
        let standard = |tags: Option<&Vec<_>>| Classes { tags: &keys, values: &values }.sensitive(tags);
        let tags_of = |k: &str, v: &str| Some(vec![(k.to_owned(), v.to_owned())]);
        assert_eq!(
            standard(tags_of("Data-Classification", "PII").as_ref()).as_deref(),
            Some("Data-Classification=PII")
        );
        assert_eq!(
            standard(tags_of("sensitivity", "Highly Confidential").as_ref()).as_deref(),
            Some("sensitivity=Highly Confidential")
        );
        assert_eq!(standard(tags_of("classification", "public").as_ref()), None);
        assert_eq!(standard(tags_of("team", "secret").as_ref()), None);
        assert_eq!(standard(None), None);
    }
}
