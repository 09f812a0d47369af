//! What the policies of an identity allow together, Denies and permissions boundary considered.

use super::actions;
use super::caller::Caller;
use super::condition::Literal;
use super::decision::{Decision, Identity};
use super::document::{Document, Set, Statement};
use super::limits::{Lens, Limit, limits};
use super::paths::Need;
use super::pattern::Pattern;
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

/// One action (no wildcard) on resources that `need` asks for.
pub fn reach(documents: &[&Document], action: &str, need: Need<'_>, lens: Lens) -> Reach {
    let name = action;
    let action = Pattern::action(name);
    let mut by = Vec::new();
    let mut unsure = None;
    let mut not = None;
    for allow in documents.iter().flat_map(|d| d.allows()) {
        if !allow.actions.covers(&action) {
            continue;
        }
        if !on_enough(allow, name, need, lens) {
            not.get_or_insert(format!(
                "{allow} allows {} on {} only",
                action.text(),
                allow.resources.as_ref().map(|r| r.texts().join(", ")).unwrap_or_default()
            ));
            continue;
        }
        let mut limit = None;
        let mut settled = |branch: &Branch<'_>| match limits(branch, lens) {
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
        for deny in denies.filter(|d| d.actions.covers(&action) && on_all(d, name, need)) {
            branches = subtract(branches, deny, Caller::Identity, &mut settled);
        }
        let weighed: Vec<Limit> = branches.iter().map(|b| limits(b, lens)).collect();
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

fn on_enough(allow: &Statement, action: &str, need: Need<'_>, lens: Lens) -> bool {
    let wide = |p: &Pattern| wide(p, action, need, matches!(lens, Lens::Everywhere));
    match (need, &allow.resources) {
        (_, None) => true,
        (Need::Any, Some(Set::Only(patterns))) => !patterns.is_empty(),
        (Need::On(spellings), Some(set)) => spellings.iter().any(|one| set.covers(one)),
        (_, Some(Set::Only(patterns))) => patterns.iter().any(wide),
        // Everything but a few.
        (_, Some(Set::Except(patterns))) => !patterns.iter().any(wide),
    }
}

/// Whether a Deny is on every resource, in every region; one on some leaves the others.
fn on_all(deny: &Statement, action: &str, need: Need<'_>) -> bool {
    if let (Need::On(spellings), Some(set)) = (need, &deny.resources) {
        return spellings.iter().any(|one| set.covers(one));
    }
    let kind = match need {
        Need::All(kind) if !kind.is_empty() => kind,
        _ if action.to_ascii_lowercase().starts_with("kms:") => "key/",
        _ => "",
    };
    let all = |p: &Pattern| {
        // Without a known kind `role/*` may be beside the point: only `*` is all.
        let whole = !kind.is_empty() || p.fields(6).last().is_some_and(Pattern::is_everything);
        whole && wide(p, action, Need::All(kind), true)
    };
    match &deny.resources {
        None => false,
        Some(Set::Only(patterns)) => patterns.iter().any(all),
        Some(Set::Except(patterns)) => patterns.is_empty(),
    }
}

/// Whether a resource pattern means every resource (of the kind): `*`, `arn:aws:kms:*:*:key/*`, `arn:aws:iam::1…2:role/*`.
/// An account that it names is taken for the owner's.
fn wide(pattern: &Pattern, action: &str, need: Need<'_>, every_region: bool) -> bool {
    if pattern.is_everything() {
        return true;
    }
    let fields = pattern.fields(6);
    if let Some(service) = fields.get(2).and_then(Pattern::fixed)
        && !is_for(action, &service)
    {
        return false;
    }
    let [_, _, service, region, _, resource] = &fields[..] else {
        // `arn:*`, `arn:aws:*`: fewer parts, the rest in a wildcard.
        let plain = |f: &Pattern| f.is_everything() || f.fixed().is_some();
        return fields.iter().all(plain) && fields.last().is_some_and(Pattern::is_everything);
    };
    let everywhere = region.is_everything() || region.text().is_empty();
    if every_region && !everywhere {
        return false;
    }
    match need {
        Need::All(kind) if !kind.is_empty() => resource.covers(&Pattern::wild(&format!("{kind}*"), false)),
        _ => {
            let rest = resource.text().split_once(['/', ':']).map_or(resource.text(), |(_, rest)| rest);
            // What comes first in S3's ARNs is the bucket's name, not a kind.
            let named = service.fixed().as_deref() == Some("s3");
            resource.is_everything() || resource.text() == "*/*" || (!named && rest == "*")
        }
    }
}

/// Whether ARNs of a service are what an action is used on.
pub fn is_for(action: &str, service: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let own = action.split(':').next().unwrap_or_default();
    own == service
        || match own {
            "sts" => service == "iam",
            "ssm" | "ec2-instance-connect" => service == "ec2",
            _ => false,
        }
}

/// See [`super::allows_everywhere`].
pub fn allows_everywhere(documents: &[&Document], action: &str) -> Decision {
    if Pattern::action(action).covers(&Pattern::action("*")) {
        return admin(documents);
    }
    let pattern = Pattern::action(action);
    if !pattern.has_wildcard() {
        return one(documents, action);
    }
    let mut names: Vec<String> = actions::expand(action);
    if names.is_empty() {
        // A service that the table does not know: any name stands for all.
        names.push(action.replace(['*', '?'], "-"));
    }
    let mut unsure = None;
    let mut yes = None;
    for name in &names {
        match one(documents, name) {
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

fn one(documents: &[&Document], action: &str) -> Decision {
    match reach(documents, action, Need::All(""), Lens::Everywhere) {
        Reach::Allowed(by) => {
            let names: Vec<String> = by.iter().map(ToString::to_string).collect();
            Decision::Yes(format!("{} allows {action} on every resource", names.join(", ")))
        }
        Reach::Unsure(why) => Decision::CannotTell(why),
        Reach::Not(why) => Decision::No(why),
    }
}

/// Administrator power: a statement for every action (or all but a few), on everything, of which at least one of the
/// actions is left that can give back the rest.
fn admin(documents: &[&Document]) -> Decision {
    let full = |s: &Statement| {
        let everywhere = match &s.resources {
            None => true,
            Some(Set::Only(patterns)) => {
                patterns.iter().any(|p| p.is_everything() || p.fields(6).last().is_some_and(Pattern::is_everything))
            }
            Some(Set::Except(patterns)) => !patterns.iter().any(Pattern::is_everything),
        };
        everywhere
            && match &s.actions {
                Set::Only(patterns) => patterns.iter().any(|p| p.covers(&Pattern::action("*:*"))),
                Set::Except(_) => true,
            }
    };
    let broad: Vec<Document> = documents.iter().map(|d| d.keep(|s| !s.is_allow() || full(s))).collect();
    let broad: Vec<&Document> = broad.iter().collect();
    if broad.iter().all(|d| d.allows().next().is_none()) {
        return Decision::No("no statement allows every action".into());
    }
    let mut unsure = None;
    let mut not = None;
    for (action, need) in SELF_MADE {
        match reach(&broad, action, need, Lens::Everywhere) {
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
    let own = admin(&documents);
    let Some(boundary) = &identity.boundary else {
        return own;
    };
    match (own, admin(&[boundary])) {
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
    let ask = |documents: &[&Document]| match reach(documents, action, Need::On(&resource), Lens::Here) {
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
