//! What the policies of an identity allow together, Denies and permissions boundary considered.

use super::actions;
use super::caller::Caller;
use super::condition::Literal;
use super::decision::{Context, Decision, Identity};
use super::document::{Document, Set, Statement};
use super::limits::{Lens, Limit, Question, limits};
use super::paths::Need;
use super::pattern::Pattern;
use super::reaches::Scope;
use super::remains::{Branch, Fact, subtract};

/// With any of these on everything an identity can make itself what it likes.
const SELF_MADE: [(&str, Need<'static>); 8] = [
    ("iam:AttachRolePolicy", Need::All("role/")),
    ("iam:AttachUserPolicy", Need::All("user/")),
    ("iam:AttachGroupPolicy", Need::All("group/")),
    ("iam:PutRolePolicy", Need::All("role/")),
    ("iam:PutUserPolicy", Need::All("user/")),
    ("iam:PutGroupPolicy", Need::All("group/")),
    ("iam:CreatePolicyVersion", Need::All("policy/")),
    ("iam:SetDefaultPolicyVersion", Need::All("policy/")),
];

/// How far a grant of one action goes.
pub enum Reach {
    /// Allowed, by these statements (of these policies).
    Allowed(Vec<Statement>),
    /// Allowed under a condition that is not decided.
    Unsure(String),
    /// Not allowed there, and why.
    Not(String),
}

/// How far the documents' grant of one action goes.
pub fn reach(documents: &[&Document], question: &Question<'_>) -> Reach {
    let Question { action: name, need, lens, one_kind, context } = *question;
    let scope = Scope { action: name, need, every_region: matches!(lens, Lens::Everywhere), one_kind, context };
    let action = Pattern::action(name);
    let limits = |branch: &Branch<'_>| limits(branch, question);
    let mut by = Vec::new();
    let mut unsure = None;
    let mut not = None;
    for allow in documents.iter().flat_map(|d| d.allows()) {
        if !allow.actions.covers(&action) {
            continue;
        }
        if !scope.is_reached(allow) {
            not.get_or_insert(format!(
                "{allow} allows {} on {} only",
                action.text(),
                allow.resources.as_ref().map(|r| r.texts().join(", ")).unwrap_or_default()
            ));
            continue;
        }
        let mut limit = None;
        let mut settled = |branch: &Branch<'_>| match limits(branch) {
            Limit::Limited(why) => {
                limit = Some(why);
                true
            }
            _ => false,
        };
        let mut start = Some(Branch::default());
        for condition in &allow.conditions {
            let fact = Fact { literal: Literal { condition, holds: true }, from_deny: false };
            start = start.and_then(|b| b.with(fact, Caller::Identity));
        }
        let mut branches: Vec<Branch<'_>> = start.into_iter().filter(|b| !settled(b)).collect();
        let denies = documents.iter().flat_map(|d| d.denies());
        for deny in denies.filter(|d| d.actions.covers(&action) && scope.is_denied(d)) {
            branches = subtract(branches, deny, Caller::Identity, &mut settled);
        }
        let weighed: Vec<Limit> = branches.iter().map(limits).collect();
        if weighed.iter().any(|l| matches!(l, Limit::Free)) {
            by.push(allow.clone());
        } else if let Some(Limit::Unsure(why)) = weighed.into_iter().next() {
            unsure = Some(format!("{allow}: it cannot be told {why}"));
        } else {
            not = Some(match limit {
                Some(limit) => format!("{allow} allows {} only for {limit}", action.text()),
                None => format!("a Deny takes {} away", action.text()),
            });
        }
    }
    if !by.is_empty() {
        Reach::Allowed(by)
    } else if let Some(why) = unsure {
        Reach::Unsure(why)
    } else {
        Reach::Not(not.unwrap_or_else(|| format!("no statement allows {}", action.text())))
    }
}

/// See [`super::allows_everywhere`].
pub fn allows_everywhere(documents: &[&Document], action: &str, context: &Context) -> Decision {
    if Pattern::action(action).covers(&Pattern::action("*")) {
        return admin(documents, context);
    }
    let pattern = Pattern::action(action);
    if !pattern.has_wildcard() {
        return one(documents, action, false, context);
    }
    let mut names: Vec<String> = actions::expand(action);
    // What is never about a resource says nothing of every resource.
    names.retain(|name| actions::kinds(name).is_none_or(|kinds| !kinds.is_empty()));
    if names.is_empty() {
        // A service that the table does not know: any name stands for all.
        names.push(action.replace(['*', '?'], "-"));
    }
    let mut unsure = None;
    let mut yes = None;
    let mut beside = 0;
    for name in &names {
        // Of a kind that the statements do not speak of: `s3:*` on every bucket is not about batch jobs.
        if !names_some(documents, name, context) {
            beside += 1;
            if beside * 2 > names.len() {
                return Decision::No(format!("{action} is allowed on few kinds of resources only"));
            }
            continue;
        }
        match one(documents, name, true, context) {
            Decision::Yes(why) => yes = Some(why),
            no @ Decision::No(_) => return no,
            Decision::CannotTell(why) => unsure = Some(why),
        }
    }
    match (unsure, yes) {
        (Some(why), _) => Decision::CannotTell(why),
        (None, Some(why)) => Decision::Yes(match why.rsplit_once(" allows ") {
            Some((who, _)) => format!("{who} allows {action} on every resource"),
            None => why,
        }),
        (None, None) => Decision::CannotTell(format!("no action is known by {action}")),
    }
}

/// Whether the Allow statements for the action name something that it takes.
fn names_some(documents: &[&Document], action: &str, context: &Context) -> bool {
    let scope = Scope { action, need: Need::Any, every_region: false, one_kind: true, context };
    let allows = documents.iter().flat_map(|d| d.allows()).filter(|s| s.actions.covers(&Pattern::action(action)));
    let mut covering = allows.peekable();
    covering.peek().is_none() || covering.any(|allow| scope.is_reached(allow))
}

fn one(documents: &[&Document], action: &str, one_kind: bool, context: &Context) -> Decision {
    let question = Question { action, need: Need::All(""), lens: Lens::Everywhere, one_kind, context };
    match reach(documents, &question) {
        Reach::Allowed(by) => {
            let names: Vec<String> = by.iter().map(ToString::to_string).collect();
            Decision::Yes(format!("{} allows {action} on every resource", names.join(", ")))
        }
        Reach::Unsure(why) => Decision::CannotTell(why),
        Reach::Not(why) => Decision::No(why),
    }
}

/// Administrator power: a statement for every action (or all but a few), on everything, or several that together are that, and of what
/// they allow at least one of the actions that can give back the rest.
fn admin(documents: &[&Document], context: &Context) -> Decision {
    let everything: Vec<Document> = documents.iter().map(|d| d.keep(|s| !s.is_allow() || on_everything(s))).collect();
    let everything: Vec<&Document> = everything.iter().collect();
    let whole: Vec<Document> = everything.iter().map(|d| d.keep(|s| !s.is_allow() || is_whole(s))).collect();
    let whole: Vec<&Document> = whole.iter().collect();
    if whole.iter().all(|d| d.allows().next().is_none()) {
        return Decision::No("no statement allows every action".into());
    }
    // What one statement excepts, another may give back.
    let own = gives_back(&whole, context);
    if own.is_yes() || !has_iam(&everything) {
        return own;
    }
    match (gives_back(&everything, context), rest(&everything, context)) {
        (Decision::No(_), _) | (_, Decision::No(_)) => own,
        (unsure @ Decision::CannotTell(_), _) | (_, unsure @ Decision::CannotTell(_)) => unsure,
        (Decision::Yes(_), Decision::Yes(_)) => {
            let names: Vec<String> = everything.iter().flat_map(|d| d.allows()).map(ToString::to_string).collect();
            Decision::Yes(format!("{} together allow * on every resource", names.join(", ")))
        }
    }
}

fn on_everything(statement: &Statement) -> bool {
    match &statement.resources {
        None => true,
        Some(Set::Only(patterns)) => {
            patterns.iter().any(|p| p.is_everything() || p.fields(6).last().is_some_and(Pattern::is_everything))
        }
        Some(Set::Except(patterns)) => !patterns.iter().any(Pattern::is_everything),
    }
}

fn is_whole(statement: &Statement) -> bool {
    match &statement.actions {
        Set::Only(patterns) => patterns.iter().any(|p| p.covers(&Pattern::action("*:*"))),
        Set::Except(_) => true,
    }
}

/// Whether the Allow statements together name every action of IAM.
fn has_iam(documents: &[&Document]) -> bool {
    let allows = || documents.iter().flat_map(|d| d.allows());
    let all = Pattern::action("iam:*");
    allows().any(|s| s.actions.covers(&all))
        || actions::matching(&all).into_iter().all(|action| allows().any(|s| s.actions.covers(action)))
}

/// Whether what is not IAM's is really allowed, conditions and Denies considered: by an action of each of three services.
fn rest(documents: &[&Document], context: &Context) -> Decision {
    let mut last = Decision::No(String::new());
    for action in ["ec2:RunInstances", "lambda:UpdateFunctionCode", "s3:PutBucketPolicy"] {
        last = one(documents, action, true, context);
        if !last.is_yes() {
            break;
        }
    }
    last
}

fn gives_back(documents: &[&Document], context: &Context) -> Decision {
    let mut unsure = None;
    let mut not = None;
    for (action, need) in SELF_MADE {
        match reach(documents, &Question { action, need, lens: Lens::Everywhere, one_kind: true, context }) {
            Reach::Allowed(by) => {
                let text = by.first().map(|s| {
                    let what = match &s.actions {
                        Set::Only(_) => "*".to_owned(),
                        Set::Except(p) => {
                            let names: Vec<&str> = p.iter().map(Pattern::text).collect();
                            format!("everything but {}", names.join(", "))
                        }
                    };
                    format!("{s} allows {what} on every resource")
                });
                return Decision::Yes(text.unwrap_or_default());
            }
            Reach::Unsure(why) => unsure = Some(why),
            Reach::Not(why) => not = Some(why),
        }
    }
    match (unsure, not) {
        (Some(why), _) => Decision::CannotTell(why),
        (None, why) => Decision::No(why.unwrap_or_default()),
    }
}

/// See [`super::is_admin`].
pub fn is_admin(identity: &Identity) -> Decision {
    let documents = labelled(identity);
    let documents: Vec<&Document> = documents.iter().collect();
    let own = admin(&documents, &identity.context);
    let Some(boundary) = &identity.boundary else {
        return own;
    };
    match (own, admin(&[boundary], &identity.context)) {
        (no @ Decision::No(_), _) => no,
        (_, Decision::No(why)) => Decision::No(format!("the permissions boundary stands in the way: {why}")),
        (unsure @ Decision::CannotTell(_), _) => unsure,
        (_, Decision::CannotTell(why)) => Decision::CannotTell(format!("permissions boundary: {why}")),
        (yes @ Decision::Yes(_), Decision::Yes(_)) => yes,
    }
}

/// See [`super::allows_on`].
pub fn allows_on(identity: &Identity, action: &str, arn: &str) -> Decision {
    let documents = labelled(identity);
    let boundary: Vec<&Document> = identity.boundary.iter().collect();
    let resource = [Pattern::plain(arn, false)];
    let need = Need::On(&resource);
    let question = Question { action, need, lens: Lens::Here, one_kind: false, context: &identity.context };
    let ask = |documents: &[&Document]| match reach(documents, &question) {
        Reach::Allowed(by) => {
            let names: Vec<String> = by.iter().map(ToString::to_string).collect();
            Decision::Yes(format!("{} allows {action} on {arn}", names.join(", ")))
        }
        Reach::Unsure(why) => Decision::CannotTell(why),
        Reach::Not(why) => Decision::No(why),
    };
    let own = ask(&documents.iter().collect::<Vec<_>>());
    if own.is_no() || boundary.is_empty() {
        return own;
    }
    match ask(&boundary) {
        Decision::Yes(_) => own,
        Decision::No(why) => Decision::No(format!("the permissions boundary stands in the way: {why}")),
        Decision::CannotTell(why) => Decision::CannotTell(format!("permissions boundary: {why}")),
    }
}

/// The identity's documents, their statements labelled with the policy's name.
pub fn labelled(identity: &Identity) -> Vec<Document> {
    identity.policies.iter().map(|(name, document)| document.called(name)).collect()
}
