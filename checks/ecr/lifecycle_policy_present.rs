//! Does every repository have a lifecycle policy? Images that nobody removes stay, and their vulnerabilities with them.

use super::per_repository;
use crate::prelude::*;

pub async fn probe(at: &Region) -> Outcome {
    per_repository(at, |repository| async move {
        let policy = at.ecr().lifecycle_policy(&repository.name).await?;
        Ok(judge(&repository.name, policy.there()))
    })
    .await
}

fn judge(name: &str, policy: Option<&String>) -> Verdict {
    let Some(policy) = policy else {
        return Verdict::fail("no_lifecycle_policy", format!("repository {name} has no lifecycle policy"));
    };
    let policy: Option<serde_json::Value> = serde_json::from_str(policy).ok();
    match policy.as_ref().and_then(|policy| policy.get("rules")?.as_array()).map(Vec::len) {
        Some(0) => {
            Verdict::fail("no_lifecycle_policy", format!("the lifecycle policy of repository {name} has no rule"))
        }
        Some(rules) => Verdict::pass(format!(
            "repository {name} has a lifecycle policy of {}",
            posture_estate::text::counted(rules, "rule")
        )),
        None => Verdict::undecided(format!("the lifecycle policy of repository {name} cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_with_a_rule_passes_and_none_fails() {
        let status = |policy: Option<&str>| judge("shop", policy.map(str::to_owned).as_ref()).status;
        assert_eq!(status(None), Status::Fail);
        assert_eq!(status(Some(r#"{"rules":[]}"#)), Status::Fail);
        assert_eq!(status(Some(r#"{"rules":[{"rulePriority":1}]}"#)), Status::Pass);
        assert_eq!(status(Some("{}")), Status::Unknown);
        assert_eq!(status(Some("rules")), Status::Unknown);
    }
}
