//! Checks on CloudFormation's stacks.

use crate::prelude::*;
use posture_estate::services::cloudformation::Stack;

checks! { cloudformation;
    region cdk_bootstrap_current,
    region iac_coverage,
    region outputs_no_secrets,
    region stacks_not_drifted,
    region stacks_use_service_role,
}

/// A finding for each stack of the Region that `judge` judges; one that says `none` where it judges no stack.
async fn per_stack(at: &Region, none: &str, judge: impl Fn(&Stack) -> Option<Verdict>) -> Outcome {
    let stacks = at.cloudformation().stacks().await?;
    if stacks.is_empty() {
        return Ok(vec![Verdict::not_applicable("the Region has no stack").on(at.resource())]);
    }
    let findings: Vec<Finding> = stacks.iter().filter_map(|stack| Some(judge(stack)?.on(stack.resource()))).collect();
    match findings.is_empty() {
        true => Ok(vec![Verdict::not_applicable(none).on(at.resource())]),
        false => Ok(findings),
    }
}

/// A stack as the list has it.
#[cfg(test)]
fn stack(name: &str, more: &serde_json::Value) -> Stack {
    let arn = ["arn:aws:cloudformation:eu-west-1:111122223333:stack/", name, "/1f0a"].concat();
    let mut stack = json!({
        "StackId": arn,
        "StackName": name, "StackStatus": "UPDATE_COMPLETE",
    });
    stack.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(stack).unwrap()
}
