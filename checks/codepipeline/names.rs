//! Which actions deploy to production, as far as names and accounts say.

use crate::prelude::*;
use posture_estate::arn::account_of;
use posture_estate::services::codepipeline::{Pipeline, PipelineAction, PipelineStage};

/// Members of an action's configuration that say where it deploys to.
const TARGETS: &[&str] = &[
    "ApplicationName",
    "BucketName",
    "ClusterName",
    "DeploymentGroupName",
    "EnvironmentName",
    "ServiceName",
    "StackName",
    "StackSetName",
];

/// What production and anything else is called.
pub(super) struct Names<'a> {
    pub production: &'a Patterns,
    pub others: &'a Patterns,
    /// Accounts of production.
    pub accounts: &'a [String],
    /// The account that is looked at.
    pub own: &'a str,
}

/// `deploy-to-prod` for `DeployToProd`, `Deploy to prod`, `deploy_to_PROD`: one way of writing for patterns to match.
fn plain(name: &str) -> String {
    let (mut out, mut lower) = (String::with_capacity(name.len() + 4), false);
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('-');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    }
    out
}

impl Names<'_> {
    /// `None` where it does not deploy; else whether it deploys to production, as far as names say.
    pub fn deploys_to_production(
        &self,
        pipeline: &Pipeline,
        stage: &PipelineStage,
        action: &PipelineAction,
    ) -> Option<Option<bool>> {
        let is = |patterns: &Patterns, name: &str| patterns.matches(&plain(name));
        if ["Build", "Compute", "Invoke"].iter().any(|category| action.is(category)) {
            // A build in a stage of production deploys, whatever it is called.
            return is(self.production, &stage.name).then_some(Some(true));
        }
        if !action.is("Deploy") {
            return None;
        }
        let account = action.roles().find_map(account_of).unwrap_or(self.own);
        let targets = TARGETS.iter().filter_map(|member| action.configured(member));
        let near: Vec<&str> = [stage.name.as_str(), action.name.as_str()].into_iter().chain(targets).collect();
        let production =
            self.accounts.iter().any(|one| one == account) || near.iter().any(|name| is(self.production, name));
        Some(match production {
            true => Some(true),
            false if near.iter().any(|name| is(self.others, name)) => Some(false),
            false if is(self.production, &pipeline.name) => Some(true),
            false if is(self.others, &pipeline.name) => Some(false),
            false => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_one_way() {
        for name in ["DeployToProd", "Deploy to prod", "deploy_to_PROD", "deploy-to-prod"] {
            assert_eq!(plain(name), "deploy-to-prod");
        }
        assert_eq!(plain("PROD"), "prod");
        assert_eq!(plain("ProductService"), "product-service");
    }
}
