//! Who can start a build from outside, and with whose commands? A webhook names trusted people, branches and organizations by patterns
//! that match whole names, or waits with pull requests until somebody has approved them.

use super::triggers::{Group, groups};
use crate::prelude::*;
use posture_estate::services::codebuild::project::{Buildspec, Project};
use posture_estate::services::codebuild::webhook::Webhook;

/// Organizations and groups whose repositories may start builds.
const TRUSTED_ORGANIZATIONS: Setting<[String]> = setting!(webhooks_restricted.trusted_organizations);

pub async fn probe(at: &Region) -> Outcome {
    let projects = at.codebuild().projects().await?;
    let trusted = at.setting(TRUSTED_ORGANIZATIONS);
    let judged = |project: &Project| Some(judge(project, project.webhook.as_ref()?, trusted).on(project.resource()));
    let findings: Vec<Finding> = projects.iter().filter_map(judged).collect();
    if findings.is_empty() {
        let none = format!("no project of CodeBuild in {} has a webhook", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    Ok(findings)
}

fn judge(project: &Project, webhook: &Webhook, trusted: &[String]) -> Verdict {
    let mut reasons = Reasons::new();
    let in_source = project.source.buildspec() == Buildspec::InSource;
    organizations(project, webhook, trusted, &mut reasons);
    for group in groups(webhook) {
        group.patterns(&project.name, &mut reasons);
        group.starts(&project.name, webhook, in_source, &mut reasons);
    }
    reasons
        .or_pass(|| format!("only trusted people and branches start builds of project {} by its webhook", project.name))
}

fn organizations(project: &Project, webhook: &Webhook, trusted: &[String], reasons: &mut Reasons) {
    let name = &project.name;
    let is_trusted = |owner: &str| trusted.is_empty() || trusted.iter().any(|one| one.eq_ignore_ascii_case(owner));
    let scope = webhook.scope_configuration.as_ref();
    match scope.map(|scope| scope.scope.as_str()) {
        None | Some("GITHUB_ORGANIZATION" | "GITLAB_GROUP") => {
            let owner = scope.map(|scope| scope.name.as_str()).or_else(|| project.source.organization());
            match owner {
                Some(owner) if is_trusted(owner) => {}
                Some(owner) => reasons.broken(
                    "organization_not_trusted",
                    format!("repositories of {owner}, which is not listed as trusted, start builds of project {name}"),
                ),
                None if trusted.is_empty() => {}
                None => reasons.doubt(format!("whose repository starts builds of project {name} is not in its URL")),
            }
        }
        Some("GITHUB_GLOBAL") => {
            if !groups(webhook).iter().all(Group::fixes_repositories) {
                let why = format!("repositories of any organization of the enterprise start builds of project {name}");
                reasons.broken("organization_not_trusted", why);
            }
        }
        Some(other) => reasons.doubt(format!("the webhook of project {name} has the scope {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::fixtures::project;

    fn with(buildspec: Option<&str>, webhook: serde_json::Value, trusted: &[&str]) -> Verdict {
        let source = json!({ "type": "GITHUB", "location": "https://github.com/acme/app.git", "buildspec": buildspec });
        let project = project(json!({ "source": source, "webhook": webhook }));
        let trusted: Vec<String> = trusted.iter().map(|&one| one.to_owned()).collect();
        judge(&project, project.webhook.as_ref().unwrap(), &trusted)
    }

    const INLINE: Option<&str> = Some("version: 0.2\nphases: {}");

    fn filters(list: &[(&str, &str)]) -> serde_json::Value {
        let group: Vec<_> = list.iter().map(|(kind, pattern)| json!({ "type": kind, "pattern": pattern })).collect();
        json!({ "filterGroups": [group] })
    }

    fn of(list: &[(&str, &str)]) -> Verdict {
        with(None, filters(list), &[])
    }

    #[test]
    fn pull_requests_are_of_trusted_people() {
        let created = ("EVENT", "PUSH, PULL_REQUEST_CREATED");
        assert_eq!(of(&[created, ("ACTOR_ACCOUNT_ID", "^(123|456)$")]).status, Status::Pass);
        assert_eq!(of(&[created]).reasons, ["buildspec_of_untrusted_branch", "pull_requests_of_anyone"]);
        assert_eq!(with(INLINE, filters(&[created]), &[]).reasons, ["pull_requests_of_anyone"]);
        let base = ("BASE_REF", "^refs/heads/main$");
        assert_eq!(of(&[created, base]).reasons, ["pull_requests_of_anyone", "buildspec_of_untrusted_branch"]);
        assert_eq!(of(&[created, ("ACTOR_ACCOUNT_ID", "^.*$")]).status, Status::Fail, "names nobody");
        assert_eq!(of(&[created, ("ACTOR_ACCOUNT_ID", "123")]).reasons[0], "pattern_not_anchored");
        assert_eq!(of(&[("EVENT", "PULL_REQUEST_MERGED"), base]).status, Status::Pass);
    }

    #[test]
    fn a_filter_that_keeps_out_lets_in_all_others() {
        let filter = json!([{ "type": "EVENT", "pattern": "PULL_REQUEST_CREATED" },
            { "type": "ACTOR_ACCOUNT_ID", "pattern": "^123$", "excludeMatchedPattern": true }]);
        assert_eq!(with(INLINE, json!({ "filterGroups": [filter] }), &[]).reasons, ["pull_requests_of_anyone"]);
    }

    #[test]
    fn pull_requests_may_wait_for_approval() {
        let policy = |approval: &str, roles: &[&str]| {
            let mut webhook = filters(&[("EVENT", "PULL_REQUEST_CREATED")]);
            webhook["pullRequestBuildPolicy"] = json!({ "requiresCommentApproval": approval, "approverRoles": roles });
            with(None, webhook, &[]).status
        };
        assert_eq!(policy("ALL_PULL_REQUESTS", &["GITHUB_WRITE", "GITHUB_ADMIN"]), Status::Pass);
        assert_eq!(policy("FORK_PULL_REQUESTS", &["GITHUB_MAINTAIN"]), Status::Pass);
        assert_eq!(policy("DISABLED", &["GITHUB_WRITE"]), Status::Fail);
        assert_eq!(policy("ALL_PULL_REQUESTS", &["GITHUB_READ"]), Status::Fail, "everyone reads a public repository");
        assert_eq!(policy("ALL_PULL_REQUESTS", &[]), Status::Unknown);
        assert_eq!(policy("SOME", &["GITHUB_WRITE"]), Status::Unknown);
    }

    #[test]
    fn pushes_run_the_buildspec_of_named_branches() {
        assert_eq!(of(&[("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/main$")]).status, Status::Pass);
        assert_eq!(of(&[("EVENT", "PUSH")]).reasons, ["buildspec_of_untrusted_branch"]);
        assert_eq!(
            of(&[("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/.*$")]).reasons,
            ["buildspec_of_untrusted_branch"]
        );
        assert_eq!(with(INLINE, filters(&[("EVENT", "PUSH")]), &[]).status, Status::Pass);
        assert_eq!(of(&[("EVENT", "PUSH"), ("HEAD_REF", "main")]).reasons[0], "pattern_not_anchored");
    }

    #[test]
    fn groups_stand_beside_each_other() {
        let good =
            json!([{ "type": "EVENT", "pattern": "PUSH" }, { "type": "HEAD_REF", "pattern": "^refs/heads/main$" }]);
        let bad = json!([{ "type": "EVENT", "pattern": "PULL_REQUEST_CREATED" }]);
        assert_eq!(with(None, json!({ "filterGroups": [good] }), &[]).status, Status::Pass);
        assert_eq!(with(None, json!({ "filterGroups": [good, bad] }), &[]).status, Status::Fail);
    }

    #[test]
    fn without_groups_every_push_and_pull_request_builds() {
        assert_eq!(with(INLINE, json!({}), &[]).reasons, ["pull_requests_of_anyone"]);
        let branch = with(None, json!({ "branchFilter": "main" }), &[]);
        assert_eq!(branch.reasons[0], "pattern_not_anchored");
        let approved = json!({ "branchFilter": "^main$", "pullRequestBuildPolicy": {
            "requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": ["GITHUB_ADMIN"] } });
        assert_eq!(with(None, approved, &[]).status, Status::Pass);
    }

    #[test]
    fn organizations_are_trusted() {
        let push = &[("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/main$")];
        assert_eq!(with(None, filters(push), &["ACME"]).status, Status::Pass);
        assert_eq!(with(None, filters(push), &["other"]).reasons, ["organization_not_trusted"]);
        let scoped = |scope: &str, more: &[(&str, &str)]| {
            let mut webhook = filters(&[&push[..], more].concat());
            webhook["scopeConfiguration"] = json!({ "name": "acme", "scope": scope });
            with(None, webhook, &["acme"])
        };
        assert_eq!(scoped("GITHUB_ORGANIZATION", &[]).status, Status::Pass);
        assert_eq!(scoped("GITHUB_GLOBAL", &[]).reasons, ["organization_not_trusted"]);
        assert_eq!(scoped("GITHUB_GLOBAL", &[("ORGANIZATION_NAME", "^acme$")]).status, Status::Pass);
        assert_eq!(scoped("GITHUB_GLOBAL", &[("ORGANIZATION_NAME", "acme")]).reasons[0], "organization_not_trusted");
        assert_eq!(scoped("UNIVERSE", &[]).status, Status::Unknown);
    }

    #[test]
    fn what_is_not_known_of_events_is_unknown() {
        assert_eq!(of(&[("EVENT", "ISSUE_OPENED")]).status, Status::Unknown);
        assert_eq!(of(&[("EVENT", "WORKFLOW_JOB_QUEUED")]).status, Status::Unknown);
        assert_eq!(of(&[("EVENT", "WORKFLOW_JOB_QUEUED"), ("ACTOR_ACCOUNT_ID", "^1$")]).status, Status::Pass);
        let excluded = json!([{ "type": "EVENT", "pattern": "PUSH", "excludeMatchedPattern": true }]);
        assert_eq!(with(INLINE, json!({ "filterGroups": [excluded] }), &[]).status, Status::Unknown);
    }
}
