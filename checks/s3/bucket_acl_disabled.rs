//! Is object ownership BucketOwnerEnforced, which takes every ACL out of force? A bucket without ownership controls predates
//! April 2023 and has its ACLs in force.

use super::per_bucket;
use crate::prelude::*;
use aws_sdk_s3::types::ObjectOwnership;
use posture_estate::services::s3::Bucket;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let ownership = at.s3().bucket_ownership(&bucket).await?;
        Ok(judge(&bucket, ownership.there()))
    })
    .await
}

fn judge(bucket: &Bucket, ownership: Option<&ObjectOwnership>) -> Verdict {
    let name = bucket.name();
    match ownership {
        Some(ObjectOwnership::BucketOwnerEnforced) => {
            Verdict::pass(format!("ACLs are disabled on bucket {name} (BucketOwnerEnforced)"))
        }
        Some(other) => Verdict::fail(
            "acls_in_force",
            format!("ACLs are in force on bucket {name}: object ownership is {}", other.as_str()),
        ),
        None => Verdict::fail(
            "no_ownership_controls",
            format!("ACLs are in force on bucket {name}: it has no ownership controls"),
        ),
    }
    .evidence(json!({ "object_ownership": ownership.map(ObjectOwnership::as_str) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_enforced_ownership_passes() {
        let b = Bucket::named("b");
        assert_eq!(judge(&b, Some(&ObjectOwnership::BucketOwnerEnforced)).status, Status::Pass);
        assert_eq!(judge(&b, Some(&ObjectOwnership::BucketOwnerPreferred)).status, Status::Fail);
        assert_eq!(judge(&b, Some(&ObjectOwnership::ObjectWriter)).status, Status::Fail);
        assert_eq!(judge(&b, None).status, Status::Fail);
    }
}
