//! What an attacker puts into one request: the service that a role is passed to, the policy that is attached, the boundary that is set.
//!
//! A condition closes a way only when nothing of all that an attacker may choose gets past it, so each choice is tried. And a key counts
//! only for actions that have it: in the request of any other it is absent
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>).

use super::arn::Arn;
use super::condition::{Condition, Literal};
use super::decision::Context;

/// Actions whose requests name a managed policy (`iam:PolicyARN`).
pub const ATTACHING: [&str; 3] = ["iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"];

/// Actions whose requests have `iam:PermissionsBoundary`: the boundary that is set, or that the user or role has.
pub const BOUNDED: [&str; 10] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
];

/// The keys that say which role something runs with.
pub const OF_ROLES: [&str; 3] = ["cloudformation:rolearn", "ec2:instanceprofile", "emr-containers:executionrolearn"];

/// What is asked with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attempt<'a> {
    /// The service that a role is passed to, `lambda` for `lambda.amazonaws.com`.
    pub service: Option<&'a str>,
    /// The ARN of the policy that is attached.
    pub policy: Option<&'a str>,
    /// The ARN of the boundary that is set, or that there is; `None` is none.
    pub boundary: Option<&'a str>,
    /// The ARN of the role that is passed; `None` is one that nobody has thought of.
    pub role: Option<&'a str>,
    /// Whether each role of the account with power is tried by its name too.
    pub thorough: bool,
}

/// What is known of a key in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Absent,
    /// One of these, as the attacker likes.
    OneOf(Vec<String>),
    /// Some value.
    Something,
}

/// Whether a literal lets the request through; `None`: it cannot be told.
pub fn passes(literal: &Literal<'_>, said: &Said) -> Option<bool> {
    match said {
        Said::Absent => Some(literal.allows_missing()),
        Said::Something => None,
        Said::OneOf(values) => {
            let tested: Vec<Option<bool>> = values.iter().map(|value| literal.condition.test(value)).collect();
            if tested.contains(&Some(literal.holds)) {
                Some(true)
            } else if tested.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
    }
}

/// Whether requests for the action never have the key, which only passing a role, or attaching and detaching a policy, has.
pub fn lacks(action: &str, key: &str) -> bool {
    let action = action.to_ascii_lowercase();
    match key {
        "iam:passedtoservice" | "iam:associatedresourcearn" => action != "iam:passrole",
        "iam:policyarn" => !["iam:attach", "iam:detach"].iter().any(|start| action.starts_with(start)),
        _ => false,
    }
}

impl Attempt<'_> {
    /// What the request for the action says of the condition's key; `None` where this is not about what an attacker chooses.
    pub fn says(&self, action: &str, condition: &Condition, context: &Context) -> Option<Said> {
        if lacks(action, &condition.key) {
            return Some(Said::Absent);
        }
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(action));
        let one = |value: Option<&str>| value.map_or(Said::Absent, |value| Said::OneOf(vec![value.to_owned()]));
        Some(match condition.key.as_str() {
            "iam:passedtoservice" => {
                Said::OneOf(self.service.map_or_else(Vec::new, |service| spellings(service, condition, context)))
            }
            "iam:associatedresourcearn" => Said::Something,
            "iam:policyarn" if !is(&ATTACHING) => Said::Absent,
            "iam:policyarn" => one(self.policy),
            "iam:permissionsboundary" if !is(&BOUNDED) => Said::Absent,
            "iam:permissionsboundary" => one(self.boundary),
            // The keys that say which role something runs with.
            "ec2:instanceprofile" if action.starts_with("ec2:") => self.role(":instance-profile/", context),
            "cloudformation:rolearn" if action.starts_with("cloudformation:") => self.role(":role/", context),
            "emr-containers:executionrolearn" if action.starts_with("emr-containers:") => self.role(":role/", context),
            _ => return None,
        })
    }

    fn role(&self, kind: &str, context: &Context) -> Said {
        match self.role {
            Some(role) => Said::OneOf(vec![role.replacen(":role/", kind, 1)]),
            None if self.thorough => {
                let partition = context.partition.as_deref().unwrap_or("aws");
                let account = context.account.as_deref().unwrap_or("000000000000");
                Said::OneOf(vec![Arn::iam(partition, account, &format!("{}any-at-all", &kind[1..])).to_string()])
            }
            None => Said::Something,
        }
    }
}

/// The names of a service principal: China has two domains, and some services have one for each Region.
pub fn principals<'a>(service: &'a str, context: &Context) -> impl Iterator<Item = String> + use<'a> {
    let china = context.partition.as_deref() == Some("aws-cn");
    let domains: &[&str] = if china { &["amazonaws.com", "amazonaws.com.cn"] } else { &["amazonaws.com"] };
    domains.iter().map(move |domain| format!("{service}.{domain}"))
}

/// Whether a name is one of the service's, in whichever Region.
pub fn is_principal_of(name: &str, service: &str, context: &Context) -> bool {
    let regional = |whole: &str| {
        let domain = whole.strip_prefix(service).unwrap_or_default();
        let region = name.strip_prefix(service).and_then(|rest| rest.strip_suffix(domain));
        region
            .is_some_and(|r| r.is_empty() || r.starts_with('.') && r.matches('-').count() >= 2 && !r[1..].contains('.'))
    };
    principals(service, context).any(|whole| regional(&whole))
}

fn spellings(service: &str, condition: &Condition, context: &Context) -> Vec<String> {
    let regional = condition.values.iter().filter_map(|value| value.fixed());
    principals(service, context).chain(regional.filter(|name| is_principal_of(name, service, context))).collect()
}
