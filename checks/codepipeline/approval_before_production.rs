//! Does somebody, or a rule, say yes before a pipeline deploys to production?

use super::listed::{judged, none, pipelines};
use super::names::Names;
use crate::prelude::*;
use posture_estate::services::codepipeline::{Pipeline, PipelineAction, PipelineStage};

/// What pipelines, stages, actions and what they deploy to are called if they are production.
const PRODUCTION: Setting<Patterns> = setting!(approval_before_production.production_names);
/// And if they are not.
const OTHERS: Setting<Patterns> = setting!(approval_before_production.other_names);
/// Accounts of production.
const ACCOUNTS: Setting<[String]> = setting!(approval_before_production.production_accounts);

pub async fn probe(at: &Region) -> Outcome {
    let listed = pipelines(at).await?;
    if listed.is_empty() {
        return Ok(vec![none(at)]);
    }
    let names = Names {
        production: at.setting(PRODUCTION),
        others: at.setting(OTHERS),
        accounts: at.setting(ACCOUNTS),
        own: at.account_id(),
    };
    Ok(judged(listed, |pipeline| judge(pipeline, &names)))
}

fn judge(pipeline: &Pipeline, names: &Names<'_>) -> Verdict {
    let (name, mut reasons) = (&pipeline.name, Reasons::new());
    let (mut guarded, mut deploys) = (Vec::new(), false);
    for (index, stage) in pipeline.stages.iter().enumerate() {
        for action in &stage.actions {
            let Some(production) = names.deploys_to_production(pipeline, stage, action) else { continue };
            deploys = true;
            let what = format!("action {} in stage {} of pipeline {name}", action.name, stage.name);
            match (production, guard(pipeline, index, action)) {
                (Some(false), _) => {}
                (_, Some(true)) => guarded.push(stage.name.as_str()),
                (Some(true), Some(false)) => {
                    reasons.broken("no_approval", format!("{what} deploys to production without an approval or a rule before it"));
                }
                (None, Some(false)) => reasons.doubt(format!(
                    "{what} deploys without an approval or a rule before it, and its names do not say whether that is production"
                )),
                (_, None) => reasons.doubt(format!("what happens where the conditions before {what} do not hold is not known")),
            }
        }
    }
    if reasons.is_empty() && guarded.is_empty() {
        let what = if deploys { "to nothing that is called production" } else { "nothing" };
        return Verdict::not_applicable(format!("pipeline {name} deploys {what}"));
    }
    guarded.dedup();
    reasons.or_pass(|| format!("an approval or a rule stands before stage {} of pipeline {name}", guarded.join(", ")))
}

/// Whether an approval or a condition comes before the action of this stage; `None` when a condition is not known.
fn guard(pipeline: &Pipeline, index: usize, action: &PipelineAction) -> Option<bool> {
    let (before, from) = pipeline.stages.split_at(index);
    let approves =
        |stage: &PipelineStage, by: i64| stage.actions.iter().any(|one| one.is("Approval") && one.order() < by);
    if before.iter().any(|stage| approves(stage, i64::MAX))
        || from.first().is_some_and(|stage| approves(stage, action.order()))
    {
        return Some(true);
    }
    let entry = from.first().and_then(|stage| stage.before_entry.as_ref());
    let left = before.iter().filter_map(|stage| stage.on_success.as_ref());
    let stops: Vec<Option<bool>> = entry.into_iter().chain(left).map(|conditions| conditions.stop()).collect();
    if stops.contains(&Some(true)) {
        return Some(true);
    }
    (!stops.contains(&None)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codepipeline::fixtures::{action, pipeline, stage};
    use serde_json::Value;

    fn of(stages: &[Value], accounts: &[&str]) -> Verdict {
        let accounts: Vec<String> = accounts.iter().map(|&one| one.to_owned()).collect();
        let names = Names {
            production: PRODUCTION.default_value(),
            others: OTHERS.default_value(),
            accounts: &accounts,
            own: "111122223333",
        };
        judge(&pipeline(stages), &names)
    }

    fn deploy() -> Value {
        action("Deploy/CloudFormation", json!({ "StackName": "app" }))
    }

    fn approval(order: u32) -> Value {
        let mut approval = action("Approval/Manual", json!({}));
        approval["runOrder"] = order.into();
        approval
    }

    #[test]
    fn an_approval_stands_before_production() {
        assert_eq!(of(&[stage("Prod", &[deploy()])], &[]).reasons, ["no_approval"]);
        assert_eq!(of(&[stage("Approve", &[approval(1)]), stage("Prod", &[deploy()])], &[]).status, Status::Pass);
        assert_eq!(of(&[stage("Prod", &[deploy()]), stage("Approve", &[approval(1)])], &[]).status, Status::Fail);
    }

    #[test]
    fn within_a_stage_the_order_of_running_decides() {
        // semantics 151
        let mut late = deploy();
        late["runOrder"] = 2.into();
        assert_eq!(of(&[stage("Prod", &[approval(1), late])], &[]).status, Status::Pass);
        assert_eq!(of(&[stage("Prod", &[approval(1), deploy()])], &[]).status, Status::Fail, "both run at once");
    }

    #[test]
    fn conditions_with_rules_count() {
        // semantics 151
        let with = |member: &str, result: &str, rules: Value, production: bool| {
            let conditions = json!({ "conditions": [{ "result": result, "rules": rules }] });
            let (mut test, mut prod) =
                (stage("Test", &[action("Build/CodeBuild", json!({}))]), stage("Production", &[deploy()]));
            (if production { &mut prod } else { &mut test })[member] = conditions;
            of(&[test, prod], &[]).status
        };
        let rules = || json!([{ "name": "window" }]);
        assert_eq!(with("beforeEntry", "FAIL", rules(), true), Status::Pass);
        assert_eq!(with("onSuccess", "FAIL", rules(), false), Status::Pass);
        assert_eq!(with("beforeEntry", "FAIL", json!([]), true), Status::Fail);
        assert_eq!(with("onSuccess", "ROLLBACK", rules(), true), Status::Fail, "after the deployment");
        assert_eq!(with("beforeEntry", "PAUSE", rules(), true), Status::Unknown);
    }

    #[test]
    fn names_and_accounts_say_what_production_is() {
        assert_eq!(of(&[stage("Deploy", &[deploy()])], &[]).status, Status::Unknown);
        assert_eq!(of(&[stage("Staging", &[deploy()])], &[]).status, Status::NotApplicable);
        assert_eq!(of(&[stage("Deploy", &[deploy()])], &["111122223333"]).status, Status::Fail);
        let target = action("Deploy/CloudFormation", json!({ "StackName": "app-production" }));
        assert_eq!(of(&[stage("Deploy", &[target])], &[]).status, Status::Fail);
        let other = action("Deploy/CloudFormation", json!({ "RoleArn": "arn:aws:iam::444455556666:role/cfn" }));
        assert_eq!(of(&[stage("Deploy", std::slice::from_ref(&other))], &["444455556666"]).status, Status::Fail);
        assert_eq!(of(&[stage("Deploy", &[other])], &["111122223333"]).status, Status::Unknown);
        let approved = [stage("Approve", &[approval(1)]), stage("Deploy", &[deploy()])];
        assert_eq!(of(&approved, &[]).status, Status::Pass, "production or not");
    }

    #[test]
    fn a_build_deploys_in_a_stage_of_production_only() {
        let build = || action("Build/CodeBuild", json!({ "ProjectName": "terraform" }));
        assert_eq!(of(&[stage("Prod", &[build()])], &[]).status, Status::Fail);
        assert_eq!(of(&[stage("Build", &[build()])], &[]).status, Status::NotApplicable);
    }
}
