//! Does somebody hear of it when a key is disabled or deleted, or when the access to a bucket is changed?

use super::kinds::Changes;
use super::telling;
use crate::prelude::*;

const CHANGES: [Changes; 2] = [
    Changes {
        key: "key-deletion",
        what: "keys that are disabled or scheduled for deletion",
        source: "kms",
        names: &["DisableKey", "ScheduleKeyDeletion"],
    },
    Changes {
        key: "bucket-policy-changes",
        what: "changes of bucket policies",
        source: "s3",
        names: &[
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketPolicy",
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketReplication",
        ],
    },
];

pub async fn probe(at: &Account) -> Outcome {
    telling::judge(at, CHANGES.iter().map(|changes| changes.kind(at.regions())).collect()).await
}
