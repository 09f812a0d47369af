//! CloudWatch Logs: how long log groups keep, who encrypts, what is masked, and who else may write.

mod masked;

use crate::prelude::*;
use posture_estate::services::logs::LogGroup;

checks! { logs;
    region data_protection_policy,
    region group_kms_encrypted,
    region group_retention_set,
    region policies_not_public,
}

/// One finding for each log group of the Region.
async fn per_group<F, Fut>(at: &Region, judge: F) -> Outcome
where
    F: Fn(LogGroup) -> Fut,
    Fut: Future<Output = Verdict>,
{
    let groups = at.logs().log_groups().await?;
    if groups.is_empty() {
        return Ok(vec![none(at).on(at.resource())]);
    }
    let judge = &judge;
    Ok(each(groups.iter(), |group| {
        let (verdict, resource) = (judge(group.clone()), group.resource());
        async move { verdict.await.on(resource) }
    })
    .await)
}

fn none(at: &Region) -> Verdict {
    Verdict::not_applicable(format!("there is no log group in {}", at.name()))
}

#[cfg(test)]
fn example(more: &serde_json::Value) -> LogGroup {
    let mut group =
        json!({ "logGroupName": "/app/a", "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/app/a:*" });
    if let (Some(group), Some(more)) = (group.as_object_mut(), more.as_object()) {
        group.extend(more.clone());
    }
    serde_json::from_value(group).unwrap()
}
