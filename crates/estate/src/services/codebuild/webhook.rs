//! What starts the builds of a project from outside: the events of a repository, narrowed by filters that are regular expressions.

use serde::Deserialize;

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Webhook.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Of webhooks without groups, a regular expression on branches.
    pub branch_filter: Option<String>,
    /// A build starts if all filters of any group let the event through; without groups, for every push and pull request.
    #[serde(default)]
    pub filter_groups: Vec<Vec<WebhookFilter>>,
    /// Of webhooks of more than one repository.
    pub scope_configuration: Option<WebhookScope>,
    pub pull_request_build_policy: Option<PullRequestPolicy>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookFilter {
    /// `EVENT`, `ACTOR_ACCOUNT_ID`, `HEAD_REF`, `BASE_REF`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Events by name, else a regular expression.
    pub pattern: String,
    /// Whether what matches is kept out instead.
    pub exclude_matched_pattern: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WebhookScope {
    /// The organization, group or enterprise.
    pub name: String,
    /// `GITHUB_ORGANIZATION`, `GITHUB_GLOBAL`, `GITLAB_GROUP`
    pub scope: String,
}

/// Whose pull requests wait for a comment of somebody who may approve them.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestPolicy {
    /// `DISABLED`, `ALL_PULL_REQUESTS`, `FORK_PULL_REQUESTS`
    pub requires_comment_approval: String,
    /// `GITHUB_WRITE`, `GITLAB_OWNER`, …: who approves, and whose own requests wait for nobody.
    #[serde(default)]
    pub approver_roles: Vec<String>,
}

/// Who can cause an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Those who may write to the repository.
    Writers,
    /// Everyone who may open a pull request: of a public repository, everyone.
    PullRequest,
    /// A job of a workflow, by whomever the repository lets run one.
    Workflow,
    Unknown,
}

/// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_WebhookFilter.html>
pub fn trigger(event: &str) -> Trigger {
    match event {
        "PUSH" | "PULL_REQUEST_MERGED" | "RELEASED" | "PRERELEASED" => Trigger::Writers,
        "PULL_REQUEST_CREATED" | "PULL_REQUEST_UPDATED" | "PULL_REQUEST_REOPENED" | "PULL_REQUEST_CLOSED" => {
            Trigger::PullRequest
        }
        "WORKFLOW_JOB_QUEUED" => Trigger::Workflow,
        _ => Trigger::Unknown,
    }
}

impl WebhookFilter {
    /// Whether it lets in what matches, rather than keeping it out.
    pub fn admits(&self) -> bool {
        self.exclude_matched_pattern != Some(true)
    }

    /// Whether its pattern says who or what may start a build, so that a part of a name must not do. Paths and messages are the author's own.
    pub fn identifies(&self) -> bool {
        const WHO: &[&str] = &[
            "ACTOR_ACCOUNT_ID",
            "BASE_REF",
            "HEAD_REF",
            "ORGANIZATION_NAME",
            "RELEASE_NAME",
            "REPOSITORY_NAME",
            "TAG_NAME",
            "WORKFLOW_NAME",
        ];
        WHO.contains(&self.kind.as_str())
    }

    /// The events of an `EVENT` filter.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        self.pattern.split(',').map(str::trim)
    }
}

/// The ways of a regular expression on its highest level, without parentheses around a whole.
fn ways(pattern: &str) -> Vec<&str> {
    let (mut depth, mut class, mut escaped, mut start) = (0usize, false, false, 0);
    let (mut found, mut closed_early) = (Vec::new(), false);
    for (at, c) in pattern.char_indices() {
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '\\' => escaped = true,
            ']' if class => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                closed_early |= depth == 0 && at + 1 < pattern.len();
            }
            '|' if depth == 0 => {
                found.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&pattern[start..]);
    match pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) if found.len() == 1 && !closed_early => ways(inner.strip_prefix("?:").unwrap_or(inner)),
        _ => found,
    }
}

/// What a way holds between `^` and `$`.
fn anchored(way: &str) -> Option<&str> {
    let inner = way.strip_prefix('^')?.strip_suffix('$')?;
    let escapes = inner.len() - inner.trim_end_matches('\\').len();
    (escapes % 2 == 0).then_some(inner)
}

/// Whether the regular expression matches only whole texts: `^main$`, `^(1|2)$`, `^1$|^2$`; not `^1|2$`, whose ways have an end each.
pub fn is_anchored(pattern: &str) -> bool {
    ways(pattern.strip_prefix("(?i)").unwrap_or(pattern)).into_iter().all(|way| anchored(way).is_some())
}

/// Whether an anchored pattern names somebody: every way has a letter or a digit of its own, besides the kind of reference.
pub fn names_something(pattern: &str) -> bool {
    let all = ways(pattern.strip_prefix("(?i)").unwrap_or(pattern));
    match all.as_slice() {
        [one] => {
            let inner = anchored(one).unwrap_or(one);
            if inner.starts_with('(') && *inner != **one { names_something(inner) } else { is_name(inner) }
        }
        all => all.iter().all(|way| names_something(way)),
    }
}

/// Whether a letter or a digit stands for itself in a single way.
fn is_name(way: &str) -> bool {
    let starts = ["refs/heads/", "refs/tags/", "refs/"];
    let mut letters = starts.iter().find_map(|start| way.strip_prefix(start)).unwrap_or(way).chars();
    while let Some(c) = letters.next() {
        match c {
            // `\d`, `\w`, `\S` stand for many, and `\{` for itself.
            '\\' => drop(letters.next()),
            '[' => letters.by_ref().take_while(|c| *c != ']').for_each(drop),
            // Of `{1,9}` the numbers are no name.
            '{' => letters.by_ref().take_while(|c| *c != '}').for_each(drop),
            c if c.is_ascii_alphanumeric() => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_an_anchored_pattern_has_both_ends() {
        // semantics 150
        for whole in ["^1$", "^(1|2)$", "^1$|^2$", "(^1$|^2$)", "(?:^1$|^2$)", "(?i)^acme$", "^[|]$", r"^a\|b$", r"^a\\$"] {
            assert!(is_anchored(whole), "{whole}");
        }
        for part in ["1", "^1", "1$", "^1|2$", "^1$|2", r"^a\$", "(^1$)|2", "(^1|2$)", "", "(?m)^1$"] {
            assert!(!is_anchored(part), "{part}");
        }
    }

    #[test]
    fn a_pattern_of_wildcards_names_nobody() {
        // semantics 150
        for nobody in ["^.*$", "^.+$", r"^\d+$", "^[0-9]+$", "^refs/heads/.*$", r"^\w{1,9}$", "^1$|^.*$", "^(.*)$", "^(1|.*)$", "^((.*))$"] {
            assert!(!names_something(nobody), "{nobody}");
        }
        for somebody in ["^123$", "^(123|456)$", "^refs/heads/main$", "^refs/heads/release/.*$", "^acme$", r"^\{0f1e-2d\}$"] {
            assert!(names_something(somebody), "{somebody}");
        }
    }

    #[test]
    fn events_are_known_by_who_can_cause_them() {
        assert_eq!(trigger("PUSH"), Trigger::Writers);
        assert_eq!(trigger("PULL_REQUEST_MERGED"), Trigger::Writers);
        assert_eq!(trigger("PULL_REQUEST_UPDATED"), Trigger::PullRequest);
        assert_eq!(trigger("WORKFLOW_JOB_QUEUED"), Trigger::Workflow);
        assert_eq!(trigger("ISSUE_OPENED"), Trigger::Unknown);
    }
}
