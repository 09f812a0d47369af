//! The buckets that trails deliver to, each judged once.

use crate::finding::Verdict;
use crate::place::{Account, Outcome, each};
use crate::services::s3::Bucket;

/// One finding for each bucket that a trail delivers to, by `judge`. The bucket of another account is judged too if S3 tells
/// us where it is; that it does not is the rule, and then only a scan of the account that owns it can judge it. A bucket that
/// nobody owns fails, whatever is asked of it (`bucket_gone`): who makes one of that name receives the logs.
pub async fn delivery_buckets<F: Future<Output = Verdict>>(at: &Account, judge: impl Fn(Bucket) -> F) -> Outcome {
    let (trails, own) = tokio::join!(at.cloudtrail().trails(), at.s3().buckets());
    let trails = trails?;
    let buckets = trails.buckets();
    let judge = &judge;
    let findings = each(&buckets, |(name, trails)| {
        let own = own.as_ref();
        async move {
            let ours = own.is_ok_and(|own| own.iter().any(|own| own.name() == name));
            if !ours && at.s3().is_nobodys(name).await {
                return nobodys(name, trails).on(at.s3().bucket(&Bucket::named(name)));
            }
            let bucket = match own {
                Ok(_) => at.s3().bucket_named(name).await,
                Err(gap) => return Verdict::unseen(gap).on(at.s3().bucket(&Bucket::named(name))),
            };
            let resource = at.s3().bucket(&bucket);
            if bucket.region().is_none() && !ours {
                return not_ours(name, trails).on(resource);
            }
            judge(bucket).await.on(resource)
        }
    });
    Ok(findings.await.into_iter().chain(trails.unseen(at)).collect())
}

fn not_ours(bucket: &str, trails: &[String]) -> Verdict {
    let trails = trails.join(", ");
    Verdict::undecided(format!(
        "bucket {bucket} of trail {trails} is not among the buckets of this account; the account that owns it has to be scanned"
    ))
}

fn nobodys(bucket: &str, trails: &[String]) -> Verdict {
    let trails = trails.join(", ");
    Verdict::fail(
        "bucket_gone",
        format!("bucket {bucket} of trail {trails} does not exist; whoever makes a bucket of this name receives its logs"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    #[test]
    fn a_bucket_that_nobody_owns_fails_and_one_of_another_account_is_unknown() {
        // semantics 111
        let trails = ["main".to_owned(), "old".to_owned()];
        let gone = nobodys("trail-gone", &trails);
        assert_eq!((gone.status, gone.reasons), (Status::Fail, vec!["bucket_gone"]));
        assert!(gone.message.starts_with("bucket trail-gone of trail main, old does not exist"));
        assert_eq!(not_ours("archive", &trails).status, Status::Unknown);
    }
}
