//! The filter groups of a webhook: each is a way to start a build for whoever gets through all of its filters.

use crate::prelude::*;
use posture_estate::services::codebuild::webhook::{
    Trigger, Webhook, WebhookFilter, is_anchored, names_something, trigger,
};

/// One way to start a build.
pub(super) struct Group<'a> {
    /// From 1.
    pub number: usize,
    filters: &'a [WebhookFilter],
    /// Of a webhook without groups, the regular expression on branches.
    branch: Option<&'a str>,
}

/// Without groups, every push and pull request is a way.
/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Webhook.html>
pub(super) fn groups(webhook: &Webhook) -> Vec<Group<'_>> {
    if webhook.filter_groups.is_empty() {
        let branch = webhook.branch_filter.as_deref().filter(|branch| !branch.is_empty());
        return vec![Group { number: 1, filters: &[], branch }];
    }
    let numbered = webhook.filter_groups.iter().zip(1..);
    numbered.map(|(filters, number)| Group { number, filters, branch: None }).collect()
}

/// Roles that everyone has in a public repository.
const OF_EVERYONE: &[&str] = &["BITBUCKET_READ", "GITHUB_READ", "GITLAB_GUEST"];

impl Group<'_> {
    /// Patterns that match a part of a name.
    pub fn patterns(&self, project: &str, reasons: &mut Reasons) {
        let filters = self.filters.iter().filter(|filter| filter.admits() && filter.identifies());
        let filters = filters.map(|filter| (filter.kind.as_str(), filter.pattern.as_str()));
        for (kind, pattern) in filters.chain(self.branch.map(|branch| ("branch", branch))) {
            if !is_anchored(pattern) {
                let number = self.number;
                let why = format!(
                    "the {kind} filter {pattern:?} in filter group {number} of project {project} matches longer names too"
                );
                reasons.broken_at("pattern_not_anchored", format!("filter group {number}"), why);
            }
        }
    }

    fn fixes(&self, kinds: &[&str]) -> bool {
        let of_kind = |filter: &&WebhookFilter| filter.admits() && kinds.contains(&filter.kind.as_str());
        let fixed = |pattern: &str| is_anchored(pattern) && names_something(pattern);
        self.filters.iter().filter(of_kind).any(|filter| fixed(&filter.pattern))
            || kinds.contains(&"HEAD_REF") && self.branch.is_some_and(names_something)
    }

    pub fn fixes_actors(&self) -> bool {
        self.fixes(&["ACTOR_ACCOUNT_ID"])
    }

    pub fn fixes_branches(&self) -> bool {
        self.fixes(&["BASE_REF", "HEAD_REF", "RELEASE_NAME", "TAG_NAME"])
    }

    pub fn fixes_repositories(&self) -> bool {
        self.fixes(&["ORGANIZATION_NAME"])
    }

    /// What lets an event through, each once.
    pub fn triggers(&self) -> Vec<Trigger> {
        let events: Vec<&WebhookFilter> = self.filters.iter().filter(|filter| filter.kind == "EVENT").collect();
        if events.is_empty() {
            return vec![Trigger::Writers, Trigger::PullRequest];
        }
        let mut all: Vec<Trigger> = Vec::new();
        for filter in events {
            let of = |filter: &WebhookFilter| filter.events().map(trigger).collect::<Vec<_>>();
            for one in if filter.admits() { of(filter) } else { vec![Trigger::Unknown] } {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        all
    }

    /// Whether pull requests of strangers wait for somebody who may approve them; `None` when that cannot be told.
    pub fn waits(&self, webhook: &Webhook) -> Option<bool> {
        let Some(policy) = &webhook.pull_request_build_policy else { return Some(false) };
        match policy.requires_comment_approval.as_str() {
            "DISABLED" => Some(false),
            "ALL_PULL_REQUESTS" | "FORK_PULL_REQUESTS" if policy.approver_roles.is_empty() => None,
            "ALL_PULL_REQUESTS" | "FORK_PULL_REQUESTS" => {
                Some(!policy.approver_roles.iter().any(|role| OF_EVERYONE.contains(&role.as_str())))
            }
            _ => None,
        }
    }

    /// Who can start a build by it, and with whose buildspec; `in_source` where that comes with the code.
    pub fn starts(&self, project: &str, webhook: &Webhook, in_source: bool, reasons: &mut Reasons) {
        let number = self.number;
        if self.fixes_actors() {
            return;
        }
        for trigger in self.triggers() {
            match trigger {
                Trigger::PullRequest => match self.waits(webhook) {
                    Some(true) => {}
                    Some(false) => {
                        let why = format!("filter group {number} of project {project} builds pull requests of people whom it does not name");
                        reasons.broken_at("pull_requests_of_anyone", format!("filter group {number}"), why);
                        if in_source {
                            let why = format!("their authors write the buildspec that filter group {number} of project {project} runs");
                            reasons.broken_at("buildspec_of_untrusted_branch", format!("filter group {number}"), why);
                        }
                    }
                    None => reasons.doubt(format!("who may approve pull requests for project {project} cannot be told")),
                },
                Trigger::Writers if in_source && !self.fixes_branches() => reasons.broken_at("buildspec_of_untrusted_branch", format!("filter group {number}"),
                    format!("filter group {number} of project {project} runs the buildspec of any branch that somebody pushes"),
                ),
                Trigger::Writers => {}
                Trigger::Workflow => reasons.doubt(format!(
                    "who may run the workflow jobs that start builds of project {project} is a setting of the repository"
                )),
                Trigger::Unknown => {
                    reasons.doubt(format!("filter group {number} of project {project} has events that are not known"));
                }
            }
        }
    }
}
