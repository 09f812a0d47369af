//! The Well-Architected Tool: are workloads reviewed, does the review say that they are safe, and what does it attest?

mod choices;

use crate::prelude::*;
use posture_estate::services::wellarchitected::WorkloadSummary;

checks! { wellarchitected;
    region answers_attest_practices,
    region no_high_security_risk,
    region workloads_reviewed,
}

/// One finding for each workload of the Region that is the account's own; those shared with it are judged where they belong.
async fn per_workload<F, Fut>(at: &Region, judge: F) -> Result<Vec<Finding>, Gap>
where
    F: Fn(WorkloadSummary) -> Fut,
    Fut: Future<Output = Result<Verdict, Gap>>,
{
    let workloads = at.wellarchitected().workloads().await?;
    let listed = workloads.iter().map(|one| (one.resource(), format!("workload {}", one.workload_name), one.clone()));
    let judge = &judge;
    Ok(per(listed, &["ResourceNotFoundException"], |one| async move {
        match one.owner == at.account_id() {
            true => judge(one).await,
            false => Ok(Verdict::not_applicable(format!(
                "workload {} belongs to account {}, which reviews it",
                one.workload_name, one.owner
            ))),
        }
    })
    .await)
}

/// Says so where there is nothing to judge.
fn or_none(at: &Region, findings: Vec<Finding>) -> Vec<Finding> {
    if !findings.is_empty() {
        return findings;
    }
    let why = format!("no workload is defined in the Well-Architected Tool in {}", at.name());
    vec![Verdict::not_applicable(why).on(at.resource())]
}

/// Why the security pillar of a workload is not looked at.
fn without_framework(one: &WorkloadSummary) -> Option<Verdict> {
    let why = format!("workload {} is not reviewed by the lens of the Framework", one.workload_name);
    (!one.has_framework()).then(|| Verdict::not_applicable(why))
}
