//! Is the CDK's bootstrap stack new enough not to trust a bucket that somebody else may have made under its name?

use super::per_stack;
use crate::prelude::*;
use posture_estate::services::cloudformation::Stack;

/// The least version that passes.
const MIN_VERSION: Setting<i64> = setting!(cdk_bootstrap_current.min_version);

/// The name of the stack, where nobody chose another.
const TOOLKIT: &str = "CDKToolkit";

/// By these outputs it is known under another name.
const VERSION: &str = "BootstrapVersion";
const BUCKET: &str = "BucketName";

pub async fn probe(at: &Region) -> Outcome {
    let least = *at.setting(MIN_VERSION);
    per_stack(at, "the Region has no bootstrap stack of the CDK", |stack| judge(stack, least)).await
}

/// `None` for a stack that is not the CDK's.
fn judge(stack: &Stack, least: i64) -> Option<Verdict> {
    let name = &stack.name;
    let version = stack.output(VERSION);
    let named = name == TOOLKIT;
    if !named && (version.is_none() || stack.output(BUCKET).is_none()) {
        return None;
    }
    Some(match version.map(|text| (text, text.trim().parse::<i64>())) {
        Some((_, Ok(version))) if version >= least => {
            Verdict::pass(format!("bootstrap stack {name} has version {version}"))
        }
        Some((_, Ok(version))) => {
            Verdict::fail("old_version", format!("bootstrap stack {name} has version {version}, below {least}"))
        }
        Some((text, Err(_))) => {
            Verdict::undecided(format!("bootstrap stack {name} has a version that is no number, {text:?}"))
        }
        None if stack.is_unfinished() => {
            Verdict::undecided(format!("bootstrap stack {name} is in state {} and tells no version", stack.status))
        }
        // The templates before version 1 had no such output, and the CDK itself takes its absence for that.
        None => Verdict::fail("old_version", format!("bootstrap stack {name} is of a template without a version")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::stack;

    fn outputs(pairs: &[(&str, &str)]) -> serde_json::Value {
        let outputs: Vec<_> =
            pairs.iter().map(|(key, value)| json!({ "OutputKey": key, "OutputValue": value })).collect();
        json!({ "Outputs": outputs })
    }

    fn of(name: &str, pairs: &[(&str, &str)]) -> Option<Status> {
        judge(&stack(name, &outputs(pairs)), 21).map(|verdict| verdict.status)
    }

    #[test]
    fn the_version_decides() {
        assert_eq!(of(TOOLKIT, &[(VERSION, "21")]), Some(Status::Pass));
        assert_eq!(of(TOOLKIT, &[(VERSION, "30")]), Some(Status::Pass));
        assert_eq!(of(TOOLKIT, &[(VERSION, "20")]), Some(Status::Fail));
        assert_eq!(of(TOOLKIT, &[(VERSION, "9")]), Some(Status::Fail), "numbers, not texts");
        assert_eq!(of(TOOLKIT, &[(VERSION, "latest")]), Some(Status::Unknown));
    }

    #[test]
    fn a_stack_without_a_version_is_older_than_versions_unless_it_never_came_to_be() {
        assert_eq!(of(TOOLKIT, &[(BUCKET, "cdktoolkit-stagingbucket")]), Some(Status::Fail));
        let failed = stack(TOOLKIT, &json!({ "StackStatus": "ROLLBACK_COMPLETE" }));
        assert_eq!(judge(&failed, 21).map(|verdict| verdict.status), Some(Status::Unknown));
    }

    #[test]
    fn a_stack_of_another_name_is_known_by_its_outputs() {
        assert_eq!(of("CDKToolkit-payments", &[(VERSION, "14"), (BUCKET, "cdk-pay-assets")]), Some(Status::Fail));
        assert_eq!(of("shop", &[(VERSION, "14")]), None);
        assert_eq!(of("shop", &[(BUCKET, "shop-assets")]), None);
    }
}
