//! The known ways from some permissions to more, as published by those who found them, each held against AWS's page of the action.
//!
//! The ways are data (`data/paths.txt`, whose head explains its lines); the shapes they come in are here.

use std::sync::LazyLock;

use super::pattern::Pattern;

const TABLE: &str = include_str!("data/paths.txt");

/// On which resources an action must be allowed to be worth something to an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// On any: the attacker makes or picks the resource.
    Any,
    /// On all of a kind (the beginning of the ARN's last part), for which one with more power exists.
    All(&'static str),
    /// On what this pattern means, in any of its spellings.
    On(&'a [Pattern]),
}

/// Command documents by AWS that run a text of the caller's, or fetch what they run from where the caller says. All others of AWS's do one
/// thing (<https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html>).
const COMMANDS: [&str; 11] = [
    "AWS-RunShellScript",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunDocument",
    "AWS-RunAnsiblePlaybook",
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-ApplyChefRecipes",
    "AWS-ApplyDSCMofs",
    "AWS-RunSaltState",
    "AWS-InstallApplication",
    "AWS-InstallPowerShellModule",
];

/// Session documents that open a shell or run a command; the first is the default one
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-default-session-document.html>).
const SESSIONS: [&str; 4] = [
    "SSM-SessionManagerRunShell",
    "AWS-StartInteractiveCommand",
    "AWS-StartNonInteractiveCommand",
    "AWS-StartSSHSession",
];

/// One action of a way and on what.
#[derive(Debug)]
pub struct Step {
    pub action: &'static str,
    pub need: Need<'static>,
    /// Where it is about a document of Systems Manager that runs what the caller says: those of AWS's that do.
    pub documents: &'static [&'static str],
}

/// A way to more power.
#[derive(Debug)]
pub struct Path {
    /// The actions, joined by `+`.
    pub name: String,
    pub needs: Vec<Step>,
    /// The services of which one gets a role passed, where `iam:PassRole` is needed too: `lambda` for `lambda.amazonaws.com`.
    pub passes_to: Vec<&'static str>,
    /// The services that run with a role already, which the attacker makes do something else.
    pub runs_in: Vec<&'static str>,
}

/// A way to more power by several actions on one and the same resource, however few resources there are: a role that one
/// can rewrite and take on.
#[derive(Debug)]
pub struct Same {
    pub name: String,
    /// The beginning of the last part of the resource's ARN.
    pub kind: &'static str,
    pub actions: Vec<&'static str>,
}

/// What an action that gives rights must be allowed on to give them to the identity itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    User,
    Role,
    Group,
    /// A policy of the customer's that is attached to the identity.
    Policy,
}

/// Everything that the table holds.
#[derive(Debug, Default)]
pub struct Ways {
    pub paths: Vec<Path>,
    /// On one resource. A new role can trust its maker; a role that is there is taken on or told whom to trust.
    pub same: Vec<Same>,
    /// Rights for a role, which then is passed to a service: with one of the paths that pass a role.
    pub passed: Vec<Same>,
    /// What the sources list and we do not, and why not.
    pub left_out: Vec<(&'static str, &'static str)>,
}

pub static WAYS: LazyLock<Ways> = LazyLock::new(|| {
    let mut ways = Ways::default();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let Some((head, rest)) = line.split_once(" : ") else { continue };
        let (what, argument) = head.split_once(' ').unwrap_or((head, ""));
        let services = || argument.split(',').filter(|s| !s.is_empty()).collect::<Vec<_>>();
        let steps = || rest.split(' ').map(step).collect::<Vec<_>>();
        match what {
            "pass" => {
                let name = format!("iam:PassRole+{}", named(&steps()));
                ways.paths.push(Path { name, needs: steps(), passes_to: services(), runs_in: Vec::new() });
            }
            "run" => {
                let name = named(&steps());
                ways.paths.push(Path { name, needs: steps(), passes_to: Vec::new(), runs_in: services() });
            }
            "same" | "passed" => {
                let actions: Vec<&str> = rest.split(' ').collect();
                let same = Same { name: actions.join("+"), kind: argument, actions };
                if what == "same" { ways.same.push(same) } else { ways.passed.push(same) }
            }
            "out" => ways.left_out.push((argument, rest)),
            _ => {}
        }
    }
    ways
});

/// `lambda:UpdateFunctionCode@function:` on all functions; without `@` on any.
fn step(text: &'static str) -> Step {
    let (action, on) = text.split_once('@').unwrap_or((text, ""));
    let (need, documents): (_, &[&str]) = match on {
        "" => (Need::Any, &[]),
        "command" => (Need::Any, &COMMANDS),
        "session" => (Need::Any, &SESSIONS),
        kind => (Need::All(kind), &[]),
    };
    Step { action, need, documents }
}

fn named(steps: &[Step]) -> String {
    let mut names: Vec<&str> = steps.iter().map(|step| step.action).collect();
    names.dedup();
    names.join("+")
}

/// The day as of which the paths were drawn up.
pub fn date() -> &'static str {
    TABLE.lines().find_map(|line| line.strip_prefix("# date ")).unwrap_or("unknown")
}

/// Every path on what is the identity's own: the name, the action, on what.
pub const OWN: &[(&str, &str, Own)] = &[
    ("iam:PutUserPolicy on itself", "iam:PutUserPolicy", Own::User),
    ("iam:AttachUserPolicy on itself", "iam:AttachUserPolicy", Own::User),
    ("iam:PutRolePolicy on itself", "iam:PutRolePolicy", Own::Role),
    ("iam:AttachRolePolicy on itself", "iam:AttachRolePolicy", Own::Role),
    ("iam:PutGroupPolicy on its own group", "iam:PutGroupPolicy", Own::Group),
    ("iam:AttachGroupPolicy on its own group", "iam:AttachGroupPolicy", Own::Group),
    ("iam:CreatePolicyVersion of its own policy", "iam:CreatePolicyVersion", Own::Policy),
    ("iam:SetDefaultPolicyVersion of its own policy", "iam:SetDefaultPolicyVersion", Own::Policy),
];

/// The ways to take one's own permissions boundary off, to put another in its place, or to rewrite it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>).
pub const CAP: &[(&str, &str, Own)] = &[
    ("iam:DeleteRolePermissionsBoundary on itself", "iam:DeleteRolePermissionsBoundary", Own::Role),
    ("iam:PutRolePermissionsBoundary on itself", "iam:PutRolePermissionsBoundary", Own::Role),
    ("iam:DeleteUserPermissionsBoundary on itself", "iam:DeleteUserPermissionsBoundary", Own::User),
    ("iam:PutUserPermissionsBoundary on itself", "iam:PutUserPermissionsBoundary", Own::User),
    ("iam:CreatePolicyVersion of its permissions boundary", "iam:CreatePolicyVersion", Own::Policy),
    ("iam:SetDefaultPolicyVersion of its permissions boundary", "iam:SetDefaultPolicyVersion", Own::Policy),
];
