//! Does a lifecycle rule bound what a bucket keeps? In a bucket with versions, deleting only hides: there the rule must reach
//! the noncurrent versions. Aborting uploads and removing delete markers bound nothing.

use super::per_bucket;
use crate::prelude::*;
use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule};
use posture_estate::services::s3::Bucket;

pub async fn probe(at: &Account) -> Outcome {
    per_bucket(at, |bucket| async move {
        let rules = at.s3().bucket_lifecycle(&bucket).await?;
        let Some(rules) = rules.there().filter(|r| r.iter().any(is_enabled)) else {
            return Ok(Verdict::fail("no_rule", format!("bucket {} has no enabled lifecycle rule", bucket.name())));
        };
        let versioning = at.s3().bucket_versioning(&bucket).await?;
        Ok(judge(&bucket, rules, versioning.status().is_some()))
    })
    .await
}

/// `versioned`: versioning is or was on, so that the bucket can hold noncurrent versions.
fn judge(bucket: &Bucket, rules: &[LifecycleRule], versioned: bool) -> Verdict {
    let name = bucket.name();
    let enabled = || rules.iter().filter(|r| is_enabled(r));
    let noncurrent = enabled().any(bounds_noncurrent);
    let current = enabled().any(bounds_current);
    match (versioned, current, noncurrent) {
        (true, _, true) => {
            Verdict::pass(format!("a lifecycle rule of bucket {name} expires or moves noncurrent versions"))
        }
        (true, true, false) => Verdict::fail(
            "noncurrent_unbounded",
            format!("bucket {name} has versions, but no enabled lifecycle rule expires or moves noncurrent ones"),
        ),
        (false, true, _) => Verdict::pass(format!("a lifecycle rule of bucket {name} expires or moves objects")),
        (_, false, _) => Verdict::fail(
            "objects_unbounded",
            format!("no enabled lifecycle rule of bucket {name} expires or moves objects"),
        ),
    }
    .evidence(json!({ "enabled_rules": enabled().count(), "versioned": versioned }))
}

fn is_enabled(rule: &LifecycleRule) -> bool {
    rule.status() == &ExpirationStatus::Enabled
}

fn bounds_current(rule: &LifecycleRule) -> bool {
    let expires = rule.expiration().is_some_and(|e| e.days().is_some() || e.date().is_some());
    expires || !rule.transitions().is_empty()
}

fn bounds_noncurrent(rule: &LifecycleRule) -> bool {
    let expires = rule.noncurrent_version_expiration().is_some_and(|e| e.noncurrent_days().is_some());
    expires || !rule.noncurrent_version_transitions().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::builders::LifecycleRuleBuilder;
    use aws_sdk_s3::types::{
        AbortIncompleteMultipartUpload, LifecycleExpiration, NoncurrentVersionExpiration, Transition,
    };

    fn rule(status: ExpirationStatus, with: fn(LifecycleRuleBuilder) -> LifecycleRuleBuilder) -> LifecycleRule {
        with(LifecycleRule::builder().status(status)).build().unwrap()
    }

    fn expires(rule: LifecycleRuleBuilder) -> LifecycleRuleBuilder {
        rule.expiration(LifecycleExpiration::builder().days(30).build())
    }

    fn expires_noncurrent(rule: LifecycleRuleBuilder) -> LifecycleRuleBuilder {
        rule.noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(30).build())
    }

    fn of(rule: LifecycleRule, versioned: bool) -> Verdict {
        judge(&Bucket::named("b"), &[rule], versioned)
    }

    #[test]
    fn without_versions_objects_must_expire_or_move() {
        assert_eq!(of(rule(ExpirationStatus::Enabled, expires), false).status, Status::Pass);
        assert_eq!(
            of(rule(ExpirationStatus::Enabled, |r| r.transitions(Transition::builder().days(90).build())), false)
                .status,
            Status::Pass
        );
        assert_eq!(of(rule(ExpirationStatus::Disabled, expires), false).status, Status::Fail);
        assert_eq!(of(rule(ExpirationStatus::Enabled, expires_noncurrent), false).status, Status::Fail);
    }

    #[test]
    fn with_versions_noncurrent_ones_must() {
        assert_eq!(of(rule(ExpirationStatus::Enabled, expires_noncurrent), true).status, Status::Pass);
        assert_eq!(of(rule(ExpirationStatus::Enabled, expires), true).status, Status::Fail);
    }

    #[test]
    fn housekeeping_bounds_nothing() {
        let abort = |r: LifecycleRuleBuilder| {
            let after = AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build();
            r.abort_incomplete_multipart_upload(after)
                .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
        };
        assert_eq!(of(rule(ExpirationStatus::Enabled, abort), false).status, Status::Fail);
        assert_eq!(of(rule(ExpirationStatus::Enabled, abort), true).status, Status::Fail);
    }
}
