//! Findings, one or more for each of several things, asked for at once.

use crate::finding::Finding;

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
