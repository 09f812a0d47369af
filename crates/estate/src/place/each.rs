//! Findings, one or more for each of several things, asked for at once.

use crate::finding::{Finding, Gap, Resource, Verdict};

/// Runs `work` on every item at once and gives the findings in the order of the items.
pub async fn each<I, W, F, R>(items: I, work: W) -> Vec<Finding>
where
    I: IntoIterator,
    W: FnMut(I::Item) -> F,
    F: Future<Output = R>,
    R: IntoFindings,
{
    let results = futures_util::future::join_all(items.into_iter().map(work)).await;
    results.into_iter().flat_map(IntoFindings::into_findings).collect()
}

/// One finding for each of several resources, asked for at once. A gap makes that one unknown; one that was deleted after it
/// was listed (`gone`: the error codes that say so) is no longer there to be judged.
pub async fn per<T, F>(
    resources: impl IntoIterator<Item = (Resource, String, T)>,
    gone: &[&str],
    judge: impl Fn(T) -> F,
) -> Vec<Finding>
where
    F: Future<Output = Result<Verdict, Gap>>,
{
    each(resources, |(resource, name, it)| {
        let verdict = judge(it);
        async move {
            let verdict = verdict.await.unwrap_or_else(|gap| {
                if gone.iter().any(|code| gap.is(code)) {
                    return Verdict::not_applicable(format!("{name} was deleted while the scan ran"));
                }
                Verdict::unseen(&gap)
            });
            verdict.on(resource)
        }
    })
    .await
}

/// One finding, some, or many.
pub trait IntoFindings {
    fn into_findings(self) -> Vec<Finding>;
}

impl IntoFindings for Finding {
    fn into_findings(self) -> Vec<Finding> {
        vec![self]
    }
}

impl IntoFindings for Option<Finding> {
    fn into_findings(self) -> Vec<Finding> {
        self.into_iter().collect()
    }
}

impl IntoFindings for Vec<Finding> {
    fn into_findings(self) -> Vec<Finding> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{GapKind, Status};

    #[tokio::test]
    async fn what_is_gone_meanwhile_is_not_judged_and_what_is_denied_is_unknown() {
        // semantics 14
        let resources =
            ["NoSuchBucket", "AccessDenied", ""].map(|code| (Resource::new("arn", "k", "id"), "bucket b".into(), code));
        let findings = per(resources, &["NoSuchBucket"], |code| async move {
            if code.is_empty() {
                return Ok(Verdict::pass("fine"));
            }
            Err(Gap::new("1", "r", "s3:GetBucketPolicy", GapKind::Denied, "no").with_code(Some(code.to_owned())))
        })
        .await;
        let statuses: Vec<Status> = findings.iter().map(|finding| finding.verdict.status).collect();
        assert_eq!(statuses, [Status::NotApplicable, Status::Unknown, Status::Pass]);
        assert_eq!(findings[0].verdict.message, "bucket b was deleted while the scan ran");
    }
}
